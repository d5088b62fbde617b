//! The order of contraction: nested dissection by where nodes lie. A city is cut along the straight line, in one of four
//! directions, that crosses fewest streets; the nodes at the cut come last, and both halves are cut in turn.

/// Parts up to this size are not cut further.
const SMALLEST: usize = 6;
/// A cut leaves at least this part of the nodes on either side.
const BALANCE: f64 = 0.3;

/// All nodes, the first to be contracted first. Neighbours are ascending. Deterministic.
pub(super) fn nested_dissection(positions: &[[f64; 2]], neighbours: &[Vec<u32>]) -> Vec<u32> {
    let nodes = positions.len();
    let mut cutter =
        Cutter { positions, neighbours, part_of: vec![0; nodes], place: vec![0; nodes], parts: 0 };
    let mut order = Vec::with_capacity(nodes);
    // Parts still to be cut, and separators that follow them. The order is made from its end.
    let mut stack: Vec<Vec<u32>> = vec![(0..nodes as u32).collect()];
    while let Some(part) = stack.pop() {
        if part.len() <= SMALLEST {
            order.extend(part.iter().rev());
            continue;
        }
        let (left, separator, right) = cutter.cut(part);
        order.extend(separator.iter().rev());
        stack.extend([left, right].into_iter().filter(|side| !side.is_empty()));
    }
    order.reverse();
    order
}

struct Cutter<'a> {
    positions: &'a [[f64; 2]],
    neighbours: &'a [Vec<u32>],
    /// Number of the part that a node is in.
    part_of: Vec<u32>,
    /// Place of a node in the sorting at hand.
    place: Vec<u32>,
    parts: u32,
}

impl Cutter<'_> {
    /// Two sides without a street between them, and the nodes that part them.
    fn cut(&mut self, mut nodes: Vec<u32>) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        self.parts += 1;
        for &node in &nodes {
            self.part_of[node as usize] = self.parts;
        }
        let mut best: Option<(usize, usize, usize)> = None;
        for direction in 0..4 {
            self.sort(&mut nodes, direction);
            let (crossed, split) = self.fewest_crossed(&nodes);
            if best.is_none_or(|(least, _, _)| crossed < least) {
                best = Some((crossed, direction, split));
            }
        }
        let (_, direction, split) = best.unwrap_or((0, 0, nodes.len() / 2));
        self.sort(&mut nodes, direction);
        // The side with fewer nodes at the cut gives them.
        let at_cut = |this: &Self, node: u32, is_left: bool| {
            this.neighbours[node as usize].iter().any(|&other| {
                this.part_of[other as usize] == this.parts
                    && ((this.place[other as usize] as usize) < split) != is_left
            })
        };
        let left_cut: Vec<u32> = nodes[..split].iter().copied().filter(|&n| at_cut(self, n, true)).collect();
        let right_cut: Vec<u32> =
            nodes[split..].iter().copied().filter(|&n| at_cut(self, n, false)).collect();
        let takes_left = left_cut.len() <= right_cut.len();
        let separator = if takes_left { left_cut } else { right_cut };
        for &node in &separator {
            self.part_of[node as usize] = 0;
        }
        let keep = |this: &Self, side: &[u32]| -> Vec<u32> {
            side.iter().copied().filter(|&node| this.part_of[node as usize] == this.parts).collect()
        };
        (keep(self, &nodes[..split]), separator, keep(self, &nodes[split..]))
    }

    fn sort(&mut self, nodes: &mut [u32], direction: usize) {
        let along = |node: u32| {
            let [x, y] = self.positions[node as usize];
            match direction {
                0 => x,
                1 => y,
                2 => x + y,
                _ => x - y,
            }
        };
        nodes.sort_unstable_by(|&a, &b| along(a).total_cmp(&along(b)).then(a.cmp(&b)));
        for (place, &node) in nodes.iter().enumerate() {
            self.place[node as usize] = place as u32;
        }
    }

    /// Streets crossed and nodes before the best cut of the sorted nodes.
    fn fewest_crossed(&self, nodes: &[u32]) -> (usize, usize) {
        let least = ((nodes.len() as f64 * BALANCE) as usize).max(1);
        let most = nodes.len() - least;
        let mut crossed = 0_isize;
        let mut best = (isize::MAX, nodes.len() / 2);
        for (place, &node) in nodes.iter().enumerate() {
            for &other in &self.neighbours[node as usize] {
                if self.part_of[other as usize] == self.parts {
                    crossed += if (self.place[other as usize] as usize) < place { -1 } else { 1 };
                }
            }
            let split = place + 1;
            if split >= least && split <= most && crossed < best.0 {
                best = (crossed, split);
            }
        }
        (best.0.max(0) as usize, best.1)
    }
}
