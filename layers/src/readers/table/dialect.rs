//! How a delimited text is written: its separator, and which columns hold a place.

/// A column pair or column that places a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// East or longitude in one column, north or latitude in another.
    Pair { x: usize, y: usize, kind: PairKind },
    /// "52.09, 5.12" in one column, latitude first, as open data portals write it.
    LatLon { column: usize },
    /// Well-known text, GeoJSON, well-known binary in hexadecimal, or a list of points.
    Geometry { column: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairKind {
    /// By their names.
    Degrees,
    /// By their names RD.
    Rd,
    /// The numbers must tell.
    Unknown,
}

use PairKind::{Degrees, Rd, Unknown};

const PAIRS: [(&str, &str, PairKind); 30] = [
    ("lon", "lat", Degrees),
    ("lng", "lat", Degrees),
    ("long", "lat", Degrees),
    ("longitude", "latitude", Degrees),
    ("stop_lon", "stop_lat", Degrees),
    ("gps_lon", "gps_lat", Degrees),
    ("wgs84_lon", "wgs84_lat", Degrees),
    ("lengtegraad", "breedtegraad", Degrees),
    ("geo_lon", "geo_lat", Degrees),
    ("x_wgs84", "y_wgs84", Degrees),
    ("rd_x", "rd_y", Rd),
    ("x_rd", "y_rd", Rd),
    ("rdx", "rdy", Rd),
    ("xrd", "yrd", Rd),
    ("rd_x_coordinaat", "rd_y_coordinaat", Rd),
    ("x", "y", Unknown),
    ("easting", "northing", Unknown),
    ("east", "north", Unknown),
    ("x_coord", "y_coord", Unknown),
    ("xcoord", "ycoord", Unknown),
    ("coord_x", "coord_y", Unknown),
    ("point_x", "point_y", Unknown),
    ("geo_x", "geo_y", Unknown),
    ("x_coordinate", "y_coordinate", Unknown),
    ("x_coordinaat", "y_coordinaat", Unknown),
    ("xcoordinaat", "ycoordinaat", Unknown),
    ("x_coor", "y_coor", Unknown),
    ("xcoor", "ycoor", Unknown),
    ("x_m", "y_m", Unknown),
    ("pos_x", "pos_y", Unknown),
];

const LAT_LON: [&str; 6] = ["geo_point_2d", "geopoint", "geo_point", "latlon", "lat_lon", "latlng"];

const GEOMETRIES: [&str; 14] = [
    "wkt",
    "geom",
    "geometry",
    "the_geom",
    "geometrie",
    "shape",
    "polygon",
    "geo_shape",
    "geom_wkt",
    "wkt_geom",
    "wkb",
    "geojson",
    "wkt_lng_lat",
    "geometry_wkt",
];

/// The separator under which the first lines have the same number of cells, the most of them.
pub(super) fn delimiter_of(head: &[u8]) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
    // A head of 4 KiB ends somewhere in a line, which would count short.
    let is_whole = head.len() < 4096;
    let score = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(head);
        let mut counts: Vec<usize> = Vec::new();
        let mut record = csv::ByteRecord::new();
        while counts.len() < 20 && reader.read_byte_record(&mut record).unwrap_or(false) {
            counts.push(record.len());
        }
        if !is_whole && counts.len() > 1 {
            counts.pop();
        }
        let first = counts.first().copied().unwrap_or(1);
        let alike = counts.iter().filter(|&&count| count == first).count();
        (first > 1).then_some((10 * alike / counts.len().max(1), first))
    };
    CANDIDATES
        .into_iter()
        .rev()
        .max_by_key(|&delimiter| score(delimiter))
        .filter(|&delimiter| score(delimiter).is_some())
        .unwrap_or(b',')
}

/// Lower case with "_" for spaces and dashes.
fn plain(name: &str) -> String {
    name.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_")
}

/// Where the rows' places are, by the names of the columns and, for geometry, a look at the first row.
pub(super) fn place_of(header: &[String], first_row: &[String]) -> Option<Place> {
    let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let position = |wanted: &str| names.iter().position(|name| name == wanted);
    let looks_like_geometry =
        |column: usize| first_row.get(column).is_some_and(|cell| super::cell::looks_like_geometry(cell));
    let by_name = GEOMETRIES.iter().find_map(|name| position(name));
    if let Some(column) = by_name.filter(|&column| looks_like_geometry(column)) {
        return Some(Place::Geometry { column });
    }
    let pair =
        PAIRS.iter().find_map(|&(x, y, kind)| Some(Place::Pair { x: position(x)?, y: position(y)?, kind }));
    pair.or_else(|| LAT_LON.iter().find_map(|name| position(name)).map(|column| Place::LatLon { column }))
        .or_else(|| {
            (0..names.len())
                .find(|&column| looks_like_geometry(column))
                .map(|column| Place::Geometry { column })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str, row: &[&str]) -> Option<Place> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        place_of(&header, &row.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn places_are_found_by_the_usual_names() {
        assert_eq!(find("id,lon,lat,population", &[]), Some(Place::Pair { x: 1, y: 2, kind: Degrees }));
        assert_eq!(find("id,lat,lon", &[]), Some(Place::Pair { x: 2, y: 1, kind: Degrees }));
        assert_eq!(find("X,Y,naam", &[]), Some(Place::Pair { x: 0, y: 1, kind: Unknown }));
        assert_eq!(
            find("naam,X-coordinaat,Y-coordinaat", &[]),
            Some(Place::Pair { x: 1, y: 2, kind: Unknown })
        );
        assert_eq!(find("RD X,RD Y", &[]), Some(Place::Pair { x: 0, y: 1, kind: Rd }));
        assert_eq!(find("osm_id,lts", &["27184648", "1"]), None);
        assert_eq!(find("id,geo_point_2d", &["1", "52.1, 5.1"]), Some(Place::LatLon { column: 1 }));
        assert_eq!(
            find("bgt_type,polygon", &["pand", "[[1, 2], [3, 4]]"]),
            Some(Place::Geometry { column: 1 })
        );
        assert_eq!(find("id,iets", &["1", "POINT (5 52)"]), Some(Place::Geometry { column: 1 }));
        assert_eq!(find("id,polygon", &["1", "driehoek"]), None, "a name alone is not enough");
    }

    #[test]
    fn the_separator_is_the_one_that_makes_a_table() {
        assert_eq!(delimiter_of(b"a;b;c,d\n1;2,5;3\n"), b';');
        assert_eq!(delimiter_of(b"a,b\n\"x;y;z\",2\n"), b',');
        assert_eq!(delimiter_of(b"a\tb, c\n1\t2\n"), b'\t');
        assert_eq!(delimiter_of(b"naam;x;y\nPlein, groot;1,5;2,5\n"), b';');
        assert_eq!(delimiter_of(b"one\ntwo\n"), b',');
    }
}
