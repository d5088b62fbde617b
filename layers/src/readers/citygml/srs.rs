//! `srsName` in its many forms, and which coordinate comes first.

use crate::{
    crs::{self, Epsg},
    model::Bounds3,
    readers::{ReadContext, ReadError, Source, placement::Placement},
};

/// Reads an `srsName`: the forms of [`Epsg`], compound ones (`urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::7837`,
/// `http://www.opengis.net/def/crs-compound?1=…&2=…`, `EPSG:28992+5709`) and the German `urn:adv:crs:ETRS89_UTM32*…`.
///
/// RD with NAP becomes 7415; of other compounds the horizontal part is taken and heights stay as they are. Fails with
/// [`ReadError::UnknownCrs`] like [`Placement::parse_stated`].
pub(super) fn parse(
    source: &Source,
    text: &str,
    context: &mut ReadContext,
) -> Result<Option<Epsg>, ReadError> {
    let epsg = compound(text).map_or_else(|| text.to_owned(), |epsg| epsg.to_string());
    Placement::parse_stated(source, &epsg, context)
}

fn compound(text: &str) -> Option<Epsg> {
    let upper = text.trim().to_ascii_uppercase();
    if let Some(rest) = upper.strip_prefix("URN:ADV:CRS:") {
        let zone = ["ETRS89_UTM31", "ETRS89_UTM32", "ETRS89_UTM33"]
            .iter()
            .position(|name| rest.starts_with(name))?;
        return Some(Epsg(25_831 + zone as u32));
    }
    let parts: Vec<&str> = if upper.starts_with("URN:") && upper.contains(',') {
        upper.split(',').skip(1).collect()
    } else if upper.contains("CRS-COMPOUND") {
        upper.split(['?', '&']).skip(1).collect()
    } else {
        upper.strip_prefix("EPSG:")?.split('+').collect()
    };
    let codes: Vec<u32> =
        parts.iter().filter_map(|part| part.rsplit([':', '/']).next()?.trim().parse().ok()).collect();
    match codes.as_slice() {
        [28_992, 5709] => Some(Epsg::RD_NAP),
        [horizontal, _] => Some(Epsg(*horizontal)),
        _ => None,
    }
}

/// Whether the file's first coordinate is north (or latitude).
///
/// The authority decides (EPSG gives geographic systems, and some grids, as north, east), unless the coordinates lie in
/// the CRS's area of use only the other way round, as many writers have it: then that is taken and told. `bounds` hold
/// the coordinates in the file's order.
pub(super) fn is_north_first(epsg: Epsg, bounds: &Bounds3, context: &mut ReadContext) -> bool {
    let is_official = crs::is_north_first(epsg);
    if bounds.is_empty() {
        return is_official;
    }
    let [first, second, _] = bounds.center();
    let fits = |is_north_first: bool| {
        let (x, y) = if is_north_first { (second, first) } else { (first, second) };
        crs::is_in_area_of_use(epsg, [x, y])
    };
    if fits(is_official) == Some(false) && fits(!is_official) == Some(true) {
        let (expected, found) =
            if is_official { ("north first", "east first") } else { ("east first", "north first") };
        context.report.warn(
            "axis-order",
            "reference system",
            format!(
                "{epsg} has coordinates {expected}, but these lie in its area only {found}; read that way"
            ),
        );
        return !is_official;
    }
    is_official
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compound_names_give_their_horizontal_part() {
        for (text, epsg) in [
            ("urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709", 7415),
            ("urn:ogc:def:crs,crs:EPSG:6.12:3068,crs:EPSG:6.12:5783", 3068),
            ("urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::7837", 25832),
            (
                "http://www.opengis.net/def/crs-compound?1=http://www.opengis.net/def/crs/EPSG/0/28992&2=http://www.opengis.net/def/crs/EPSG/0/5709",
                7415,
            ),
            ("EPSG:28992+5709", 7415),
            ("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH", 25832),
        ] {
            assert_eq!(compound(text), Some(Epsg(epsg)), "{text}");
        }
        for text in
            ["EPSG:7415", "urn:ogc:def:crs:EPSG::28992", "http://www.opengis.net/def/crs/EPSG/0/6697", ""]
        {
            assert_eq!(compound(text), None, "{text}: left to the plain forms");
        }
    }

    #[test]
    fn the_authority_and_the_area_decide_which_coordinate_is_first() {
        let at = |a: f64, b: f64| Bounds3::from_points([[a, b, 0.0], [a + 0.001, b + 0.001, 0.0]]);
        let mut context = ReadContext::default();
        for (epsg, a, b, expected) in [
            (6697, 35.26, 139.74, true),
            (6668, 35.26, 139.74, true),
            (4979, 52.0, 4.4, true),
            (28992, 85_000.0, 446_000.0, false),
            (7415, 85_000.0, 446_000.0, false),
            (3946, 1_842_810.0, 5_175_815.0, false),
            (32755, 321_202.0, 5_813_840.0, false),
        ] {
            assert_eq!(is_north_first(Epsg(epsg), &at(a, b), &mut context), expected, "{epsg}");
        }
        assert!(context.report.finish().is_empty());
        let mut context = ReadContext::default();
        assert!(!is_north_first(Epsg(6697), &at(139.74, 35.26), &mut context));
        assert!(!is_north_first(Epsg(3879), &at(25_497_000.0, 6_673_000.0), &mut context));
        assert_eq!(context.report.finish().len(), 2);
    }
}
