//! GraphML street graphs, as OSMnx writes them: nodes with x and y, directed edges with OSM tags, and what people have
//! added to the nodes, such as population.
//!
//! Sources: <http://graphml.graphdrawing.org/specification.html>, OSMnx 2 `io.save_graphml`. Each directed edge becomes one
//! link that is driven forwards; walking is possible both ways.

use std::collections::HashMap;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    draft::{Draft, DraftData},
    feed_xml::{Open, Step, pairs, walk},
    input::with_checksum,
    osm::{element::Tags, street::street_from_tags},
    placement::Placement,
};
use crate::model::{
    AttributeTable, Feature, FeatureLayer, FeatureRole, Link, Modes, Node, Provenance, StreetNetwork, Value,
    network::polyline_length_m,
};

/// GraphML.
#[derive(Debug)]
pub struct GraphMlReader;

impl FormatReader for GraphMlReader {
    fn id(&self) -> &'static str {
        "graphml"
    }

    fn title(&self) -> &'static str {
        "GraphML street graph"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["graphml", "graphml.gz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        text.contains("<graphml") || text.contains(":graphml")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (graph, checksum) = with_checksum(source, || {
            let mut graph = Graph::default();
            walk(source, context, "GraphML", &mut |step, _| {
                graph.step(&step);
                Ok(())
            })?;
            Ok::<_, ReadError>(graph)
        });
        let graph = graph?;
        let refuse = |expected: &str, found: String, advice: &str| ReadError::Malformed {
            path: source.path.clone(),
            expected: expected.to_owned(),
            found,
            location: "the whole file".to_owned(),
            advice: advice.to_owned(),
        };
        if graph.nodes.is_empty() {
            return Err(refuse("a graph with nodes", "none".to_owned(), "is the export complete?"));
        }
        if !graph.keys.values().any(|key| key == "x" || key == "lon" || key == "longitude") {
            let mut names: Vec<&str> = graph.keys.values().map(String::as_str).collect();
            names.sort_unstable();
            return Err(refuse(
                "nodes with the keys x and y (or lon and lat)",
                format!("the keys {}", names.join(", ")),
                "only graphs of streets with places can be shown",
            ));
        }
        let stated = match graph.data.get("crs").filter(|text| !text.is_empty()) {
            Some(text) => Placement::parse_stated(source, text, context)?,
            None => None,
        };
        let mut draft = Draft::new(self.id(), stated);
        draft.count("nodes", graph.nodes.len());
        draft.count("edges", graph.edges.len());
        draft.features = (graph.nodes.len() + graph.edges.len()) as u64;
        draft.version = graph.data.get("created_with").cloned();
        draft.provenance = Provenance {
            source: "© OpenStreetMap contributors".to_owned(),
            licence: "ODbL-1.0".to_owned(),
            date: graph
                .data
                .get("created_date")
                .map(|date| date.chars().take(10).collect())
                .unwrap_or_default(),
            ..Provenance::default()
        };
        let (network, zones) = graph.into_layers(context)?;
        if !network.links.is_empty() {
            draft.layers.push(("streets".to_owned(), "streets".to_owned(), DraftData::Streets(network)));
        }
        draft.layers.push(("nodes".to_owned(), "nodes".to_owned(), DraftData::Features(zones)));
        draft.finish(source, checksum, context)
    }
}

type Data = Vec<(u32, String)>;

/// The graph as the file tells it.
#[derive(Default)]
struct Graph {
    /// Names of keys by the number that this reader gives them.
    keys: HashMap<u32, String>,
    numbers: HashMap<String, u32>,
    is_undirected: bool,
    /// Data of the graph itself by name.
    data: HashMap<String, String>,
    nodes: Vec<(String, Data)>,
    edges: Vec<Edge>,
    open: Inside,
    key: Option<u32>,
    pending: Data,
}

struct Edge {
    id: String,
    from: String,
    to: String,
    data: Data,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Inside {
    #[default]
    Graph,
    Node,
    Edge,
}

impl Graph {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Open(open) => self.open(open),
            Step::Close { name, text } => match *name {
                "data" => {
                    let Some(key) = self.key.take() else { return };
                    if self.open == Inside::Graph {
                        if let Some(name) = self.keys.get(&key) {
                            self.data.insert(name.clone(), (*text).to_owned());
                        }
                    } else if !text.is_empty() {
                        self.pending.push((key, (*text).to_owned()));
                    }
                }
                "node" => {
                    if let Some((_, data)) = self.nodes.last_mut() {
                        *data = std::mem::take(&mut self.pending);
                    }
                    self.open = Inside::Graph;
                }
                "edge" => {
                    if let Some(edge) = self.edges.last_mut() {
                        edge.data = std::mem::take(&mut self.pending);
                    }
                    self.open = Inside::Graph;
                }
                _ => {}
            },
        }
    }

    fn open(&mut self, open: &Open<'_>) {
        let text = |name: &str| open.attribute(name).unwrap_or_default();
        match open.name {
            "key" => {
                let (id, mut name) = (text("id"), text("attr.name"));
                if name.is_empty() {
                    name.clone_from(&id);
                }
                let number = self.numbers.len() as u32;
                let number = *self.numbers.entry(id).or_insert(number);
                self.keys.insert(number, name);
            }
            "graph" => self.is_undirected = text("edgedefault") == "undirected",
            "data" => self.key = self.numbers.get(&text("key")).copied(),
            "node" => {
                self.open = Inside::Node;
                self.pending.clear();
                self.nodes.push((text("id"), Data::new()));
            }
            "edge" => {
                self.open = Inside::Edge;
                self.pending.clear();
                self.edges.push(Edge {
                    id: text("id"),
                    from: text("source"),
                    to: text("target"),
                    data: Data::new(),
                });
            }
            _ => {}
        }
    }

    fn value<'a>(&self, data: &'a Data, name: &str) -> Option<&'a str> {
        data.iter()
            .find(|(key, _)| self.keys.get(key).is_some_and(|known| known == name))
            .map(|(_, text)| text.as_str())
    }

    fn position_of(&self, data: &Data) -> [f64; 2] {
        let number = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| self.value(data, name))
                .and_then(|text| text.parse().ok())
                .unwrap_or(f64::NAN)
        };
        [number(&["x", "lon", "longitude"]), number(&["y", "lat", "latitude"])]
    }

    fn into_layers(self, context: &mut ReadContext) -> Result<(StreetNetwork, FeatureLayer), ReadError> {
        let mut network = StreetNetwork::default();
        let mut position_of: HashMap<&str, u32> = HashMap::with_capacity(self.nodes.len());
        let (mut features, mut attributes) = (Vec::with_capacity(self.nodes.len()), AttributeTable::new());
        for (id, data) in &self.nodes {
            let position = self.position_of(data);
            if !(position[0].is_finite() && position[1].is_finite()) {
                context.report.error(
                    "node-without-place",
                    format!("node \"{id}\""),
                    "expected numbers as x and y; the node and its edges are left out",
                );
                continue;
            }
            if position_of.contains_key(id.as_str()) {
                context.report.error(
                    "duplicate-id",
                    format!("node \"{id}\""),
                    "the id was used before; the first node is kept",
                );
                continue;
            }
            position_of.insert(id, network.nodes.len() as u32);
            let has_signals =
                self.value(data, "highway").is_some_and(|text| text.contains("traffic_signals"));
            network.nodes.push(Node { id: id.clone(), position, has_signals });
            let row = features.len();
            features.push(Feature {
                id: id.clone(),
                geometry: Some(geo::Point::new(position[0], position[1]).into()),
            });
            attributes.grow(row + 1);
            for (key, text) in data {
                let name = match self.keys.get(key).map_or("", String::as_str) {
                    "" | "x" | "y" | "lon" | "lat" | "longitude" | "latitude" => continue,
                    "population_per_node" => "population",
                    "jobs_per_node" => "jobs",
                    other => other,
                };
                attributes.set(row, name, typed(text));
            }
        }
        let mut ids: HashMap<String, usize> = HashMap::new();
        for (number, edge) in self.edges.iter().enumerate() {
            if number.is_multiple_of(1024) {
                context.check_cancelled()?;
            }
            let ends = [position_of.get(edge.from.as_str()), position_of.get(edge.to.as_str())];
            let [Some(&from), Some(&to)] = ends else {
                context.report.error(
                    "node-unknown",
                    format!("edge \"{}\"", edge.id),
                    format!(
                        "expected known nodes, found \"{}\" and \"{}\"; the edge is left out",
                        edge.from, edge.to
                    ),
                );
                continue;
            };
            let Some(mut link) = self.link_of(edge, from, to, &network.nodes, context) else { continue };
            let uses = ids.entry(link.id.clone()).or_default();
            *uses += 1;
            if *uses > 1 {
                link.id = format!("{}-{uses}", link.id);
            }
            network.links.push(link);
        }
        let has_population = attributes.column("population").is_some();
        let role = if has_population { FeatureRole::Zones } else { FeatureRole::Generic };
        Ok((
            network,
            FeatureLayer { name: "nodes".to_owned(), role, features, attributes, ..FeatureLayer::default() },
        ))
    }

    fn link_of(
        &self,
        edge: &Edge,
        from: u32,
        to: u32,
        nodes: &[Node],
        context: &mut ReadContext,
    ) -> Option<Link> {
        let value = |name: &str| self.value(&edge.data, name);
        let ends = [nodes.get(from as usize)?.position, nodes.get(to as usize)?.position];
        let mut geometry = value("geometry").and_then(line_string).unwrap_or_default();
        if value("geometry").is_some() && geometry.len() < 2 {
            context.report.warn(
                "geometry",
                format!("edge \"{}\" from \"{}\" to \"{}\"", edge.id, edge.from, edge.to),
                "expected a LINESTRING of two points or more; a straight line is taken",
            );
        }
        if geometry.len() < 2 {
            geometry = ends.to_vec();
        }
        // OSMnx states the length of the street before its nodes were merged, in metres.
        let drawn = polyline_length_m(&geometry);
        let length_m = value("length")
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|stated| *stated > 0.0 && (drawn < 1.0 || (0.2..5.0).contains(&(stated / drawn))))
            .unwrap_or(f64::NAN);
        // An edge may hold several ways, whose values then stand in a list.
        let listed = |name: &str| value(name).map(|text| list(text).join(";"));
        let is_both = value("oneway")
            .is_none_or(|text| !text.contains("True") && !matches!(text, "true" | "yes" | "1"));
        let mut tags = Tags(Vec::new());
        for name in ["name", "ref", "junction", "access", "bridge", "tunnel", "width"] {
            if let Some(text) = value(name) {
                tags.0.push((name.into(), list(text).first()?.clone().into()));
            }
        }
        let highway = value("highway").and_then(|text| list(text).into_iter().next());
        tags.0.push(("highway".into(), highway.unwrap_or_else(|| "road".to_owned()).into()));
        if let Some(lanes) = value("lanes")
            .and_then(|text| list(text).iter().filter_map(|lanes| lanes.parse::<f64>().ok()).reduce(f64::min))
        {
            tags.0.push(("lanes".into(), lanes.to_string().into()));
        }
        if let Some(speed) = listed("maxspeed") {
            tags.0.push(("maxspeed".into(), speed.into()));
        }
        if !is_both {
            tags.0.push(("oneway".into(), "yes".into()));
        }
        let street = street_from_tags(&tags)?;
        // A directed graph has an edge of its own for the way back.
        let backward = if self.is_undirected { street.backward } else { street.backward & Modes::WALK };
        let way_id = value("osmid").map(|text| list(text).join(";")).unwrap_or_default();
        let imputed = value("speed_kph")
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|kmh| (3.0..=140.0).contains(kmh));
        Some(Link {
            id: format!("{}-{}-{}", way_id.split(';').next().unwrap_or_default(), edge.from, edge.to),
            way_id,
            name: street.name,
            class: street.class,
            from,
            to,
            geometry,
            length_m,
            lanes_forward: street.lanes_forward,
            lanes_backward: if backward.contains(Modes::CAR) { street.lanes_backward } else { 0 },
            width_m: street.width_m,
            speed_limit_mps: match imputed {
                Some(kmh) if !street.has_stated_speed => kmh / 3.6,
                _ => street.speed_limit_mps,
            },
            has_stated_speed: street.has_stated_speed,
            forward: street.forward,
            backward,
            is_bridge: street.is_bridge,
            is_tunnel: street.is_tunnel,
            has_cycle_track: street.has_cycle_track,
        })
    }
}

/// The items of a list as Python writes it (`['50', '80']`), or the text itself as the only one.
fn list(text: &str) -> Vec<String> {
    match text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner
            .split(',')
            .map(|item| item.trim().trim_matches(['\'', '"']).to_owned())
            .filter(|item| !item.is_empty())
            .collect(),
        None => vec![text.trim().to_owned()],
    }
}

/// "LINESTRING (1 2, 3 4)".
fn line_string(text: &str) -> Option<Vec<[f64; 2]>> {
    let inner = text.trim().strip_prefix("LINESTRING")?.trim().strip_prefix('(')?.strip_suffix(')')?;
    pairs(inner).filter(|points| points.iter().flatten().all(|value| value.is_finite()))
}

/// Numbers as numbers; texts with leading zeros stay text.
fn typed(text: &str) -> Value {
    let has_leading_zero = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    if has_leading_zero {
        return text.into();
    }
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) if number.is_finite() => number.into(),
        _ => match text {
            "True" | "true" => true.into(),
            "False" | "false" => false.into(),
            _ => text.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_lines_and_numbers_are_read_as_python_writes_them() {
        assert_eq!(list("['50', '80']"), ["50", "80"]);
        assert_eq!(list("[161587548, 978212565]"), ["161587548", "978212565"]);
        assert_eq!(list("secondary"), ["secondary"]);
        assert!(list("[]").is_empty());
        assert_eq!(line_string("LINESTRING (1 2, 3.5 4)"), Some(vec![[1.0, 2.0], [3.5, 4.0]]));
        assert_eq!(line_string("LINESTRING (1 2, nan 4)"), None);
        assert_eq!((typed("3078"), typed("0363"), typed("1.5")), (3078.into(), "0363".into(), 1.5.into()));
    }
}
