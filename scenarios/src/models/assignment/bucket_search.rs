//! Least costs from one or many nodes to all others with nodes in buckets by cost instead of in a heap (Dial 1969; inside a
//! bucket Δ-stepping, Meyer & Sanders 2003). Gives the same bits as [`super::shortest_path::Search`] two to three times as fast, but no
//! ways.

use super::shortest_path::ForwardStar;

/// Most buckets; costs that vary more share them.
const MOST_BUCKETS: f64 = 8192.0;

/// Reusable buffers of searches with the same costs.
#[derive(Clone, Debug)]
pub struct BucketSearch {
    /// Cost from the sources; infinite where the limit came first.
    pub distance: Vec<f64>,
    /// Buckets per unit of cost.
    scale: f64,
    /// Bucket `floor(cost · scale)`, round and round: (cost when it was put there, node).
    buckets: Vec<Vec<(f64, u32)>>,
    current: Vec<(f64, u32)>,
    seeds: Vec<(f64, u32)>,
}

impl BucketSearch {
    /// For `nodes` and these costs by arc: not negative, infinite where closed.
    pub fn new(nodes: usize, costs: &[f64]) -> Self {
        let (mut sum, mut count, mut most) = (0.0, 0.0, 0.0_f64);
        for &cost in costs.iter().filter(|cost| cost.is_finite()) {
            sum += cost;
            count += 1.0;
            most = most.max(cost);
        }
        // Half a mean arc: few nodes are looked at twice, and few buckets are empty.
        let width = (0.5 * sum / f64::max(count, 1.0)).max(most / MOST_BUCKETS).max(f64::MIN_POSITIVE);
        let buckets = ((most / width) as usize + 2).next_power_of_two();
        Self {
            distance: vec![f64::INFINITY; nodes],
            scale: 1.0 / width,
            buckets: vec![Vec::new(); buckets],
            current: Vec::new(),
            seeds: Vec::new(),
        }
    }

    /// All least costs from `origin`. Nodes below `first_through_node` are reached but not passed.
    pub fn run(&mut self, star: &ForwardStar, costs: &[f64], origin: u32, first_through_node: usize) {
        self.run_from(star, costs, &[(origin, 0.0)], first_through_node, f64::INFINITY);
    }

    /// All least costs from several sources with a first cost each, up to `limit`. `costs` are those of [`Self::new`].
    /// Nodes below `first_through_node` are reached but not passed.
    pub fn run_from(
        &mut self,
        star: &ForwardStar,
        costs: &[f64],
        sources: &[(u32, f64)],
        first_through_node: usize,
        limit: f64,
    ) {
        self.distance.fill(f64::INFINITY);
        self.seeds.clear();
        let near = sources.iter().filter(|source| source.1 <= limit && source.1.is_finite());
        self.seeds.extend(near.map(|&(node, cost)| (cost, node)));
        // Last first: they are taken from the end.
        self.seeds.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        let mask = self.buckets.len() as u64 - 1;
        let scale = self.scale;
        let bucket_of = |cost: f64| (cost * scale) as u64;
        let (mut waiting, mut bucket) = (0_usize, 0_u64);
        loop {
            if waiting == 0 {
                let Some(&(cost, _)) = self.seeds.last() else { break };
                bucket = bucket_of(cost);
            }
            while let Some(&(cost, node)) = self.seeds.last().filter(|seed| bucket_of(seed.0) <= bucket) {
                self.seeds.pop();
                if cost < self.distance[node as usize] {
                    self.distance[node as usize] = cost;
                    self.buckets[(bucket & mask) as usize].push((cost, node));
                    waiting += 1;
                }
            }
            // A bucket fills while it is emptied when an arc is shorter than it is wide.
            while !self.buckets[(bucket & mask) as usize].is_empty() {
                std::mem::swap(&mut self.current, &mut self.buckets[(bucket & mask) as usize]);
                waiting -= self.current.len();
                for &(cost, node) in &self.current {
                    let ends_here = |node: u32| {
                        (node as usize) < first_through_node && sources.iter().all(|source| source.0 != node)
                    };
                    if self.distance[node as usize] != cost || ends_here(node) {
                        continue;
                    }
                    let own = star.start[node as usize] as usize..star.start[node as usize + 1] as usize;
                    for (&head, &arc) in star.head[own.clone()].iter().zip(&star.arc[own]) {
                        let reached = cost + costs[arc as usize];
                        if reached < self.distance[head as usize] && reached <= limit {
                            self.distance[head as usize] = reached;
                            self.buckets[(bucket_of(reached) & mask) as usize].push((reached, head));
                            waiting += 1;
                        }
                    }
                }
                self.current.clear();
            }
            bucket += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::assignment::shortest_path::Search;

    #[test]
    fn the_bits_are_those_of_dijkstra() {
        let mut seed = 5_u64;
        let mut random = move |limit: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % limit
        };
        for round in 0..200 {
            let nodes = 1 + random(80);
            let arcs = random(300);
            let from: Vec<u32> = (0..arcs).map(|_| random(nodes) as u32).collect();
            let to: Vec<u32> = (0..arcs).map(|_| random(nodes) as u32).collect();
            let mut cost = || match random(12) {
                0 => 0.0,
                1 => f64::INFINITY,
                2 => 1e6 * random(100) as f64,
                _ => 0.1 * random(1000) as f64,
            };
            let costs: Vec<f64> = (0..arcs).map(|_| cost()).collect();
            let star = ForwardStar::new(nodes, &from, &to);
            let sources: Vec<(u32, f64)> =
                (0..random(4)).map(|_| (random(nodes) as u32, 7.3 * random(90) as f64)).collect();
            let first_through = random(4);
            let sources: Vec<(u32, f64)> =
                if first_through > 0 { sources.into_iter().take(1).collect() } else { sources };
            let limit = if random(2) == 0 { f64::INFINITY } else { random(400) as f64 };
            let mut expected = Search::new(nodes);
            expected.run_from(&star, &costs, &sources, first_through, limit);
            let mut search = BucketSearch::new(nodes, &costs);
            for _ in 0..2 {
                search.run_from(&star, &costs, &sources, first_through, limit);
                assert_eq!(search.distance, expected.distance, "round {round}");
            }
        }
    }
}
