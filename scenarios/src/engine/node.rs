//! What a node is: a model's output, what it reads, and how it is computed.

use std::sync::Arc;

use super::{Part, memo::Stored, run::Given};
use crate::indicators::{IndicatorDefinition, Statement};

/// Why a node has no output.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeError {
    Cancelled,
    /// In words for people; everything that reads the node says the same.
    Failed(Box<Statement>),
}

impl NodeError {
    pub fn failed(statement: Statement) -> Self {
        Self::Failed(Box::new(statement))
    }
}

/// Something that a node reads. Everything reads the baseline, by its fingerprint.
#[derive(Clone, Copy)]
pub enum Read {
    Node(NodeEntry),
    /// What the scenario changes in this part.
    Part(Part),
    /// How exact the answer is asked for.
    Quality,
}

/// An output of a model. The type is the node; what it reads decides when it is computed again.
///
/// Adding one: implement this in a file of `engine/nodes` and add its [`Node::ENTRY`] to [`super::NODES`]. Nothing else
/// changes: nodes and indicators that want it name it in their reads.
pub trait Node: Send + Sync + Sized + 'static {
    /// Stable kebab-case name; `model-<name>` is its text for the status line.
    const NAME: &'static str;
    /// Counts up when the same inputs give another output.
    const VERSION: u32 = 1;
    /// Whether it belongs to the baseline and is kept longest.
    const KEEPS: bool = false;
    /// Share of the work, for progress: about milliseconds on a city of 100,000 links.
    const WORK: u32 = 1;

    const ENTRY: NodeEntry = NodeEntry {
        name: Self::NAME,
        version: Self::VERSION,
        keeps: Self::KEEPS,
        work: Self::WORK,
        reads: Self::reads,
        body: Body::Node(compute_erased::<Self>),
    };

    /// All that it reads; [`Given`] refuses what is not in here.
    fn reads() -> Vec<Read>;
    fn compute(given: &Given) -> Result<Self, NodeError>;
    /// Its size in memory, about.
    fn bytes(&self) -> usize;
}

/// A node without its type.
#[derive(Clone, Copy)]
pub struct NodeEntry {
    pub name: &'static str,
    pub version: u32,
    pub keeps: bool,
    pub work: u32,
    pub reads: fn() -> Vec<Read>,
    pub(super) body: Body,
}

/// How an entry is computed.
#[derive(Clone, Copy)]
pub(super) enum Body {
    Node(fn(&Given) -> Result<(Stored, usize), NodeError>),
    Indicator(&'static IndicatorDefinition),
}

fn compute_erased<N: Node>(given: &Given) -> Result<(Stored, usize), NodeError> {
    let output = N::compute(given)?;
    let bytes = output.bytes().max(size_of::<N>());
    Ok((Arc::new(output), bytes))
}

impl NodeEntry {
    /// The entry of an indicator: one more node of the graph.
    pub fn of_indicator(definition: &'static IndicatorDefinition) -> Self {
        Self {
            name: definition.text_key,
            version: 1,
            keeps: false,
            work: 20,
            reads: definition.reads,
            body: Body::Indicator(definition),
        }
    }

    /// All parts of the scenario that it depends on, through whatever nodes; ascending.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = (self.reads)()
            .into_iter()
            .flat_map(|read| match read {
                Read::Part(part) => vec![part],
                Read::Node(node) => node.parts(),
                Read::Quality => Vec::new(),
            })
            .collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }
}

impl std::fmt::Debug for NodeEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeEntry")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
