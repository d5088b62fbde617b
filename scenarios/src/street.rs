//! Streets as people see them: runs of links that carry one name.

use std::collections::VecDeque;

use layers::model::{LinkClass, StreetNetwork};

/// Links at each node.
struct Incidence {
    start: Vec<u32>,
    links: Vec<u32>,
}

impl Incidence {
    fn new(network: &StreetNetwork) -> Self {
        let nodes = network.nodes.len();
        let ends = |link: &layers::model::Link| {
            let (from, to) = (link.from as usize, link.to as usize);
            [Some(from), (to != from).then_some(to)].into_iter().flatten().filter(move |&n| n < nodes)
        };
        let mut start = vec![0_u32; nodes + 1];
        for link in &network.links {
            for node in ends(link) {
                start[node + 1] += 1;
            }
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut next = start.clone();
        let mut links = vec![0; start[nodes] as usize];
        for (index, link) in network.links.iter().enumerate() {
            for node in ends(link) {
                links[next[node] as usize] = index as u32;
                next[node] += 1;
            }
        }
        Self { start, links }
    }

    fn at(&self, node: usize) -> impl Iterator<Item = usize> {
        let range = match (self.start.get(node), self.start.get(node + 1)) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            _ => 0..0,
        };
        self.links[range].iter().map(|&link| link as usize)
    }
}

/// Same name, or for streets without a name the same way in the source.
fn is_same_street(network: &StreetNetwork, a: usize, b: usize) -> bool {
    let (a, b) = (&network.links[a], &network.links[b]);
    if a.name.is_empty() && b.name.is_empty() { a.way_id == b.way_id } else { a.name == b.name }
}

/// Whether a link makes a crossing with the street it meets: carriageways do, yards, paths and footways do not.
fn makes_crossing(class: LinkClass) -> bool {
    class.is_carriageway() && class != LinkClass::Service
}

/// The run of links of one street through `link` up to the next real crossings, in order along the street.
///
/// A crossing is real where a carriageway of another street meets, or where the street itself forks. A link outside the
/// network gives an empty run. Cost: linear in links (builds the incidence lists once).
pub fn street_between_crossings(network: &StreetNetwork, link: usize) -> Vec<usize> {
    let Some(first) = network.links.get(link) else { return Vec::new() };
    let incidence = Incidence::new(network);
    let walk = |mut node: usize, taken: &mut Vec<usize>| {
        let mut current = link;
        let mut run = Vec::new();
        loop {
            let others =
                || incidence.at(node).filter(|&l| l != current && makes_crossing(network.links[l].class));
            let mut next = others();
            let (Some(candidate), None) = (next.next(), next.next()) else { break };
            // A pedestrian street continues through side paths that are not carriageways; its own kind counts as well.
            if !is_same_street(network, link, candidate) || taken.contains(&candidate) {
                break;
            }
            run.push(candidate);
            taken.push(candidate);
            let l = &network.links[candidate];
            node = if l.from as usize == node { l.to as usize } else { l.from as usize };
            current = candidate;
        }
        run
    };
    let mut taken = vec![link];
    let mut run = walk(first.from as usize, &mut taken);
    run.reverse();
    run.push(link);
    run.extend(walk(first.to as usize, &mut taken));
    run
}

/// All connected links of the street that `link` is part of, ascending.
pub fn whole_street(network: &StreetNetwork, link: usize) -> Vec<usize> {
    if link >= network.links.len() {
        return Vec::new();
    }
    let incidence = Incidence::new(network);
    let mut is_taken = vec![false; network.links.len()];
    is_taken[link] = true;
    let mut queue = VecDeque::from([link]);
    let mut street = vec![link];
    while let Some(current) = queue.pop_front() {
        for node in [network.links[current].from, network.links[current].to] {
            for next in incidence.at(node as usize) {
                if !is_taken[next] && is_same_street(network, link, next) {
                    is_taken[next] = true;
                    street.push(next);
                    queue.push_back(next);
                }
            }
        }
    }
    street.sort_unstable();
    street
}
