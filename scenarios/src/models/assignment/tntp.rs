//! The TNTP text format of the TransportationNetworks collection: `_net`, `_trips` and `_flow` files.

use std::fmt::Write as _;

use super::{AssignmentNetwork, TripTable};

/// Largest number of zones accepted: the trip table is dense.
const MAX_ZONES: usize = 6_000;
const MAX_NODES: usize = 20_000_000;

/// Why a TNTP file cannot be used. Lines are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TntpError {
    #[error(
        "expected the line <{key}> with a whole number before the data, found none; is this a {kind} file?"
    )]
    MissingKey { key: &'static str, kind: &'static str },
    #[error("expected {expected}, found \"{found}\" at line {line}")]
    Malformed { expected: &'static str, found: String, line: usize },
    #[error("expected {expected} links as <NUMBER OF LINKS> says, found {found}; was the file cut off?")]
    LinkCount { expected: usize, found: usize },
    #[error("<{key}> is {found}, more than the limit of {limit}")]
    TooLarge { key: &'static str, found: usize, limit: usize },
}

fn malformed(expected: &'static str, found: &str, line: usize) -> TntpError {
    TntpError::Malformed { expected, found: found.trim().chars().take(60).collect(), line }
}

/// The data lines with their numbers, and a look-up of the metadata before them.
struct Sections<'a> {
    metadata: Vec<(String, &'a str, usize)>,
    data: Vec<(usize, &'a str)>,
}

impl<'a> Sections<'a> {
    fn new(text: &'a str) -> Self {
        let mut metadata = Vec::new();
        let mut data = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if let Some(rest) = trimmed.strip_prefix('<') {
                if let Some((key, value)) = rest.split_once('>') {
                    metadata.push((key.trim().to_ascii_uppercase(), value.trim(), index + 1));
                }
            } else if !trimmed.is_empty() && !trimmed.starts_with('~') {
                data.push((index + 1, trimmed));
            }
        }
        Self { metadata, data }
    }

    fn number(&self, key: &'static str, kind: &'static str) -> Result<usize, TntpError> {
        let (_, value, line) = self
            .metadata
            .iter()
            .find(|(known, ..)| known == key)
            .ok_or(TntpError::MissingKey { key, kind })?;
        value
            .split_whitespace()
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or_else(|| malformed("a whole number", value, *line))
    }

    fn limited(&self, key: &'static str, kind: &'static str, limit: usize) -> Result<usize, TntpError> {
        let found = self.number(key, kind)?;
        if found > limit { Err(TntpError::TooLarge { key, found, limit }) } else { Ok(found) }
    }
}

/// Reads a `_net.tntp` file. Node numbers become positions (number − 1).
pub fn read_network(text: &str) -> Result<AssignmentNetwork, TntpError> {
    const KIND: &str = "_net.tntp";
    let sections = Sections::new(text);
    let zones = sections.limited("NUMBER OF ZONES", KIND, MAX_ZONES)?;
    let nodes = sections.limited("NUMBER OF NODES", KIND, MAX_NODES)?;
    let first_through = sections.number("FIRST THRU NODE", KIND)?;
    let links = sections.number("NUMBER OF LINKS", KIND)?;
    if zones > nodes {
        return Err(malformed("at most as many zones as nodes", &format!("{zones} zones, {nodes} nodes"), 1));
    }
    let mut network = AssignmentNetwork {
        zones,
        nodes,
        first_through_node: first_through.saturating_sub(1),
        ..AssignmentNetwork::default()
    };
    for &(line, content) in &sections.data {
        let mut words = content.split(';').next().unwrap_or_default().split_whitespace();
        let mut node = || -> Result<u32, TntpError> {
            let word = words.next().unwrap_or_default();
            let number: usize = word.parse().map_err(|_| malformed("a node number", content, line))?;
            if (1..=nodes).contains(&number) {
                Ok((number - 1) as u32)
            } else {
                Err(malformed("a node number from 1 to <NUMBER OF NODES>", word, line))
            }
        };
        let (from, to) = (node()?, node()?);
        let mut number = |expected: &'static str| -> Result<f64, TntpError> {
            let word = words.next().unwrap_or_default();
            word.parse()
                .ok()
                .filter(|v: &f64| v.is_finite())
                .ok_or_else(|| malformed(expected, content, line))
        };
        let capacity = number("a capacity as third value")?;
        let length = number("a length as fourth value")?;
        let free_flow_time = number("a free-flow time as fifth value")?;
        let b = number("B as sixth value")?;
        let power = number("a power as seventh value")?;
        let _speed = number("a speed as eighth value")?;
        let toll = number("a toll as ninth value")?;
        network.from.push(from);
        network.to.push(to);
        network.capacity.push(capacity);
        network.length.push(length);
        network.free_flow_time.push(free_flow_time);
        network.b.push(b);
        network.power.push(power);
        network.toll.push(toll);
    }
    if network.arcs() != links {
        return Err(TntpError::LinkCount { expected: links, found: network.arcs() });
    }
    Ok(network)
}

/// Reads a `_trips.tntp` file.
pub fn read_trips(text: &str) -> Result<TripTable, TntpError> {
    let sections = Sections::new(text);
    let zones = sections.limited("NUMBER OF ZONES", "_trips.tntp", MAX_ZONES)?;
    let mut table = TripTable::new(zones);
    let mut origin = None;
    let zone = |word: &str, line| -> Result<usize, TntpError> {
        let number: usize = word.trim().parse().map_err(|_| malformed("a zone number", word, line))?;
        if (1..=zones).contains(&number) {
            Ok(number - 1)
        } else {
            Err(malformed("a zone number from 1 to <NUMBER OF ZONES>", word, line))
        }
    };
    for &(line, content) in &sections.data {
        if content.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("origin")) {
            origin = Some(zone(&content[6..], line)?);
            continue;
        }
        let from = origin.ok_or_else(|| malformed("\"Origin\" before the first trips", content, line))?;
        for entry in content.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (to, value) =
                entry.split_once(':').ok_or_else(|| malformed("\"destination : trips;\"", entry, line))?;
            let to = zone(to, line)?;
            let trips: f64 = value
                .trim()
                .parse()
                .ok()
                .filter(|v: &f64| v.is_finite() && *v >= 0.0)
                .ok_or_else(|| malformed("trips of at least 0", entry, line))?;
            table.set(from, to, trips);
        }
    }
    Ok(table)
}

/// Writes a `_flow.tntp` file: one line an arc in the order of the network, numbers in full.
pub fn write_flow(network: &AssignmentNetwork, flows: &[f64], costs: &[f64]) -> String {
    let mut text = String::from("From \tTo \tVolume \tCost \n");
    for arc in 0..network.arcs().min(flows.len()).min(costs.len()) {
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{} \t{} \t{} \t{} ",
            network.from[arc] + 1,
            network.to[arc] + 1,
            flows[arc],
            costs[arc]
        );
    }
    text
}

/// Reads the volumes of a `_flow.tntp` file, as `(from, to, volume)` with positions from 0.
pub fn read_flow(text: &str) -> Result<Vec<(u32, u32, f64)>, TntpError> {
    let mut flows = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let words: Vec<&str> =
            content.split(|c: char| c.is_whitespace() || c == ';').filter(|w| !w.is_empty()).collect();
        let Some(first) = words.first() else { continue };
        if !first.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let error = || malformed("\"from to volume\"", content, index + 1);
        let node = |position: usize| -> Result<u32, TntpError> {
            let number: u32 = words.get(position).and_then(|word| word.parse().ok()).ok_or_else(error)?;
            number.checked_sub(1).ok_or_else(error)
        };
        let volume = words.get(2).and_then(|word| word.parse().ok()).ok_or_else(error)?;
        flows.push((node(0)?, node(1)?, volume));
    }
    Ok(flows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NET: &str = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> 2\n\
        <END OF METADATA>\n\n~\tinit\tterm\t;\n\t1\t3\t10\t2\t5\t0.15\t4\t50\t0\t1\t;\n 3 2 10 2 5 0.15 4 50 1.5 1;\n";

    #[test]
    fn a_network_is_read_and_its_flow_comes_back() {
        let network = read_network(NET).unwrap();
        assert_eq!((network.zones, network.nodes, network.first_through_node), (2, 3, 2));
        assert_eq!((network.from.as_slice(), network.to.as_slice()), (&[0, 2][..], &[2, 1][..]));
        assert_eq!(network.toll, [0.0, 1.5]);
        let text = write_flow(&network, &[1.25, 1.0 / 3.0], &[5.0, 6.0]);
        assert_eq!(read_flow(&text).unwrap(), [(0, 2, 1.25), (2, 1, 1.0 / 3.0)]);
    }

    #[test]
    fn faults_say_the_line_and_what_was_expected() {
        let cut = NET.rsplit_once("\n 3 2").unwrap().0;
        assert_eq!(read_network(cut), Err(TntpError::LinkCount { expected: 2, found: 1 }));
        let error = read_network(&NET.replace("3 2 10", "3 9 10")).unwrap_err().to_string();
        assert!(error.contains("line 9") && error.contains("\"9\""), "{error}");
        assert!(matches!(read_network("{}"), Err(TntpError::MissingKey { key: "NUMBER OF ZONES", .. })));
        let huge = NET.replace("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 99999999");
        assert!(matches!(read_network(&huge), Err(TntpError::TooLarge { .. })));
        assert!(read_trips("<NUMBER OF ZONES> 2\n 1 : 5;").is_err(), "trips before an origin");
        assert!(read_trips("<NUMBER OF ZONES> 2\nOrigin 1\n 3 : 5;").is_err(), "a zone that is not there");
        let trips = read_trips("<NUMBER OF ZONES> 2\nOrigin 1\n 1 : 0.0; 2 : 6.0;\nOrigin  2\n").unwrap();
        assert_eq!(trips.trips, [0.0, 6.0, 0.0, 0.0]);
    }
}
