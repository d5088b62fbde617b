//! The nearest places of a kind from everywhere at once.

use super::{ModeGraph, UNREACHED, snap::Snap};

/// A monotone queue of costs (radix heap, Ahuja, Mehlhorn, Orlin and Tarjan 1990): what is put in is never less than what
/// came out last.
#[derive(Debug)]
struct RadixHeap {
    last: u32,
    buckets: [Vec<(u32, u32, u32)>; 33],
    length: usize,
}

impl RadixHeap {
    fn new() -> Self {
        Self { last: 0, buckets: std::array::from_fn(|_| Vec::new()), length: 0 }
    }

    fn push(&mut self, entry: (u32, u32, u32)) {
        self.buckets[(32 - (entry.0 ^ self.last).leading_zeros()) as usize].push(entry);
        self.length += 1;
    }

    fn pop(&mut self) -> Option<(u32, u32, u32)> {
        if self.length == 0 {
            return None;
        }
        self.length -= 1;
        if let Some(entry) = self.buckets[0].pop() {
            return Some(entry);
        }
        let full = self.buckets.iter().position(|bucket| !bucket.is_empty())?;
        let entries = std::mem::take(&mut self.buckets[full]);
        self.last = entries.iter().map(|entry| entry.0).min()?;
        for &entry in &entries {
            self.buckets[(32 - (entry.0 ^ self.last).leading_zeros()) as usize].push(entry);
        }
        // The memory is kept for the next time.
        let mut entries = entries;
        entries.clear();
        self.buckets[full] = entries;
        self.buckets[0].pop()
    }
}

/// The `k` nearest places by graph node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestPlaces {
    k: usize,
    /// `k` slots a node, nearest first: cost in milliseconds and position of the place; [`UNREACHED`] in empty ones.
    slots: Vec<(u32, u32)>,
}

impl NearestPlaces {
    /// From every node to its `k` nearest of `places` within `limit` milliseconds. Equal costs go to any of the places, the
    /// same one every time. Cost: at most `k` visits a node.
    pub fn new(graph: &ModeGraph, places: &[Snap], k: usize, limit: u32) -> Self {
        let ends = |(index, place): (usize, &Snap)| {
            place.arrivals(graph).map(move |(node, cost)| (cost, node, index as u32))
        };
        Self::run(graph, places.iter().enumerate().flat_map(ends), k, limit)
    }

    /// As [`Self::new`] for places at nodes of the graph.
    pub fn at_nodes(graph: &ModeGraph, nodes: &[u32], k: usize, limit: u32) -> Self {
        Self::run(graph, nodes.iter().enumerate().map(|(index, &node)| (0, node, index as u32)), k, limit)
    }

    /// From (cost, node, place) on.
    fn run(graph: &ModeGraph, ends: impl Iterator<Item = (u32, u32, u32)>, k: usize, limit: u32) -> Self {
        let limit = limit.min(UNREACHED - 1);
        let mut slots = vec![(UNREACHED, UNREACHED); graph.nodes() * k];
        let mut taken = vec![0_u32; graph.nodes()];
        let mut heap = RadixHeap::new();
        ends.filter(|end| end.0 <= limit).for_each(|end| heap.push(end));
        while let Some((cost, node, place)) = heap.pop() {
            let used = taken[node as usize] as usize;
            let own = &mut slots[node as usize * k..][..k];
            if used == k || own[..used].iter().any(|slot| slot.1 == place) {
                continue;
            }
            own[used] = (cost, place);
            taken[node as usize] += 1;
            for &(head, arc) in graph.incoming.at(node) {
                let reached = cost.saturating_add(arc);
                if reached <= limit && (taken[head as usize] as usize) < k {
                    heap.push((reached, head, place));
                }
            }
        }
        Self { k, slots }
    }

    /// (milliseconds, place) from a node, nearest first; at most `k`.
    pub fn at_node(&self, node: u32) -> impl Iterator<Item = (u32, u32)> {
        let slots = self.slots.get(node as usize * self.k..).unwrap_or_default();
        slots.iter().take(self.k).copied().filter(|slot| slot.0 != UNREACHED)
    }

    /// (milliseconds, place) from a place on a street, nearest first; at most `k`. `places` are those of [`Self::new`].
    pub fn from_place(&self, graph: &ModeGraph, place: &Snap, places: &[Snap]) -> Vec<(u32, u32)> {
        let mut found: Vec<(u32, u32)> = Vec::with_capacity(self.k * 2);
        for (node, cost) in place.departures(graph) {
            found.extend(self.at_node(node).map(|(more, index)| (cost.saturating_add(more), index)));
        }
        for (index, other) in places.iter().enumerate() {
            found.extend(place.along_same_link(other, graph).map(|cost| (cost, index as u32)));
        }
        found.sort_unstable();
        let mut kept: Vec<(u32, u32)> = Vec::with_capacity(self.k);
        for way in found {
            if kept.len() < self.k && kept.iter().all(|known| known.1 != way.1) {
                kept.push(way);
            }
        }
        kept
    }
}
