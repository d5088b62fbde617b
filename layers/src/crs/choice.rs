//! Which metric CRS a project gets, and whether unlabelled coordinates are RD.

use std::sync::OnceLock;

use super::{Epsg, Transform, transform::spatial_ref};
use crate::model::Bounds3;

/// A coarse outline of the Netherlands with some kilometres of margin, in RD metres, anticlockwise from Cadzand. Wide
/// enough for every municipality with its water; narrow enough that Ghent, Aachen and Vienna's own grid are outside.
const NETHERLANDS_IN_RD: [[f64; 2]; 18] = [
    [5_000.0, 355_000.0],
    [75_000.0, 352_000.0],
    [120_000.0, 372_000.0],
    [165_000.0, 355_000.0],
    [170_000.0, 305_000.0],
    [210_000.0, 300_000.0],
    [212_000.0, 350_000.0],
    [222_000.0, 380_000.0],
    [225_000.0, 420_000.0],
    [255_000.0, 430_000.0],
    [275_000.0, 460_000.0],
    [275_000.0, 500_000.0],
    [283_000.0, 540_000.0],
    [285_000.0, 600_000.0],
    [255_000.0, 625_000.0],
    [110_000.0, 615_000.0],
    [85_000.0, 480_000.0],
    [5_000.0, 410_000.0],
];

/// Even-odd rule.
fn outline_contains([x, y]: [f64; 2]) -> bool {
    let mut is_inside = false;
    let mut previous = NETHERLANDS_IN_RD[NETHERLANDS_IN_RD.len() - 1];
    for corner in NETHERLANDS_IN_RD {
        let crosses = (corner[1] > y) != (previous[1] > y);
        if crosses {
            let at = (previous[0] - corner[0]) * (y - corner[1]) / (previous[1] - corner[1]) + corner[0];
            if x < at {
                is_inside = !is_inside;
            }
        }
        previous = corner;
    }
    is_inside
}

/// Whether unlabelled metric coordinates are probably RD: the middle lies inside the Netherlands and the whole is not
/// larger than the country. Only a guess: a reader that uses it says so in a fault.
pub fn looks_like_rd(bounds: &Bounds3) -> bool {
    if bounds.is_empty() {
        return false;
    }
    let [x, y, _] = bounds.center();
    let [width, depth, _] = bounds.size();
    outline_contains([x, y]) && width < 300_000.0 && depth < 350_000.0
}

/// Whether a place (degrees, ETRS89 or WGS 84) lies in the Netherlands, coarsely.
pub fn is_in_netherlands(lon: f64, lat: f64) -> bool {
    if !(3.0..=7.5).contains(&lon) || !(50.5..=53.8).contains(&lat) {
        return false;
    }
    // Making a transform costs milliseconds, and every reader asks.
    static TO_RD: OnceLock<Option<Transform>> = OnceLock::new();
    let Some(to_rd) = TO_RD.get_or_init(|| Transform::new(Epsg::ETRS89, Epsg::RD_NEW).ok()) else {
        return false;
    };
    to_rd.apply_one([lon, lat, 0.0]).is_some_and(|[x, y, _]| outline_contains([x, y]))
}

/// Whether degrees (x as longitude, y as latitude) were probably written the other way round: as they stand they are
/// not on Earth or not in the Netherlands, and swapped they are. Only a guess: a reader that uses it says so in a fault.
pub fn looks_swapped(bounds: &Bounds3) -> bool {
    if bounds.is_empty() {
        return false;
    }
    let is_on_earth = |x: f64, y: f64| x.abs() <= 180.0 && y.abs() <= 90.0;
    let stands = is_on_earth(bounds.min[0], bounds.min[1]) && is_on_earth(bounds.max[0], bounds.max[1]);
    let turned = is_on_earth(bounds.min[1], bounds.min[0]) && is_on_earth(bounds.max[1], bounds.max[0]);
    let [x, y, _] = bounds.center();
    turned && (!stands || (!is_in_netherlands(x, y) && is_in_netherlands(y, x)))
}

/// Whether coordinates of this CRS are degrees; `false` for one that PROJ does not know.
pub fn is_geographic(epsg: Epsg) -> bool {
    epsg != Epsg::LOCAL && spatial_ref(epsg).is_ok_and(|reference| reference.is_geographic())
}

/// Whether x and y of a CRS are lengths on a map, so that a project can be in it.
pub fn is_projected(epsg: Epsg) -> bool {
    epsg == Epsg::LOCAL || spatial_ref(epsg).is_ok_and(|reference| reference.is_projected())
}

/// The metric CRS for a project around `[min lon, min lat, max lon, max lat]` (degrees): RD New where the middle lies in
/// the Netherlands, else its WGS 84 UTM zone.
pub fn project_crs_for(bbox_lonlat: [f64; 4]) -> Epsg {
    let lon = f64::midpoint(bbox_lonlat[0], bbox_lonlat[2]);
    let lat = f64::midpoint(bbox_lonlat[1], bbox_lonlat[3]);
    if is_in_netherlands(lon, lat) { Epsg::RD_NEW } else { utm_crs_for(lon, lat) }
}

/// WGS 84 / UTM of a place; zone 31 north for non-finite input.
pub fn utm_crs_for(lon: f64, lat: f64) -> Epsg {
    let zone = if lon.is_finite() { (((lon + 180.0) / 6.0).floor().rem_euclid(60.0)) as u32 + 1 } else { 31 };
    Epsg(if lat < 0.0 { 32_700 } else { 32_600 } + zone)
}

/// The CRS in which a project holds data whose own CRS is `source` and whose middle lies at `center` (in `source`): the
/// source's own horizontal CRS when that is in true metres, else as [`project_crs_for`]. RD + NAP becomes RD New, whose
/// heights are NAP by convention.
pub fn metric_crs_of(source: Epsg, center: [f64; 2]) -> Epsg {
    if source.is_rd() {
        return Epsg::RD_NEW;
    }
    if source == Epsg::LOCAL {
        return Epsg::LOCAL;
    }
    let Ok(reference) = spatial_ref(source) else { return Epsg::LOCAL };
    let is_true_metres = reference.is_projected()
        && (reference.linear_units() - 1.0).abs() < 1e-9
        && source != Epsg::WEB_MERCATOR
        && !reference.is_compound();
    if is_true_metres {
        return source;
    }
    let lonlat = Transform::new(source, Epsg::WGS84)
        .ok()
        .and_then(|transform| transform.apply_one([center[0], center[1], 0.0]))
        .unwrap_or([center[0], center[1], 0.0]);
    project_crs_for([lonlat[0], lonlat[1], lonlat[0], lonlat[1]])
}

#[cfg(test)]
mod tests {
    use super::{super::is_north_first, *};

    fn bounds(center: [f64; 2]) -> Bounds3 {
        Bounds3::from_points([
            [center[0] - 500.0, center[1] - 500.0, 0.0],
            [center[0] + 500.0, center[1] + 500.0, 9.0],
        ])
    }

    #[test]
    fn dutch_places_look_like_rd_and_others_do_not() {
        for place in [
            [121_400.0, 487_300.0],
            [85_000.0, 446_500.0],
            [176_300.0, 318_000.0],
            [17_000.0, 370_500.0],
            [233_800.0, 582_000.0],
            [61_500.0, 366_500.0],
        ] {
            assert!(looks_like_rd(&bounds(place)), "{place:?}");
        }
        for place in [[1_250.0, 340_770.0], [2_680_000.0, 1_248_000.0], [4.9, 52.4], [105_000.0, 194_000.0]] {
            assert!(!looks_like_rd(&bounds(place)), "{place:?}");
        }
        assert!(!looks_like_rd(&Bounds3::EMPTY));
    }

    #[test]
    fn the_order_of_the_authority_is_known() {
        for (epsg, is_first) in [
            (28992, false),
            (7415, false),
            (4326, true),
            (4258, true),
            (4937, true),
            (3857, false),
            (32631, false),
            (2193, true),
            (31468, true),
        ] {
            assert_eq!(is_north_first(Epsg(epsg)), is_first, "{epsg}");
        }
        assert!(is_geographic(Epsg::WGS84) && is_geographic(Epsg::ETRS89_3D));
        assert!(!is_geographic(Epsg::RD_NEW) && !is_geographic(Epsg::LOCAL) && !is_geographic(Epsg(999_999)));
    }

    #[test]
    fn swapped_degrees_are_noticed() {
        let around =
            |x: f64, y: f64| Bounds3::from_points([[x - 0.1, y - 0.1, 0.0], [x + 0.1, y + 0.1, 0.0]]);
        assert!(looks_swapped(&around(52.1, 5.3)));
        assert!(looks_swapped(&around(30.0, 120.0)), "no such latitude");
        for place in [[5.3, 52.1], [-51.2, -30.1], [24.9, 60.1], [45.0, 2.0], [139.7, 35.2]] {
            assert!(!looks_swapped(&around(place[0], place[1])), "{place:?}");
        }
        assert!(!looks_swapped(&Bounds3::EMPTY));
    }

    #[test]
    fn projects_get_rd_in_the_netherlands_and_utm_elsewhere() {
        assert_eq!(project_crs_for([4.85, 52.3, 4.95, 52.4]), Epsg::RD_NEW);
        assert_eq!(project_crs_for([5.6, 50.8, 5.8, 50.9]), Epsg::RD_NEW, "Maastricht");
        assert_eq!(project_crs_for([-51.27, -30.12, -51.13, -29.98]), Epsg(32_722), "Porto Alegre");
        assert_eq!(project_crs_for([24.93, 60.16, 24.96, 60.18]), Epsg(32_635), "Helsinki");
        assert_eq!(project_crs_for([4.35, 50.8, 4.4, 50.9]), Epsg(32_631), "Brussels");
        assert_eq!(project_crs_for([179.9, 1.0, 180.0, 2.0]), Epsg(32_660));
    }

    #[test]
    fn metric_sources_keep_their_crs() {
        assert_eq!(metric_crs_of(Epsg::RD_NAP, [85_000.0, 446_000.0]), Epsg::RD_NEW);
        assert_eq!(metric_crs_of(Epsg(2056), [2_680_000.0, 1_248_000.0]), Epsg(2056));
        assert_eq!(metric_crs_of(Epsg::WGS84, [4.9, 52.4]), Epsg::RD_NEW);
        assert_eq!(metric_crs_of(Epsg::WEB_MERCATOR, [545_500.0, 6_867_000.0]), Epsg::RD_NEW);
    }
}
