//! Where a source's coordinates go: the step from its CRS to the project's.

use super::{ReadContext, ReadError, Source};
use crate::{
    crs::{self, CrsError, Epsg, Transform},
    model::{Bounds3, Vertices},
};

/// What an unlabelled source may be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlabelled {
    /// RD where it fits, else metres around an unknown origin: city models, grids.
    Metric,
    /// RD where it fits, else degrees where they fit: tables with x and y.
    MetricOrDegrees,
}

/// The decided step from a source's CRS to the project's.
#[derive(Debug)]
pub struct Placement {
    /// What the source states; `None` when it states nothing (then `source` was assumed).
    pub stated: Option<Epsg>,
    pub source: Epsg,
    /// The CRS that the layers get: metric, without a vertical part.
    pub target: Epsg,
    transform: Option<Transform>,
}

impl Placement {
    /// Decides from what the source states, what the user assumes, and where the coordinates lie.
    ///
    /// `bounds` are the source's own coordinates. Assumptions are added to the report. Fails with
    /// [`ReadError::UnknownCrs`] when a stated code is not one that PROJ knows.
    pub fn decide(
        source: &Source,
        stated: Option<Epsg>,
        bounds: &Bounds3,
        unlabelled: Unlabelled,
        context: &mut ReadContext,
    ) -> Result<Self, ReadError> {
        let from = match stated.or(context.assumed_crs) {
            Some(epsg) => epsg,
            None => guess(bounds, unlabelled, context),
        };
        let unknown = |error: &CrsError| ReadError::UnknownCrs {
            path: source.path.clone(),
            found: from.to_string(),
            advice: format!("say which one it is when adding the file ({error})"),
        };
        if from != Epsg::LOCAL {
            crs::spatial_ref(from).map_err(|error| unknown(&error))?;
        }
        let [x, y, _] = if bounds.is_empty() { [0.0; 3] } else { bounds.center() };
        let target = context.target.map_or_else(|| crs::metric_crs_of(from, [x, y]), horizontal);
        let transform = if from == Epsg::LOCAL || target == Epsg::LOCAL {
            None
        } else {
            let has_heights = crs::spatial_ref(from)
                .is_ok_and(|reference| reference.is_compound() || reference.axes_count() == 3);
            let to = if target == Epsg::RD_NEW && has_heights { Epsg::RD_NAP } else { target };
            Some(Transform::new(from, to).map_err(|error| unknown(&error))?)
        };
        Ok(Self { stated, source: from, target, transform })
    }

    /// Reads a CRS text of a file. An unreadable one is an error unless the user has said what it is.
    pub fn parse_stated(
        source: &Source,
        text: &str,
        context: &mut ReadContext,
    ) -> Result<Option<Epsg>, ReadError> {
        match text.parse::<Epsg>() {
            Ok(epsg) if crs::spatial_ref(epsg).is_ok() => Ok(Some(epsg)),
            _ if context.assumed_crs.is_some() => {
                context.report.warn(
                    "crs-unknown",
                    "reference system",
                    format!("expected an EPSG code, found \"{text}\"; the one given by the user was taken"),
                );
                Ok(None)
            }
            _ => Err(ReadError::UnknownCrs {
                path: source.path.clone(),
                found: text.chars().take(80).collect(),
                advice: "say which one it is when adding the file".to_owned(),
            }),
        }
    }

    /// Moves points from the source's CRS to the target, in place. Points that are not finite, cannot be transformed
    /// or land in no sensible place become `[NaN; 3]`. Returns how many.
    pub fn apply(&self, points: &mut [[f64; 3]]) -> usize {
        if let Some(transform) = self.transform.as_ref().filter(|transform| !transform.is_identity()) {
            transform.apply(points);
        }
        let mut failures = 0;
        for point in points {
            if !is_sane(point) {
                *point = [f64::NAN; 3];
                failures += 1;
            }
        }
        failures
    }

    /// As [`Self::apply`] for the vertices of a city, which stay as they are kept where nothing changes.
    pub fn apply_to(&self, vertices: &mut Vertices) -> usize {
        let keeps = self.transform.as_ref().is_none_or(Transform::is_identity);
        if keeps && vertices.iter().all(|vertex| is_sane(&vertex)) {
            return 0;
        }
        vertices.edit(|points| self.apply(points))
    }

    /// As [`Self::apply`] for flat points.
    pub fn apply_2d(&self, points: &mut [[f64; 2]]) -> usize {
        let mut solid: Vec<[f64; 3]> = points.iter().map(|&[x, y]| [x, y, 0.0]).collect();
        let failures = self.apply(&mut solid);
        for (point, [x, y, _]) in points.iter_mut().zip(solid) {
            *point = [x, y];
        }
        failures
    }

    /// "EPSG:n" as the source states it, for inspections.
    pub fn stated_text(&self) -> Option<String> {
        self.stated.map(|epsg| epsg.to_string())
    }
}

/// Finite and on Earth in metres of any projected CRS; heights within 100 km of the datum.
pub fn is_sane(point: &[f64; 3]) -> bool {
    point.iter().all(|value| value.is_finite())
        && point[0].abs() < 5e7
        && point[1].abs() < 5e7
        && point[2].abs() < 1e5
}

/// The horizontal part of a project's CRS.
fn horizontal(epsg: Epsg) -> Epsg {
    if epsg.is_rd() { Epsg::RD_NEW } else { epsg }
}

fn guess(bounds: &Bounds3, unlabelled: Unlabelled, context: &mut ReadContext) -> Epsg {
    let is_degrees = !bounds.is_empty()
        && bounds.min[0] >= -180.0
        && bounds.max[0] <= 180.0
        && bounds.min[1] >= -90.0
        && bounds.max[1] <= 90.0;
    let (epsg, message) = if crs::looks_like_rd(bounds) {
        (Epsg::RD_NAP, "the numbers lie in the Netherlands, so RD New + NAP (EPSG:7415) was assumed")
    } else if unlabelled == Unlabelled::MetricOrDegrees && is_degrees {
        (Epsg::WGS84, "the numbers are degrees, so WGS 84 (EPSG:4326) was assumed")
    } else if let Some(target) = context.target {
        context.report.warn(
            "crs-missing",
            "reference system",
            format!("the source does not say in which coordinate system it is; the project's ({target}) was assumed"),
        );
        return target;
    } else {
        (Epsg::LOCAL, "metres around an unknown origin were assumed")
    };
    context.report.warn(
        "crs-missing",
        "reference system",
        format!("the source does not say in which coordinate system it is; {message}"),
    );
    epsg
}

/// Bounds of the bulk of `points` (between the 0.5 and 99.5 percentiles of each axis), so that one stray point moves
/// neither the choice of CRS nor a camera. All of them when there are fewer than 200. Cost: n log n.
pub fn robust_bounds(points: &[[f64; 2]]) -> Bounds3 {
    let mut bounds = Bounds3::EMPTY;
    let good: Vec<[f64; 2]> =
        points.iter().copied().filter(|p| p[0].is_finite() && p[1].is_finite()).collect();
    if good.len() < 200 {
        for point in good {
            bounds.add_xy(point, 0.0);
        }
        return bounds;
    }
    let cut = good.len() / 200;
    let mut ends = [[0.0; 2]; 2];
    for axis in 0..2 {
        let mut values: Vec<f64> = good.iter().map(|point| point[axis]).collect();
        values.sort_unstable_by(f64::total_cmp);
        ends[0][axis] = values[cut];
        ends[1][axis] = values[values.len() - 1 - cut];
    }
    bounds.add_xy(ends[0], 0.0);
    bounds.add_xy(ends[1], 0.0);
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(
        stated: Option<Epsg>,
        bounds: [f64; 4],
        unlabelled: Unlabelled,
        context: &mut ReadContext,
    ) -> Result<Placement, ReadError> {
        let bounds = Bounds3::from_points([[bounds[0], bounds[1], 0.0], [bounds[2], bounds[3], 0.0]]);
        Placement::decide(&Source::from_path("somewhere"), stated, &bounds, unlabelled, context)
    }

    #[test]
    fn rd_with_nap_becomes_rd_without_a_change() {
        let placement = decide(
            Some(Epsg::RD_NAP),
            [84_000.0, 446_000.0, 86_000.0, 447_000.0],
            Unlabelled::Metric,
            &mut ReadContext::default(),
        )
        .unwrap();
        assert_eq!(placement.target, Epsg::RD_NEW);
        let mut points = [[84_501.555, 445_805.031, -3.747]];
        assert_eq!(placement.apply(&mut points), 0);
        assert_eq!(points, [[84_501.555, 445_805.031, -3.747]]);
    }

    #[test]
    fn unlabelled_sources_are_guessed_and_the_guess_is_reported() {
        let mut context = ReadContext::default();
        let dutch =
            decide(None, [84_000.0, 446_000.0, 86_000.0, 447_000.0], Unlabelled::Metric, &mut context)
                .unwrap();
        assert_eq!((dutch.stated, dutch.target), (None, Epsg::RD_NEW));
        let degrees =
            decide(None, [4.8, 52.3, 5.0, 52.4], Unlabelled::MetricOrDegrees, &mut context).unwrap();
        assert_eq!((degrees.source, degrees.target), (Epsg::WGS84, Epsg::RD_NEW));
        let cube = decide(None, [0.0, 0.0, 1.0, 1.0], Unlabelled::Metric, &mut context).unwrap();
        assert_eq!(cube.target, Epsg::LOCAL);
        assert_eq!(context.report.finish().len(), 3);
    }

    #[test]
    fn absurd_points_are_refused_alone() {
        let placement = decide(
            Some(Epsg::RD_NEW),
            [0.0, 300_000.0, 2e5, 6e5],
            Unlabelled::Metric,
            &mut ReadContext::default(),
        )
        .unwrap();
        let mut points = [[1e5, 4e5, 0.0], [1e308, 4e5, 0.0], [1e5, f64::NAN, 0.0], [1e5, 4e5, 1e9]];
        assert_eq!(placement.apply(&mut points), 3);
        assert_eq!(points[0], [1e5, 4e5, 0.0]);
    }

    #[test]
    fn one_stray_point_does_not_move_the_bounds() {
        let mut points: Vec<[f64; 2]> = (0..1000).map(|i| [5.0 + f64::from(i) * 1e-4, 52.0]).collect();
        points.push([0.0, 0.0]);
        let bounds = robust_bounds(&points);
        assert!(bounds.min[0] >= 5.0 && bounds.min[1] >= 52.0, "{bounds:?}");
    }
}
