//! Corners of a city in half the memory: as the whole numbers that the file has, wherever it has them.

use super::Bounds3;

/// World coordinates in the project's CRS: metres, `[x, y, z]`.
///
/// CityJSON writes corners as whole numbers with one scale and translation for all. Kept as such they take 12 bytes
/// instead of 24, and each gives exactly what `number × scale + translate` gives; a city of millions of corners is half
/// a gigabyte smaller. Corners that do not fit that form make the whole list plain.
#[derive(Clone, Debug)]
pub struct Vertices {
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Plain(Vec<[f64; 3]>),
    Scaled { transform: VertexTransform, numbers: Vec<[i32; 3]> },
}

/// `transform` of CityJSON: real coordinate = whole number × scale + translate.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
pub struct VertexTransform {
    pub scale: [f64; 3],
    pub translate: [f64; 3],
}

impl VertexTransform {
    pub fn apply(&self, numbers: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| numbers[axis] * self.scale[axis] + self.translate[axis])
    }

    /// Whether all corners come out as numbers.
    fn is_sound(&self) -> bool {
        self.scale.iter().chain(&self.translate).all(|value| value.is_finite())
    }
}

/// The numbers as they are stored; `None` when one has a fraction or does not fit.
fn whole(numbers: [f64; 3]) -> Option<[i32; 3]> {
    let stored = numbers.map(|number| number as i32);
    (stored.map(f64::from) == numbers).then_some(stored)
}

impl Default for Vertices {
    fn default() -> Self {
        Self { form: Form::Plain(Vec::new()) }
    }
}

impl Vertices {
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Plain(points) => points.len(),
            Form::Scaled { numbers, .. } => numbers.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn get(&self, index: usize) -> Option<[f64; 3]> {
        match &self.form {
            Form::Plain(points) => points.get(index).copied(),
            Form::Scaled { transform, numbers } => {
                numbers.get(index).map(|number| transform.apply(number.map(f64::from)))
            }
        }
    }

    /// Vertex `index`, which must exist.
    #[inline]
    pub fn at(&self, index: u32) -> [f64; 3] {
        self.get(index as usize).expect("a vertex of this model")
    }

    pub fn iter(&self) -> impl Iterator<Item = [f64; 3]> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Adds one vertex and returns its position.
    pub fn push(&mut self, vertex: [f64; 3]) -> u32 {
        let points = self.plain();
        points.push(vertex);
        points.len() as u32 - 1
    }

    pub fn extend(&mut self, vertices: impl IntoIterator<Item = [f64; 3]>) {
        let mut vertices = vertices.into_iter().peekable();
        if vertices.peek().is_some() {
            self.plain().extend(vertices);
        }
    }

    /// Adds vertices in units of `transform`; without one they are world coordinates.
    pub fn extend_scaled(&mut self, numbers: &[[f64; 3]], transform: Option<VertexTransform>) {
        let Some(transform) = transform else {
            return self.extend(numbers.iter().copied());
        };
        if self.is_empty() && transform.is_sound() {
            self.form = Form::Scaled { transform, numbers: Vec::new() };
        }
        if let Form::Scaled { transform: own, numbers: stored } = &mut self.form
            && *own == transform
        {
            let before = stored.len();
            stored.reserve(numbers.len());
            stored.extend(numbers.iter().map_while(|&number| whole(number)));
            if stored.len() == before + numbers.len() {
                return;
            }
            stored.truncate(before);
        }
        self.extend(numbers.iter().map(|&number| transform.apply(number)));
    }

    /// Changes all vertices at once, which makes them plain.
    pub fn edit<R>(&mut self, change: impl FnOnce(&mut Vec<[f64; 3]>) -> R) -> R {
        change(self.plain())
    }

    pub fn bounds(&self) -> Bounds3 {
        self.bounds_of(0..self.len() as u32)
    }

    /// The box of the vertices at `indices`; those that do not exist are passed over.
    pub fn bounds_of(&self, indices: impl Iterator<Item = u32> + Clone) -> Bounds3 {
        if let Form::Scaled { transform, numbers } = &self.form {
            // Larger numbers never give smaller coordinates (or always do), so the extremes are found among the numbers.
            let (mut low, mut high) = ([i32::MAX; 3], [i32::MIN; 3]);
            for number in indices.clone().filter_map(|index| numbers.get(index as usize)) {
                for axis in 0..3 {
                    low[axis] = low[axis].min(number[axis]);
                    high[axis] = high[axis].max(number[axis]);
                }
            }
            if low[0] > high[0] {
                return Bounds3::EMPTY;
            }
            let corners = [low, high].map(|corner| transform.apply(corner.map(f64::from)));
            if corners.iter().flatten().all(|value| value.is_finite()) {
                return Bounds3::from_points(corners);
            }
        }
        Bounds3::from_points(indices.filter_map(|index| self.get(index as usize)))
    }

    pub fn shrink_to_fit(&mut self) {
        match &mut self.form {
            Form::Plain(points) => points.shrink_to_fit(),
            Form::Scaled { numbers, .. } => numbers.shrink_to_fit(),
        }
    }

    /// Memory that the list takes, bytes.
    pub fn bytes(&self) -> usize {
        match &self.form {
            Form::Plain(points) => points.capacity() * size_of::<[f64; 3]>(),
            Form::Scaled { numbers, .. } => numbers.capacity() * size_of::<[i32; 3]>(),
        }
    }

    #[expect(clippy::type_complexity, reason = "two borrowed lists, named where they are taken apart")]
    /// The whole numbers with their transform, where that is how they are kept; else the world coordinates.
    pub(crate) fn parts(&self) -> Result<(&VertexTransform, &[[i32; 3]]), &[[f64; 3]]> {
        match &self.form {
            Form::Plain(points) => Err(points),
            Form::Scaled { transform, numbers } => Ok((transform, numbers)),
        }
    }

    pub(crate) fn from_scaled(transform: VertexTransform, numbers: Vec<[i32; 3]>) -> Self {
        Self { form: Form::Scaled { transform, numbers } }
    }

    fn plain(&mut self) -> &mut Vec<[f64; 3]> {
        if let Form::Scaled { .. } = self.form {
            self.form = Form::Plain(self.iter().collect());
        }
        match &mut self.form {
            Form::Plain(points) => points,
            Form::Scaled { .. } => unreachable!("made plain above"),
        }
    }
}

impl PartialEq for Vertices {
    /// By the world coordinates, however they are kept.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl From<Vec<[f64; 3]>> for Vertices {
    fn from(points: Vec<[f64; 3]>) -> Self {
        Self { form: Form::Plain(points) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RD: VertexTransform =
        VertexTransform { scale: [0.001; 3], translate: [85_187.123, 446_000.5, -0.75] };

    #[test]
    fn scaled_vertices_are_bit_for_bit_what_the_formula_gives() {
        let mut random = fastrand::Rng::with_seed(7);
        let numbers: Vec<[f64; 3]> =
            (0..10_000).map(|_| [(); 3].map(|()| f64::from(random.i32(..)))).collect();
        let mut vertices = Vertices::default();
        vertices.extend_scaled(&numbers[..4_000], Some(RD));
        vertices.extend_scaled(&numbers[4_000..], Some(RD));
        assert!(vertices.parts().is_ok(), "kept as whole numbers");
        assert_eq!(vertices.bounds(), Bounds3::from_points(vertices.iter()));
        for (vertex, number) in vertices.iter().zip(&numbers) {
            assert_eq!(vertex.map(f64::to_bits), RD.apply(*number).map(f64::to_bits));
        }
    }

    #[test]
    fn what_does_not_fit_makes_the_list_plain_and_loses_nothing() {
        let good = [[1.0, 2.0, 3.0], [-4.0, 5.0, 6.0]];
        let other = VertexTransform { scale: [0.01; 3], ..RD };
        for (odd, transform) in [
            ([0.5, 0.0, 0.0], RD),
            ([3e9, 0.0, 0.0], RD),
            ([f64::INFINITY, 0.0, 0.0], RD),
            ([7.0, 8.0, 9.0], other),
        ] {
            let mut vertices = Vertices::default();
            vertices.extend_scaled(&good, Some(RD));
            vertices.extend_scaled(&[good[0], odd], Some(transform));
            assert!(vertices.parts().is_err(), "{odd:?}");
            let expected =
                [RD.apply(good[0]), RD.apply(good[1]), transform.apply(good[0]), transform.apply(odd)];
            assert!(vertices.iter().eq(expected), "{odd:?}");
        }
        let mut vertices = Vertices::default();
        vertices.extend_scaled(&[[f64::NAN; 3]], Some(RD));
        assert!(vertices.at(0)[0].is_nan(), "no vertex stays none");
        let mut vertices = Vertices::default();
        vertices.extend_scaled(&good, Some(RD));
        assert_eq!(vertices.push([1.0; 3]), 2);
        assert_eq!(vertices.at(2), [1.0; 3]);
        assert_eq!(vertices.get(3), None);
    }

    #[test]
    fn bounds_are_right_for_mirrored_and_absurd_transforms() {
        let numbers = [[-5.0, 2.0, 3.0], [7.0, -9.0, 4.0]];
        for scale in [[-1.0, 0.5, 0.0], [1e308, 1.0, 1.0]] {
            let mut vertices = Vertices::default();
            vertices.extend_scaled(&numbers, Some(VertexTransform { scale, ..RD }));
            assert_eq!(vertices.bounds(), Bounds3::from_points(vertices.iter()));
        }
    }

    #[test]
    fn minus_zero_and_zero_are_the_same_place() {
        let mut vertices = Vertices::default();
        vertices.extend_scaled(&[[-0.0, 0.0, 0.0]], Some(RD));
        assert_eq!(vertices.at(0), RD.translate);
    }
}
