//! Transforms between two CRSs in batches, heights included, through GDAL on the process's one PROJ.

use std::{
    ffi::{CStr, c_int},
    fmt,
    sync::{Mutex, PoisonError},
};

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use super::{CrsError, Epsg, environment::ensure_init};

/// GDAL's definition of a CRS in traditional order: x or longitude first.
pub fn spatial_ref(epsg: Epsg) -> Result<SpatialRef, CrsError> {
    ensure_init();
    let mut reference = SpatialRef::from_epsg(epsg.0)
        .map_err(|error| CrsError::Unknown { epsg, reason: first_line(&error.to_string()) })?;
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(reference)
}

/// The EPSG code of a CRS that GDAL read from a file; `None` when it is not an EPSG one.
pub fn epsg_of_spatial_ref(reference: &SpatialRef) -> Option<Epsg> {
    let code_of = |reference: &SpatialRef| {
        let authority = reference.auth_name()?;
        let code = reference.auth_code().ok()?;
        match authority.as_str() {
            "EPSG" => u32::try_from(code).ok().filter(|&code| code > 0).map(Epsg),
            "OGC" if code == 84 => Some(Epsg::WGS84),
            _ => None,
        }
    };
    if let Some(epsg) = code_of(reference) {
        return Some(epsg);
    }
    let mut identified = reference.clone();
    if identified.auto_identify_epsg().is_ok()
        && let Some(epsg) = code_of(&identified)
    {
        return Some(epsg);
    }
    if let Some(epsg) = matching_epsg(reference) {
        return Some(epsg);
    }
    if is_rd_by_numbers(reference) {
        return Some(Epsg::RD_NEW);
    }
    match reference.name()?.as_str() {
        "WGS 84" | "WGS 84 (CRS84)" | "GCS_WGS_1984" => Some(Epsg::WGS84),
        "Amersfoort / RD New" | "RD_New" => Some(Epsg::RD_NEW),
        "Amersfoort / RD New + NAP height" => Some(Epsg::RD_NAP),
        _ => None,
    }
}

/// Whether this is RD New by its projection and false origin: MapInfo and CAD write it without a name.
fn is_rd_by_numbers(reference: &SpatialRef) -> bool {
    let parameter = |name: &CStr| {
        // SAFETY: a live handle and a NUL-terminated name; a null error pointer is allowed.
        unsafe {
            gdal_sys::OSRGetProjParm(reference.to_c_hsrs(), name.as_ptr(), f64::NAN, std::ptr::null_mut())
        }
    };
    let is_near = |name: &CStr, value: f64, tolerance: f64| (parameter(name) - value).abs() <= tolerance;
    reference.is_projected()
        && is_near(c"false_easting", 155_000.0, 0.5)
        && is_near(c"false_northing", 463_000.0, 0.5)
        && is_near(c"scale_factor", 0.999_907_9, 1e-9)
        && is_near(c"latitude_of_origin", 52.156_160_555_555_55, 1e-6)
}

/// The EPSG entry that PROJ finds equal enough: for `.prj` files, which spell names their own way.
fn matching_epsg(reference: &SpatialRef) -> Option<Epsg> {
    /// PROJ's figure for "same names and same numbers, spelt otherwise".
    const ENOUGH: c_int = 70;
    let (mut count, mut confidences) = (0, std::ptr::null_mut());
    // SAFETY: a live handle; the list and the figures have `count` entries and are freed below, each entry once.
    unsafe {
        let matches = gdal_sys::OSRFindMatches(
            reference.to_c_hsrs(),
            std::ptr::null_mut(),
            &raw mut count,
            &raw mut confidences,
        );
        let mut best: Option<(c_int, u32)> = None;
        for index in 0..usize::try_from(count).unwrap_or(0) {
            let entry = *matches.add(index);
            let confidence = if confidences.is_null() { 0 } else { *confidences.add(index) };
            let authority = gdal_sys::OSRGetAuthorityName(entry, std::ptr::null());
            let code = gdal_sys::OSRGetAuthorityCode(entry, std::ptr::null());
            if authority.is_null() || code.is_null() {
                continue;
            }
            let is_epsg = CStr::from_ptr(authority).to_bytes() == b"EPSG";
            let code = CStr::from_ptr(code).to_str().ok().and_then(|code| code.parse().ok());
            if let (true, Some(code)) = (is_epsg && confidence >= ENOUGH, code)
                && best.is_none_or(|(most, _)| confidence > most)
            {
                best = Some((confidence, code));
            }
        }
        gdal_sys::OSRFreeSRSArray(matches);
        gdal_sys::VSIFree(confidences.cast());
        best.map(|(_, code)| Epsg(code))
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

/// A transform between two CRSs; shareable between threads (calls wait for each other, so hold one a thread for speed).
///
/// WGS 84 is an ensemble for PROJ, which then takes a 7 cm path to RD; where the other side is Dutch, ETRS89 stands in
/// for it (the two differ by the plate's drift, some decimetres, which data in "WGS 84" do not resolve).
pub struct Transform {
    from: Epsg,
    to: Epsg,
    /// `None` when coordinates are the same in both.
    inner: Option<Mutex<SendTransform>>,
}

struct SendTransform(CoordTransform);
// SAFETY: an OGR transformation may move between threads as long as two do not use it at once, which the `Mutex`
// around it ensures; it takes the calling thread's PROJ context at every call.
unsafe impl Send for SendTransform {}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transform({} → {})", self.from, self.to)
    }
}

impl Transform {
    /// Fails when PROJ does not know a side or no path between them. Heights are transformed only when both sides
    /// have them (7415, 4937, 4979, …); else z passes unchanged.
    pub fn new(from: Epsg, to: Epsg) -> Result<Self, CrsError> {
        let is_same = from == to
            // Heights in "RD" are NAP by convention, so 7415 ↔ 28992 changes nothing.
            || (from.is_rd() && to.is_rd());
        if is_same {
            if from != Epsg::LOCAL {
                spatial_ref(from)?;
            }
            return Ok(Self { from, to, inner: None });
        }
        if from == Epsg::LOCAL || to == Epsg::LOCAL {
            let reason = "one side has no known coordinate system".to_owned();
            return Err(CrsError::NoTransform { from, to, reason });
        }
        let (exact_from, exact_to) = (exact(from, to), exact(to, from));
        let (source, target) = (spatial_ref(exact_from)?, spatial_ref(exact_to)?);
        let inner = CoordTransform::new(&source, &target).map_err(|error| CrsError::NoTransform {
            from,
            to,
            reason: first_line(&error.to_string()),
        })?;
        Ok(Self { from, to, inner: Some(Mutex::new(SendTransform(inner))) })
    }

    pub fn from(&self) -> Epsg {
        self.from
    }

    pub fn to(&self) -> Epsg {
        self.to
    }

    pub fn is_identity(&self) -> bool {
        self.inner.is_none()
    }

    /// Transforms `[x, y, z]` points in place. A point that cannot be transformed becomes `[NaN; 3]`. Returns how many
    /// failed (non-finite input counts, also for the identity). Cost: about 1 µs a point.
    pub fn apply(&self, points: &mut [[f64; 3]]) -> usize {
        const BATCH: usize = 65_536;
        let mut failures = 0;
        let Some(inner) = &self.inner else {
            for point in points.iter_mut().filter(|point| !is_finite(point)) {
                *point = [f64::NAN; 3];
                failures += 1;
            }
            return failures;
        };
        let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        let size = points.len().min(BATCH);
        let (mut x, mut y, mut z) = (vec![0.0; size], vec![0.0; size], vec![0.0; size]);
        let mut is_good: Vec<c_int> = vec![0; size];
        for batch in points.chunks_mut(BATCH) {
            for (index, point) in batch.iter().enumerate() {
                // PROJ gets harmless numbers for bad points; their result is thrown away below.
                [x[index], y[index], z[index]] = if is_finite(point) { *point } else { [0.0; 3] };
            }
            // SAFETY: four arrays of at least `batch.len()` elements; the handle lives as long as `inner`.
            unsafe {
                gdal_sys::OCTTransformEx(
                    inner.0.to_c_hct(),
                    batch.len().try_into().unwrap_or(0),
                    x.as_mut_ptr(),
                    y.as_mut_ptr(),
                    z.as_mut_ptr(),
                    is_good.as_mut_ptr(),
                );
            }
            for (index, point) in batch.iter_mut().enumerate() {
                let result = [x[index], y[index], z[index]];
                if is_good[index] != 0 && is_finite(&result) && is_finite(point) {
                    *point = result;
                } else {
                    *point = [f64::NAN; 3];
                    failures += 1;
                }
            }
        }
        failures
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

    /// One point; `None` when it cannot be transformed.
    pub fn apply_one(&self, point: [f64; 3]) -> Option<[f64; 3]> {
        let mut points = [point];
        (self.apply(&mut points) == 0).then_some(points[0])
    }
}

fn is_finite(point: &[f64; 3]) -> bool {
    point.iter().all(|value| value.is_finite())
}

/// The CRS that stands in for `epsg` so that the exact path to `other` is taken.
fn exact(epsg: Epsg, other: Epsg) -> Epsg {
    match epsg {
        Epsg::WGS84 if other.is_rd() => Epsg::ETRS89,
        Epsg::WGS84_3D if other.is_rd() => Epsg::ETRS89_3D,
        _ => epsg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::status;

    const AMERSFOORT: [f64; 3] = [155_000.0, 463_000.0, 0.0];

    fn assert_near(found: [f64; 3], expected: [f64; 3], tolerance: [f64; 3]) {
        for axis in 0..3 {
            assert!(
                (found[axis] - expected[axis]).abs() <= tolerance[axis],
                "expected {expected:?}, found {found:?}"
            );
        }
    }

    #[test]
    fn rd_and_nap_match_the_published_answer_both_ways() {
        if !status().is_exact() {
            println!("skipped: no NSGI grids on this machine");
            return;
        }
        let etrs89 = [5.387_203_650, 52.155_172_887, 43.2772];
        let there = Transform::new(Epsg::RD_NAP, Epsg::ETRS89_3D).unwrap();
        assert_near(there.apply_one(AMERSFOORT).unwrap(), etrs89, [1e-8, 1e-8, 1e-3]);
        let back = Transform::new(Epsg::ETRS89_3D, Epsg::RD_NAP).unwrap();
        assert_near(back.apply_one(etrs89).unwrap(), AMERSFOORT, [1e-3; 3]);
        let flat = Transform::new(Epsg::RD_NEW, Epsg::WGS84).unwrap();
        assert_near(flat.apply_one(AMERSFOORT).unwrap(), [etrs89[0], etrs89[1], 0.0], [1e-8, 1e-8, 1e-9]);
    }

    #[test]
    fn a_round_trip_through_rd_keeps_the_millimetre_all_over_the_country() {
        let there = Transform::new(Epsg::RD_NEW, Epsg::ETRS89).unwrap();
        let back = Transform::new(Epsg::ETRS89, Epsg::RD_NEW).unwrap();
        let places: Vec<[f64; 3]> = (0..20)
            .flat_map(|i| {
                (0..20).map(move |j| {
                    [110_000.0 + 6_000.0 * f64::from(i), 390_000.0 + 9_000.0 * f64::from(j), 1.5]
                })
            })
            .collect();
        let mut moved = places.clone();
        assert_eq!(there.apply(&mut moved), 0);
        assert!(
            moved.iter().all(|p| (3.0..8.0).contains(&p[0]) && (50.0..54.0).contains(&p[1])),
            "x is longitude"
        );
        assert_eq!(back.apply(&mut moved), 0);
        for (found, expected) in moved.iter().zip(&places) {
            assert_near(*found, *expected, [1e-3; 3]);
        }
    }

    #[test]
    fn rd_with_and_without_nap_are_the_same_numbers() {
        let transform = Transform::new(Epsg::RD_NAP, Epsg::RD_NEW).unwrap();
        assert!(transform.is_identity());
        assert_eq!(transform.apply_one([1.0, 2.0, 3.0]), Some([1.0, 2.0, 3.0]));
    }

    #[test]
    fn bad_points_fail_alone() {
        let transform = Transform::new(Epsg::WGS84, Epsg(32_631)).unwrap();
        let mut points =
            [[4.9, 52.4, 0.0], [f64::NAN, 52.0, 0.0], [4.9, f64::INFINITY, 0.0], [5.0, 52.0, 1.0]];
        assert_eq!(transform.apply(&mut points), 2);
        assert!(points[0][0].is_finite() && points[3][0].is_finite());
        assert!(points[1][0].is_nan() && points[2][0].is_nan());
        assert!(Transform::new(Epsg::RD_NEW, Epsg::RD_NAP).unwrap().apply_one([f64::NAN; 3]).is_none());
    }

    #[test]
    fn unknown_codes_are_refused_by_name() {
        let error = Transform::new(Epsg(999_999), Epsg::RD_NEW).unwrap_err();
        assert!(matches!(error, CrsError::Unknown { epsg: Epsg(999_999), .. }), "{error}");
        assert!(matches!(Transform::new(Epsg::LOCAL, Epsg::RD_NEW), Err(CrsError::NoTransform { .. })));
    }

    #[test]
    fn threads_share_a_transform() {
        let transform = Transform::new(Epsg::WGS84, Epsg(32_631)).unwrap();
        let expected = transform.apply_one([4.9, 52.4, 0.0]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        assert_eq!(transform.apply_one([4.9, 52.4, 0.0]), expected);
                    }
                });
            }
        });
    }
}
