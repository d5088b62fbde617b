//! The CRS of a LAS file: a WKT record, or GeoTIFF keys.

use gdal::spatial_ref::SpatialRef;

use super::header::Header;
use crate::crs::{Epsg, epsg_of_spatial_ref};

const PROJECTION: &str = "LASF_Projection";
const WKT: u16 = 2112;
const GEO_KEYS: u16 = 34735;

/// What the file says: a code, a text that is none, or nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stated {
    Epsg(Epsg),
    Unknown(String),
    Nothing,
}

pub(super) fn stated(header: &Header) -> Stated {
    let wkt = header
        .record(PROJECTION, WKT)
        .map(|record| String::from_utf8_lossy(&record.data).trim_end_matches('\0').trim().to_owned());
    if let Some(wkt) = wkt.filter(|wkt| !wkt.is_empty()) {
        return from_wkt(&wkt).map_or_else(|| Stated::Unknown(wkt.chars().take(80).collect()), Stated::Epsg);
    }
    match header.record(PROJECTION, GEO_KEYS) {
        Some(record) => from_geo_keys(&record.data),
        None => Stated::Nothing,
    }
}

fn from_wkt(wkt: &str) -> Option<Epsg> {
    crate::crs::ensure_init();
    let whole = SpatialRef::from_wkt(wkt).ok().as_ref().and_then(epsg_of_spatial_ref);
    if whole.is_some() {
        return whole;
    }
    // A compound of two known parts has no code of its own: the horizontal part's code stands in both forms just before
    // the vertical part begins.
    let upper = wkt.to_ascii_uppercase();
    let vertical_at = ["VERT_CS", "VERTCRS", "VERTICALCRS"].iter().filter_map(|key| upper.find(key)).min();
    let (horizontal, vertical) = upper.split_at_checked(vertical_at.unwrap_or(upper.len()))?;
    let code = last_code(horizontal)?;
    Some(with_vertical(code, last_code(vertical)))
}

/// The last `AUTHORITY["EPSG","n"]` or `ID["EPSG",n]` of a text: that of its outermost finished part.
fn last_code(upper: &str) -> Option<u32> {
    let (_, rest) = upper.rsplit_once("\"EPSG\"")?;
    let digits: String =
        rest.trim_start_matches([',', ' ', '"']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Combines codes where EPSG has a code for both together.
fn with_vertical(horizontal: u32, vertical: Option<u32>) -> Epsg {
    match (horizontal, vertical) {
        // Heights beside RD are NAP.
        (28992, _) => Epsg::RD_NAP,
        _ => Epsg(horizontal),
    }
}

/// GeoTIFF key directory (OGC 19-008): 3072 projected, 2048 geodetic, 4096 vertical.
fn from_geo_keys(data: &[u8]) -> Stated {
    let values: Vec<u16> =
        data.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes)).collect();
    let key = |wanted: u16| {
        values
            .get(4..)
            .unwrap_or_default()
            .chunks_exact(4)
            .find(|entry| entry.first() == Some(&wanted) && entry.get(1) == Some(&0))
            .and_then(|entry| entry.get(3).copied())
    };
    let is_code = |code: &u16| (1024..=32766).contains(code);
    if let Some(code) = key(3072).filter(is_code).or_else(|| key(2048).filter(is_code)) {
        Stated::Epsg(with_vertical(u32::from(code), key(4096).map(u32::from)))
    } else if key(3072).or(key(2048)).is_some() {
        Stated::Unknown("GeoTIFF keys of a user's own coordinate system".to_owned())
    } else {
        Stated::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(entries: &[[u16; 4]]) -> Vec<u8> {
        let count = entries.len() as u16;
        [1, 1, 0, count]
            .into_iter()
            .chain(entries.iter().flatten().copied())
            .flat_map(u16::to_le_bytes)
            .collect()
    }

    #[test]
    fn geotiff_keys_give_the_projected_system() {
        let rd = keys(&[[1024, 0, 1, 1], [3072, 0, 1, 28992], [4096, 0, 1, 5709]]);
        assert_eq!(from_geo_keys(&rd), Stated::Epsg(Epsg::RD_NAP));
        assert_eq!(from_geo_keys(&keys(&[[2048, 0, 1, 4258]])), Stated::Epsg(Epsg::ETRS89));
        assert!(matches!(from_geo_keys(&keys(&[[3072, 0, 1, 32767]])), Stated::Unknown(_)));
        assert_eq!(from_geo_keys(&[1, 2, 3]), Stated::Nothing);
    }

    #[test]
    fn wkt_of_both_ages_gives_the_horizontal_code() {
        let old = r#"COMPD_CS["Amersfoort / RD New + NAP height",PROJCS["Amersfoort / RD New",GEOGCS["Amersfoort",AUTHORITY["EPSG","4289"]],AUTHORITY["EPSG","28992"]],VERT_CS["NAP height",VERT_DATUM["NAP",2005,AUTHORITY["EPSG","5109"]],AUTHORITY["EPSG","5709"]]]"#;
        assert_eq!(from_wkt(old), Some(Epsg::RD_NAP));
        let text = r#"COMPOUNDCRS["x",PROJCRS["UTM 32",ID["EPSG",25832]],VERTCRS["y",ID["EPSG",5941]]]"#;
        assert_eq!(from_wkt(text), Some(Epsg(25832)));
        assert_eq!(from_wkt("nonsense"), None);
    }
}
