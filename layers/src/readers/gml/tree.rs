//! One feature as a small tree, in buffers that are used again for the next.

use std::ops::Range;

/// Elements that one feature may have.
const MAX_NODES: usize = 4_000_000;
/// Text that one feature may hold, bytes.
const MAX_TEXT: usize = 256 << 20;

/// Position of an element in its [`Tree`].
pub(super) type NodeId = u32;

const NONE: NodeId = NodeId::MAX;

#[derive(Debug)]
struct Node {
    name: Range<usize>,
    text: Range<usize>,
    attributes: Range<usize>,
    is_gml: bool,
    first_child: NodeId,
    last_child: NodeId,
    next: NodeId,
}

/// An element tree. Texts and names lie in one buffer; positions are only handed out by the tree itself.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    text: String,
    attributes: Vec<(Range<usize>, Range<usize>)>,
    /// Elements that are open, outermost first.
    open: Vec<NodeId>,
}

impl Tree {
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.text.clear();
        self.attributes.clear();
        self.open.clear();
    }

    /// Opens an element. `false` when the feature has grown beyond the limit.
    pub fn start(&mut self, name: &str, is_gml: bool) -> bool {
        if self.nodes.len() >= MAX_NODES || self.text.len() >= MAX_TEXT {
            return false;
        }
        let id = self.nodes.len() as NodeId;
        let name = self.push_text(name);
        let at = self.text.len();
        let attributes = self.attributes.len()..self.attributes.len();
        self.nodes.push(Node {
            name,
            text: at..at,
            attributes,
            is_gml,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
        });
        if let Some(&parent) = self.open.last() {
            let before = self.nodes.get_mut(parent as usize).map(|parent| {
                let before = parent.last_child;
                parent.last_child = id;
                if before == NONE {
                    parent.first_child = id;
                }
                before
            });
            if let Some(before) = before.and_then(|before| self.nodes.get_mut(before as usize)) {
                before.next = id;
            }
        }
        self.open.push(id);
        true
    }

    /// Adds an attribute to the element opened last; call it before any text or child.
    pub fn attribute(&mut self, name: &str, value: &str) {
        let name = self.push_text(name);
        let value = self.push_text(value);
        self.attributes.push((name, value));
        let (end, at) = (self.attributes.len(), self.text.len());
        if let Some(node) = self.nodes.last_mut() {
            node.attributes.end = end;
            node.text = at..at;
        }
    }

    /// Adds text to the innermost open element; text between child elements is layout and left out.
    pub fn push(&mut self, text: &str) -> bool {
        if self.text.len().saturating_add(text.len()) > MAX_TEXT {
            return false;
        }
        let at = self.text.len();
        let Some(node) = self.open.last().and_then(|&id| self.nodes.get_mut(id as usize)) else {
            return true;
        };
        if node.first_child == NONE && (node.text.end == at || node.text.is_empty()) {
            node.text = if node.text.is_empty() { at..at } else { node.text.clone() };
            self.text.push_str(text);
            node.text.end = self.text.len();
        }
        true
    }

    pub fn end(&mut self) {
        self.open.pop();
    }

    fn push_text(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    pub const ROOT: NodeId = 0;

    pub fn name(&self, id: NodeId) -> &str {
        self.nodes.get(id as usize).and_then(|node| self.text.get(node.name.clone())).unwrap_or_default()
    }

    /// Trimmed.
    pub fn text(&self, id: NodeId) -> &str {
        self.nodes
            .get(id as usize)
            .and_then(|node| self.text.get(node.text.clone()))
            .unwrap_or_default()
            .trim()
    }

    /// Whether the element is in one of GML's namespaces.
    pub fn is_gml(&self, id: NodeId) -> bool {
        self.nodes.get(id as usize).is_some_and(|node| node.is_gml)
    }

    pub fn has_children(&self, id: NodeId) -> bool {
        self.nodes.get(id as usize).is_some_and(|node| node.first_child != NONE)
    }

    /// By the attribute's local name, trimmed.
    pub fn attribute_of(&self, id: NodeId, name: &str) -> Option<&str> {
        self.attribute_as_written(id, name).map(str::trim)
    }

    /// By the attribute's local name, with its blanks.
    pub fn attribute_as_written(&self, id: NodeId, name: &str) -> Option<&str> {
        let node = self.nodes.get(id as usize)?;
        let attributes = self.attributes.get(node.attributes.clone())?;
        let (_, value) = attributes.iter().find(|(key, _)| self.text.get(key.clone()) == Some(name))?;
        self.text.get(value.clone())
    }

    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let first = self.nodes.get(id as usize).map_or(NONE, |node| node.first_child);
        std::iter::successors((first != NONE).then_some(first), |&id| {
            let next = self.nodes.get(id as usize).map_or(NONE, |node| node.next);
            (next != NONE).then_some(next)
        })
    }

    /// The value of attribute `name` on the element or, in document order, the first element below it.
    pub fn first_attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        // Ids grow in document order, and everything below an element comes before its next sibling.
        let end = self.end_of(id);
        (id..end).find_map(|id| self.attribute_of(id, name))
    }

    /// One beyond the last element below `id`.
    fn end_of(&self, id: NodeId) -> NodeId {
        let mut last = id;
        while let Some(child) =
            self.nodes.get(last as usize).map(|node| node.last_child).filter(|&c| c != NONE)
        {
            last = child;
        }
        last + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_remembers_names_texts_and_order() {
        let mut tree = Tree::default();
        for _ in 0..2 {
            tree.clear();
            assert!(tree.start("Pand", false));
            tree.attribute("id", "p1");
            assert!(tree.push("\n  "));
            assert!(tree.start("status", false) && tree.push(" be") && tree.push("staand "));
            tree.end();
            assert!(tree.push("\n") && tree.start("leeg", false));
            tree.attribute("srsName", "EPSG:28992");
            tree.end();
            tree.end();
            assert_eq!((tree.name(Tree::ROOT), tree.text(Tree::ROOT)), ("Pand", ""));
            assert_eq!(tree.attribute_of(Tree::ROOT, "id"), Some("p1"));
            let children: Vec<(&str, &str)> =
                tree.children(Tree::ROOT).map(|id| (tree.name(id), tree.text(id))).collect();
            assert_eq!(children, [("status", "bestaand"), ("leeg", "")]);
            assert_eq!(tree.first_attribute(Tree::ROOT, "srsName"), Some("EPSG:28992"));
            assert_eq!(tree.first_attribute(1, "srsName"), None);
        }
    }
}
