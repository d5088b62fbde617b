//! One-to-all shortest paths by Dijkstra's algorithm with a 4-ary heap that knows where its nodes are.

/// Marks "no arc".
pub const NO_ARC: u32 = u32::MAX;

/// Outgoing arcs of each node: those of `node` are `arc[start[node] .. start[node + 1]]`, leading to `head`.
#[derive(Clone, Debug, Default)]
pub struct ForwardStar {
    pub start: Vec<u32>,
    pub head: Vec<u32>,
    pub arc: Vec<u32>,
}

impl ForwardStar {
    /// From arc ends; keeps the order of arcs at a node. Give `to` and `from` swapped for the reversed graph.
    pub fn new(nodes: usize, from: &[u32], to: &[u32]) -> Self {
        let mut start = vec![0_u32; nodes + 1];
        for &node in from {
            start[node as usize + 1] += 1;
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut next = start.clone();
        let mut head = vec![0; from.len()];
        let mut arc = vec![0; from.len()];
        for (index, (&tail, &target)) in from.iter().zip(to).enumerate() {
            let place = next[tail as usize] as usize;
            next[tail as usize] += 1;
            head[place] = target;
            arc[place] = index as u32;
        }
        Self { start, head, arc }
    }

    pub fn nodes(&self) -> usize {
        self.start.len().saturating_sub(1)
    }
}

const NOT_IN_HEAP: u32 = u32::MAX;

/// Reusable buffers of one search.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Cost from the origin; infinite where it was not reached.
    pub distance: Vec<f64>,
    /// Arc by which the node was reached; [`NO_ARC`] at the origin and where it was not reached.
    pub by_arc: Vec<u32>,
    /// Nodes in the order in which they were settled.
    pub order: Vec<u32>,
    heap: Vec<(f64, u32)>,
    position: Vec<u32>,
}

impl Search {
    pub fn new(nodes: usize) -> Self {
        Self {
            distance: vec![f64::INFINITY; nodes],
            by_arc: vec![NO_ARC; nodes],
            order: Vec::with_capacity(nodes),
            heap: Vec::with_capacity(256),
            position: vec![NOT_IN_HEAP; nodes],
        }
    }

    fn clear(&mut self) {
        self.distance.fill(f64::INFINITY);
        self.by_arc.fill(NO_ARC);
        self.position.fill(NOT_IN_HEAP);
        self.order.clear();
        self.heap.clear();
    }

    /// All least costs from `origin`. Costs are by arc and not negative; an infinite cost closes an arc. Nodes below
    /// `first_through_node` are reached but not passed. Cost: O((nodes + arcs) · log nodes).
    pub fn run(&mut self, star: &ForwardStar, costs: &[f64], origin: u32, first_through_node: usize) {
        self.run_from(star, costs, &[(origin, 0.0)], first_through_node, f64::INFINITY);
    }

    /// As [`Self::run`] from several sources with a first cost each, up to `limit`.
    pub fn run_from(
        &mut self,
        star: &ForwardStar,
        costs: &[f64],
        sources: &[(u32, f64)],
        first_through_node: usize,
        limit: f64,
    ) {
        self.clear();
        for &(node, cost) in sources {
            if cost < self.distance[node as usize] && cost <= limit {
                self.distance[node as usize] = cost;
                self.lower(node, cost);
            }
        }
        while let Some((distance, node)) = self.pop() {
            self.order.push(node);
            let index = node as usize;
            if index < first_through_node && self.by_arc[index] != NO_ARC {
                continue;
            }
            for place in star.start[index] as usize..star.start[index + 1] as usize {
                let arc = star.arc[place];
                let reached = distance + costs[arc as usize];
                let head = star.head[place];
                if reached < self.distance[head as usize] && reached <= limit {
                    self.distance[head as usize] = reached;
                    self.by_arc[head as usize] = arc;
                    self.lower(head, reached);
                }
            }
        }
    }

    /// Puts a node into the heap or moves it up to its new cost.
    fn lower(&mut self, node: u32, cost: f64) {
        let mut place = self.position[node as usize] as usize;
        if place == NOT_IN_HEAP as usize {
            place = self.heap.len();
            self.heap.push((cost, node));
        }
        while place > 0 {
            let parent = (place - 1) / 4;
            let above = self.heap[parent];
            if above.0 <= cost {
                break;
            }
            self.heap[place] = above;
            self.position[above.1 as usize] = place as u32;
            place = parent;
        }
        self.heap[place] = (cost, node);
        self.position[node as usize] = place as u32;
    }

    fn pop(&mut self) -> Option<(f64, u32)> {
        let top = *self.heap.first()?;
        let last = self.heap.pop()?;
        let length = self.heap.len();
        if length > 0 {
            let mut place = 0;
            loop {
                let first = 4 * place + 1;
                if first >= length {
                    break;
                }
                let mut least = first;
                for child in first + 1..(first + 4).min(length) {
                    if self.heap[child].0 < self.heap[least].0 {
                        least = child;
                    }
                }
                let below = self.heap[least];
                if below.0 >= last.0 {
                    break;
                }
                self.heap[place] = below;
                self.position[below.1 as usize] = place as u32;
                place = least;
            }
            self.heap[place] = last;
            self.position[last.1 as usize] = place as u32;
        }
        // A settled node never returns: costs are not negative, so its distance cannot fall again.
        Some(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slow and plainly right.
    fn bellman_ford(nodes: usize, from: &[u32], to: &[u32], costs: &[f64], origin: u32) -> Vec<f64> {
        let mut distance = vec![f64::INFINITY; nodes];
        distance[origin as usize] = 0.0;
        for _ in 0..nodes {
            for arc in 0..from.len() {
                let reached = distance[from[arc] as usize] + costs[arc];
                if reached < distance[to[arc] as usize] {
                    distance[to[arc] as usize] = reached;
                }
            }
        }
        distance
    }

    #[test]
    fn random_graphs_agree_with_bellman_ford() {
        let mut seed = 3_u64;
        let mut random = move |limit: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % limit
        };
        for round in 0..60 {
            let nodes = 2 + random(40);
            let arcs = random(160);
            let from: Vec<u32> = (0..arcs).map(|_| random(nodes) as u32).collect();
            let to: Vec<u32> = (0..arcs).map(|_| random(nodes) as u32).collect();
            // Zero costs and equal costs included.
            let costs: Vec<f64> = (0..arcs).map(|_| random(8) as f64).collect();
            let star = ForwardStar::new(nodes, &from, &to);
            let mut search = Search::new(nodes);
            search.run(&star, &costs, 0, 0);
            assert_eq!(search.distance, bellman_ford(nodes, &from, &to, &costs, 0), "round {round}");
            let reached = search.distance.iter().filter(|d| d.is_finite()).count();
            assert_eq!(search.order.len(), reached, "each reached node settles once");
        }
    }

    #[test]
    fn centroids_are_reached_but_not_crossed() {
        // 0 → 1 → 2 with 1 a centroid, and a long way round over 3.
        let (from, to) = ([0, 1, 0, 3], [1, 2, 3, 2]);
        let star = ForwardStar::new(4, &from, &to);
        let mut search = Search::new(4);
        search.run(&star, &[1.0, 1.0, 5.0, 5.0], 0, 2);
        assert_eq!(search.distance, [0.0, 1.0, 10.0, 5.0]);
        search.run(&star, &[1.0, 1.0, 5.0, 5.0], 1, 2);
        assert_eq!(search.distance[2], 1.0, "its own trips leave it");
    }
}
