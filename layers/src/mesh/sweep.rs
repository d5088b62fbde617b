//! Large outlines to triangles: one sweep from left to right over whole numbers, O(n log n) whatever the outline looks
//! like, and a proof at the end instead of trust.
//!
//! The parts between the lines that the sweep meets are kept as monotone chains (Garey, Johnson, Preparata and Tarjan
//! 1978; de Berg et al., *Computational Geometry*, chapter 3), cut into triangles while it goes. Inside is what lies
//! behind an odd number of lines, so holes need no order and no direction. Lines that touch in points, lie on each other
//! or stand on another's middle are dealt with; lines that cross are noticed and are another's task.

use std::{cmp::Ordering, collections::HashMap};

/// Outlines on whole numbers below 2^30, so that every test of sides is exact in 64 bits.
pub type Whole = [i64; 2];

/// The outline crosses itself: no triangulation of its corners alone exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crosses;

/// Twice the area of a triangle, positive for anticlockwise ones.
fn turn(a: Whole, b: Whole, c: Whole) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Twice the area of a ring without its sign.
fn area_of(ring: &[Whole]) -> i128 {
    let Some(&first) = ring.first() else { return 0 };
    ring.windows(2).map(|pair| i128::from(turn(first, pair[0], pair[1]))).sum::<i128>().abs()
}

/// Triangles of a polygon (outer ring, holes; not closed), anticlockwise, as corner numbers into the concatenated rings.
/// Of corners at one place the first is named. What comes out covers exactly the area of the outer ring less the holes.
pub fn triangulate(rings: &[Vec<Whole>]) -> Result<Vec<u32>, Crosses> {
    let mut sweep = Sweep::new(rings);
    for rank in 0..sweep.places.len() as u32 {
        sweep.visit(rank)?;
    }
    let outer = rings.first().map_or(0, |ring| area_of(ring));
    let holes: i128 = rings.iter().skip(1).map(|ring| area_of(ring)).sum();
    // Triangles that all turn one way and together are as large as the polygon lie beside each other, inside it.
    if sweep.doubled_area != outer - holes {
        return Err(Crosses);
    }
    Ok(sweep.triangles)
}

#[derive(Clone, Copy)]
struct Edge {
    left: u32,
    right: u32,
}

/// A line that the sweep crosses now, and the part above it.
#[derive(Clone, Copy)]
struct Active {
    edge: Edge,
    above: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Lower,
    Upper,
}

/// The corners of a monotone part that wait for their triangles; the last is the newest, the first lies on the other
/// side. They bend away from the inside, else they would have been cut off.
struct Chain {
    corners: Vec<u32>,
    side: Side,
}

/// What lies between two neighbouring lines: one chain, or two that met at a corner and wait for the next one to be told
/// apart.
struct Part {
    low: Chain,
    high: Option<Chain>,
}

struct Sweep {
    /// Different places in the order of the sweep.
    places: Vec<Whole>,
    /// The corner that stands for each place.
    corners: Vec<u32>,
    /// Lines in the order of the places where they begin, and how many have begun.
    starts: Vec<Edge>,
    started: usize,
    /// What is left of lines that lay on others, by the place where it begins.
    late: HashMap<u32, Vec<Edge>>,
    /// Lines that end at each place.
    ends: Vec<u32>,
    status: Status,
    parts: Vec<Option<Part>>,
    free: Vec<u32>,
    triangles: Vec<u32>,
    doubled_area: i128,
}

impl Sweep {
    fn new(rings: &[Vec<Whole>]) -> Self {
        let mut sorted: Vec<(Whole, u32)> =
            rings.iter().flatten().enumerate().map(|(corner, &place)| (place, corner as u32)).collect();
        sorted.sort_unstable();
        let mut rank_of = vec![0_u32; sorted.len()];
        let (mut places, mut corners) = (Vec::new(), Vec::new());
        for (place, corner) in sorted {
            if places.last() != Some(&place) {
                places.push(place);
                corners.push(corner);
            }
            rank_of[corner as usize] = places.len() as u32 - 1;
        }
        let mut edges: Vec<(u32, u32)> = Vec::with_capacity(rank_of.len());
        let mut first = 0;
        for ring in rings {
            for index in 0..ring.len() {
                let (a, b) = (rank_of[first + index], rank_of[first + (index + 1) % ring.len()]);
                if a != b {
                    edges.push((a.min(b), a.max(b)));
                }
            }
            first += ring.len();
        }
        edges.sort_unstable();
        let mut starts: Vec<Edge> = Vec::with_capacity(edges.len());
        let mut ends = vec![0; places.len()];
        for same in edges.chunk_by(|a, b| a == b) {
            // A line there and back encloses nothing.
            if let (true, Some(&(left, right))) = (same.len() % 2 == 1, same.first()) {
                starts.push(Edge { left, right });
                ends[right as usize] += 1;
            }
        }
        Self {
            places,
            corners,
            starts,
            started: 0,
            late: HashMap::new(),
            ends,
            status: Status::default(),
            parts: Vec::new(),
            free: Vec::new(),
            triangles: Vec::new(),
            doubled_area: 0,
        }
    }

    fn place(&self, rank: u32) -> Whole {
        self.places.get(rank as usize).copied().unwrap_or_default()
    }

    /// Above 0 when `point` lies above the line.
    fn side_of(&self, edge: Edge, point: Whole) -> i64 {
        turn(self.place(edge.left), self.place(edge.right), point)
    }

    fn visit(&mut self, rank: u32) -> Result<(), Crosses> {
        let point = self.place(rank);
        let places = &self.places;
        let below = |edge: Edge| turn(places[edge.left as usize], places[edge.right as usize], point) > 0;
        let at = self.status.lower_bound(below);
        let mut ended: Vec<Active> = Vec::new();
        let mut starting = self.late.remove(&rank).unwrap_or_default();
        while let Some(&edge) = self.starts.get(self.started).filter(|edge| edge.left == rank) {
            starting.push(edge);
            self.started += 1;
        }
        let mut ends = 0;
        while let Some(active) = self.status.get(at) {
            if self.side_of(active.edge, point) != 0 {
                break;
            }
            match active.edge.right.cmp(&rank) {
                Ordering::Equal => ends += 1,
                // The point stands on the middle of a line: it ends here and goes on.
                Ordering::Greater => starting.push(Edge { left: rank, right: active.edge.right }),
                Ordering::Less => return Err(Crosses),
            }
            self.status.remove(at);
            ended.push(active);
        }
        if ends != self.ends[rank as usize] {
            return Err(Crosses);
        }
        self.order(&mut starting, point);
        let before = self.status.before(at);
        let low = before.and_then(|place| self.status.get(place)).and_then(|active| active.above);
        let high = ended.last().map_or(low, |active| active.above);
        if low.is_some() != high.is_some() && starting.len().is_multiple_of(2) {
            return Err(Crosses);
        }
        for pair in ended.windows(2) {
            if let Some(part) = pair[0].above {
                self.close(part, rank)?;
            }
        }
        let (mut low_now, mut high_now) = (low, high);
        if ended.is_empty() {
            if let Some(part) = low {
                if starting.is_empty() {
                    // Lines that cancelled each other left a place without lines.
                    return Ok(());
                }
                let (a, b) = self.split(part, rank)?;
                (low_now, high_now) = (Some(a), Some(b));
            }
        } else {
            if let Some(part) = low {
                self.add(part, Side::Upper, rank)?;
            }
            if let Some(part) = high {
                self.add(part, Side::Lower, rank)?;
            }
            if let (true, Some(a), Some(b)) = (starting.is_empty(), low, high) {
                self.join(a, b);
                (low_now, high_now) = (Some(a), Some(a));
            }
        }
        if let Some(place) = before {
            self.status.set_above(place, low_now);
        }
        let mut inside = low_now.is_some();
        let last = starting.len().saturating_sub(1);
        let mut actives = Vec::with_capacity(starting.len());
        for (number, edge) in starting.into_iter().enumerate() {
            inside = !inside;
            let above = match (number == last, inside) {
                (true, _) => high_now,
                (false, true) => Some(self.new_part(vec![rank])),
                (false, false) => None,
            };
            if above.is_some() != inside {
                return Err(Crosses);
            }
            actives.push(Active { edge, above });
        }
        self.status.insert(at, &actives);
        Ok(())
    }

    /// Sorts lines that begin at a point from the lowest to the highest. Two that lie on each other cancel as far as both
    /// go; the rest of the longer begins where the shorter ends.
    fn order(&mut self, starting: &mut Vec<Edge>, point: Whole) {
        let places = &self.places;
        starting.sort_by(|a, b| {
            turn(point, places[b.right as usize], places[a.right as usize])
                .cmp(&0)
                .then(a.right.cmp(&b.right))
        });
        let mut kept: Vec<Edge> = Vec::with_capacity(starting.len());
        for edge in std::mem::take(starting) {
            let lies_on = kept
                .last()
                .filter(|last| turn(point, self.place(last.right), self.place(edge.right)) == 0)
                .copied();
            let Some(shorter) = lies_on else {
                kept.push(edge);
                continue;
            };
            kept.pop();
            self.ends[shorter.right as usize] -= 1;
            if shorter.right == edge.right {
                self.ends[edge.right as usize] -= 1;
            } else {
                let rest = Edge { left: shorter.right, right: edge.right };
                self.late.entry(shorter.right).or_default().push(rest);
            }
        }
        *starting = kept;
    }

    fn new_part(&mut self, corners: Vec<u32>) -> u32 {
        self.keep(Part { low: Chain { corners, side: Side::Lower }, high: None })
    }

    fn keep(&mut self, part: Part) -> u32 {
        if let Some(free) = self.free.pop() {
            self.parts[free as usize] = Some(part);
            return free;
        }
        self.parts.push(Some(part));
        self.parts.len() as u32 - 1
    }

    fn take(&mut self, number: u32) -> Result<Part, Crosses> {
        self.free.push(number);
        self.parts.get_mut(number as usize).and_then(Option::take).ok_or(Crosses)
    }

    /// A part ends at a corner, which lies on both of its sides.
    fn close(&mut self, number: u32, corner: u32) -> Result<(), Crosses> {
        let part = self.take(number)?;
        for mut chain in [Some(part.low), part.high].into_iter().flatten() {
            self.fan(&mut chain, corner)?;
        }
        Ok(())
    }

    /// A corner on one side of a part.
    fn add(&mut self, number: u32, side: Side, corner: u32) -> Result<(), Crosses> {
        let mut part = self.parts.get_mut(number as usize).and_then(Option::take).ok_or(Crosses)?;
        if let Some(mut high) = part.high.take() {
            // The corner is joined to the one where both chains met; the chain on its side ends here.
            match side {
                Side::Upper => self.fan(&mut high, corner)?,
                Side::Lower => {
                    self.fan(&mut part.low, corner)?;
                    part.low = high;
                }
            }
        }
        self.extend(&mut part.low, side, corner)?;
        self.parts[number as usize] = Some(part);
        Ok(())
    }

    /// A corner in the middle of a part, where lines begin: the parts below and above it.
    fn split(&mut self, number: u32, corner: u32) -> Result<(u32, u32), Crosses> {
        let Part { mut low, high } = self.take(number)?;
        let high = if let Some(mut high) = high {
            self.extend(&mut low, Side::Upper, corner)?;
            self.extend(&mut high, Side::Lower, corner)?;
            high
        } else {
            // The newest corner sees this one: nothing lies between.
            let seen = *low.corners.last().ok_or(Crosses)?;
            if low.side == Side::Upper {
                self.extend(&mut low, Side::Upper, corner)?;
                Chain { corners: vec![seen, corner], side: Side::Lower }
            } else {
                let mut high = Chain { corners: vec![seen, corner], side: Side::Upper };
                std::mem::swap(&mut low, &mut high);
                self.extend(&mut high, Side::Lower, corner)?;
                high
            }
        };
        let a = self.keep(Part { low, high: None });
        let b = self.keep(Part { low: high, high: None });
        Ok((a, b))
    }

    /// Two parts become one behind a corner that both have as their newest.
    fn join(&mut self, lower: u32, upper: u32) {
        let high = self.parts.get_mut(upper as usize).and_then(Option::take).map(|part| part.low);
        self.free.push(upper);
        if let Some(Some(part)) = self.parts.get_mut(lower as usize) {
            part.high = high;
        }
    }

    fn extend(&mut self, chain: &mut Chain, side: Side, corner: u32) -> Result<(), Crosses> {
        if chain.corners.len() == 1 {
            chain.side = side;
            chain.corners.push(corner);
            return Ok(());
        }
        if chain.side != side {
            return self.fan(chain, corner);
        }
        while let [.., a, b] = chain.corners[..] {
            let turns = turn(self.place(a), self.place(b), self.place(corner));
            if if side == Side::Lower { turns <= 0 } else { turns >= 0 } {
                break;
            }
            self.push(if side == Side::Lower { [a, b, corner] } else { [a, corner, b] })?;
            chain.corners.pop();
        }
        chain.corners.push(corner);
        Ok(())
    }

    /// A corner on the other side sees the whole chain.
    fn fan(&mut self, chain: &mut Chain, corner: u32) -> Result<(), Crosses> {
        for index in 1..chain.corners.len() {
            let (a, b) = (chain.corners[index - 1], chain.corners[index]);
            self.push(if chain.side == Side::Lower { [a, b, corner] } else { [a, corner, b] })?;
        }
        let newest = chain.corners.last().copied();
        chain.corners.clear();
        chain.corners.extend(newest.into_iter().chain([corner]));
        chain.side = if chain.side == Side::Lower { Side::Upper } else { Side::Lower };
        Ok(())
    }

    fn push(&mut self, triangle: [u32; 3]) -> Result<(), Crosses> {
        let [a, b, c] = triangle.map(|rank| self.place(rank));
        let doubled = turn(a, b, c);
        if doubled < 0 {
            return Err(Crosses);
        }
        if doubled > 0 {
            self.doubled_area += i128::from(doubled);
            self.triangles.extend(triangle.map(|rank| self.corners[rank as usize]));
        }
        Ok(())
    }
}

/// The lines that the sweep crosses, from below: short pieces in a row, so that putting one in moves few others.
#[derive(Default)]
struct Status {
    pieces: Vec<Vec<Active>>,
}

/// A place between two lines: a piece and a position in it.
type At = (usize, usize);

impl Status {
    const LONGEST: usize = 256;

    /// The place above all lines for which `below` holds; it must hold for none above one for which it does not.
    fn lower_bound(&self, below: impl Fn(Edge) -> bool) -> At {
        let holds = |active: &Active| below(active.edge);
        let piece = self.pieces.partition_point(|piece| piece.last().is_some_and(holds));
        let position = self.pieces.get(piece).map_or(0, |piece| piece.partition_point(holds));
        (piece, position)
    }

    /// The line above a place.
    fn get(&self, (piece, position): At) -> Option<Active> {
        // Pieces are never empty, but a place may be at the end of one.
        match self.pieces.get(piece)?.get(position) {
            Some(&active) => Some(active),
            None => self.pieces.get(piece + 1)?.first().copied(),
        }
    }

    fn before(&self, (piece, position): At) -> Option<At> {
        if position > 0 {
            return Some((piece, position - 1));
        }
        let before = piece.checked_sub(1)?;
        Some((before, self.pieces.get(before)?.len() - 1))
    }

    fn remove(&mut self, (mut piece, mut position): At) {
        if self.pieces.get(piece).is_some_and(|lines| position >= lines.len()) {
            (piece, position) = (piece + 1, 0);
        }
        if let Some(lines) = self.pieces.get_mut(piece).filter(|lines| position < lines.len()) {
            lines.remove(position);
            // The last piece below a place stays, so that the place stays one.
            if lines.is_empty() {
                self.pieces.remove(piece);
            }
        }
    }

    fn set_above(&mut self, (piece, position): At, above: Option<u32>) {
        if let Some(active) = self.pieces.get_mut(piece).and_then(|lines| lines.get_mut(position)) {
            active.above = above;
        }
    }

    fn insert(&mut self, (piece, position): At, lines: &[Active]) {
        if lines.is_empty() {
            return;
        }
        if piece >= self.pieces.len() {
            self.pieces.push(lines.to_vec());
        } else if let Some(target) = self.pieces.get_mut(piece) {
            let position = position.min(target.len());
            target.splice(position..position, lines.iter().copied());
        }
        let piece = piece.min(self.pieces.len() - 1);
        if self.pieces[piece].len() > Self::LONGEST {
            let whole = std::mem::take(&mut self.pieces[piece]);
            let halves: Vec<Vec<Active>> = whole.chunks(Self::LONGEST / 2).map(<[Active]>::to_vec).collect();
            self.pieces.splice(piece..=piece, halves);
        }
    }
}
