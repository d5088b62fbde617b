//! What EPSG says of a CRS's axes and area: needed by formats that give coordinates in the authority's order.

use super::{Epsg, Transform, spatial_ref};

/// Whether the authority gives north (or latitude) before east (or longitude). `false` for a CRS that PROJ does not
/// know.
pub fn is_north_first(epsg: Epsg) -> bool {
    if epsg == Epsg::LOCAL {
        return false;
    }
    let Ok(reference) = spatial_ref(epsg) else { return false };
    let handle = reference.to_c_hsrs();
    // SAFETY: the handle belongs to `reference`, which lives until the end of this function; both calls only read it.
    unsafe {
        gdal_sys::OSREPSGTreatsAsLatLong(handle) != 0 || gdal_sys::OSREPSGTreatsAsNorthingEasting(handle) != 0
    }
}

/// Whether `[x, y]` (x east or longitude) lies where the CRS is meant to be used; `None` when that is not known.
/// Cost: a transform is made at each call, some milliseconds.
pub fn is_in_area_of_use(epsg: Epsg, point: [f64; 2]) -> Option<bool> {
    let area = spatial_ref(epsg).ok()?.area_of_use()?;
    let is_geographic = spatial_ref(epsg).ok()?.is_geographic();
    let [lon, lat] = if is_geographic {
        point
    } else {
        let to_degrees = Transform::new(epsg, Epsg::WGS84).ok()?;
        match to_degrees.apply_one([point[0], point[1], 0.0]) {
            Some([lon, lat, _]) => [lon, lat],
            None => return Some(false),
        }
    };
    let (west, east) = (area.west_lon_degree, area.east_lon_degree);
    // Areas over the date line have their west east of their east.
    let is_between = if west <= east { (west..=east).contains(&lon) } else { lon >= west || lon <= east };
    Some(is_between && (area.south_lat_degree..=area.north_lat_degree).contains(&lat))
}
