//! GML: the Dutch registrations, curves, axis order, history.

use layers::{
    crs::{Epsg, Transform},
    model::{FeatureLayer, LayerData, Value},
    readers::{ReadError, ReadOutcome, Severity},
};

use crate::support::{Scratch, assert_near, counts, fixture, read, read_ok, shared};

fn features<'a>(outcome: &'a ReadOutcome, name: &str) -> &'a FeatureLayer {
    outcome
        .layers
        .iter()
        .find_map(|layer| match &layer.data {
            LayerData::Features(features) if features.name == name => Some(&**features),
            _ => None,
        })
        .unwrap_or_else(|| panic!("no layer {name}"))
}

fn fault<'a>(outcome: &'a ReadOutcome, code: &str) -> Option<&'a layers::readers::Fault> {
    outcome.inspection.faults.iter().find(|fault| fault.code == code)
}

#[test]
fn curves_axis_order_and_nested_properties_are_read() {
    let outcome = read_ok(&fixture("gml/good-curves.gml"));
    assert_eq!(counts(&outcome.inspection), [("Pad", 1), ("Perk", 2)].into());
    assert_eq!((outcome.inspection.version.as_deref(), outcome.crs), (Some("3.2"), Epsg::RD_NEW));
    let beds = features(&outcome, "Perk");
    let circle = beds.features[0].geometry.as_ref().unwrap();
    let area = geo::Area::unsigned_area(circle);
    // A polygon inside a circle of 10 m with 5 mm between: less than 2·5 mm/10 m of its area is lost.
    assert!((0.0..0.35).contains(&(314.159_265 - area)), "{area}");
    assert_eq!(beds.features[0].id, "perk.1");
    assert_eq!(beds.attributes.get(0, "naam"), Value::Text("Rozen & meer".into()));
    assert_eq!(beds.attributes.get(0, "oppervlakte"), Value::Real(314.16));
    assert_eq!(beds.attributes.column("oppervlakte").unwrap().unit.as_deref(), Some("m2"));
    assert_eq!(beds.attributes.get(0, "beheer.dienst"), Value::Text("Groen".into()));
    assert_eq!(beds.attributes.get(0, "beheer.ploeg"), Value::Text("03".into()));
    assert_eq!(beds.attributes.get(0, "soort"), Value::Text("roos; lavendel".into()));
    assert_eq!(beds.attributes.get(0, "einde"), Value::Null);
    // The second bed is in ETRS89, latitude first as its URN prescribes.
    let to_rd = Transform::new(Epsg::ETRS89, Epsg::RD_NEW).unwrap();
    let corner = to_rd.apply_one([5.1214, 52.0907, 0.0]).unwrap();
    let Some(geo::Geometry::Polygon(bed)) = &beds.features[1].geometry else { panic!("a polygon") };
    assert_near(&[bed.exterior().0[0].x, bed.exterior().0[0].y], &corner[..2], 1e-3);
    let paths = features(&outcome, "Pad");
    let Some(geo::Geometry::LineString(path)) = &paths.features[0].geometry else { panic!("a line") };
    assert_eq!((path.0[0].x, path.0.last().unwrap().x), (136_500.0, 136_520.0));
    assert_eq!(path.0.iter().filter(|c| c.x == 136_510.0).count(), 1, "the joint is one point");
    let length = geo::Length::length(&geo::Euclidean, path);
    assert!((length - 10.0 - 5.0 * std::f64::consts::PI).abs() < 0.02, "{length}");
    assert_eq!(paths.attributes.get(0, "naast"), Value::Text("#perk.1".into()));
}

#[test]
fn the_bgt_of_otterlo_has_a_layer_for_every_file() {
    let Some(path) = shared("nl-vector/otterlo_bgt_gml.zip") else { return };
    let outcome = read_ok(&path);
    assert_eq!((outcome.inspection.format, outcome.crs), ("gml", Epsg::RD_NEW));
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:28992"), "the standard prescribes it");
    assert_eq!(outcome.layers.len(), 35);
    let found = counts(&outcome.inspection);
    for (name, count) in [
        ("bgt_wegdeel", 2444),
        ("bgt_vegetatieobject", 2308),
        ("bgt_pand", 2273),
        ("bgt_ondersteunendwegdeel", 1512),
        ("bgt_begroeidterreindeel", 1168),
        ("bgt_waterdeel", 1163),
        ("bgt_put", 1045),
        ("bgt_onbegroeidterreindeel", 830),
        ("bgt_paal", 410),
        ("bgt_scheiding", 396),
        ("bgt_gebouwinstallatie", 175),
        ("bgt_ondersteunendwaterdeel", 170),
        ("bgt_kunstwerkdeel", 66),
        ("bgt_openbareruimtelabel", 62),
        ("bgt_buurt", 0),
    ] {
        assert_eq!(found[name], count, "{name}");
    }
    let errors: Vec<_> =
        outcome.inspection.faults.iter().filter(|fault| fault.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for layer in &outcome.layers {
        let LayerData::Features(data) = &layer.data else { panic!("features") };
        let without = data.features.iter().filter(|feature| feature.geometry.is_none()).count();
        assert_eq!(without, 0, "{}", layer.title);
        let bounds = data.bounds();
        if !bounds.is_empty() {
            assert!(bounds.min[0] > 170_000.0 && bounds.max[0] < 195_000.0, "{} {bounds:?}", layer.title);
        }
    }
    // History: counted by the end dates in the file.
    for (name, historic, total) in [("bgt_pand", 562, 2273), ("bgt_wegdeel", 1192, 2444)] {
        let text = format!("{historic} of {total} rows");
        let is_told = outcome.inspection.faults.iter().any(|fault| {
            fault.code == "historic-rows" && fault.location.contains(name) && fault.message.contains(&text)
        });
        assert!(is_told, "{name}: {:?}", fault(&outcome, "historic-rows"));
    }
    let houses = features(&outcome, "bgt_pand");
    assert_eq!(houses.features[0].id, "G0228.fe246f2e4755d6d6e0400a0a35020533");
    assert_eq!(houses.attributes.get(0, "identificatieBAGPND"), Value::Text("0228100000031255".into()));
    assert_eq!(houses.attributes.get(0, "plus-status"), Value::Null, "a void reason is no value");
    assert_eq!(houses.attributes.get(0, "bgt-status"), Value::Text("bestaand".into()));
}

#[test]
fn arcs_of_the_bgt_follow_the_kerb() {
    let Some(path) = shared("nl-vector/otterlo_bgt_gml.zip") else { return };
    let outcome = read_ok(&path);
    let roads = features(&outcome, "bgt_wegdeel");
    let vertices: usize =
        roads.features.iter().filter_map(|f| f.geometry.as_ref()).map(geo::CoordsIter::coords_count).sum();
    // 2,530 arcs of three points each would give far fewer.
    assert!(vertices > 40_000, "{vertices}");
    for feature in &roads.features {
        let Some(geometry) = &feature.geometry else { continue };
        assert!(geo::Area::unsigned_area(geometry) > 0.0, "{}", feature.id);
    }
}

#[test]
fn top10nl_and_top50nl_have_their_types() {
    let Some(path) = shared("nl-vector/top10nl_v12_sample.gml") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found.len(), found["Relief"]), (11, 6), "{found:?}");
    for name in [
        "FunctioneelGebied",
        "Gebouw",
        "GeografischGebied",
        "Inrichtingselement",
        "Plaats",
        "RegistratiefGebied",
        "Spoorbaandeel",
    ] {
        assert_eq!(found[name], 3, "{name}");
    }
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:28992"));
    for (name, bbox) in [
        ("FunctioneelGebied", [244_321.145, 473_322.496, 255_486.4, 555_935.696]),
        ("Gebouw", [43_078.089, 416_711.241, 46_597.435, 417_058.246]),
        ("RegistratiefGebied", [10_425.891, 306_838.822, 278_026.1, 621_876.3]),
    ] {
        let [x0, y0, _, x1, y1, _] = features(&outcome, name).bounds().to_array().unwrap();
        assert_near(&[x0, y0, x1, y1], &bbox, 1e-3);
    }
    assert_eq!(features(&outcome, "Gebouw").features.len(), 3);
    let Some(path) = shared("nl-vector/brt_top50nl_sample.zip") else { return };
    let outcome = read_ok(&path);
    assert_eq!((outcome.inspection.format, outcome.inspection.features), ("gml", 306));
    assert!(outcome.layers.iter().all(|layer| layers::crs::looks_like_rd(&layer.data.bounds())));
}

#[test]
fn a_gml_2_file_without_a_crs_is_guessed_and_the_guess_is_told() {
    let Some(path) = shared("nl-vector/nwb_wegvakken_amsterdam_noord.gml") else { return };
    let outcome = read_ok(&path);
    assert_eq!(counts(&outcome.inspection), [("nwb_wegvakken", 13)].into());
    assert_eq!((outcome.inspection.crs.as_deref(), outcome.crs), (None, Epsg::RD_NEW));
    assert!(fault(&outcome, "crs-missing").is_some_and(|fault| fault.message.contains("EPSG:4326")));
    let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
    assert_near(&[x0, y0, x1, y1], &[4.909_070, 52.394_148, 4.949_639, 52.421_718], 1e-5);
    let roads = features(&outcome, "nwb_wegvakken");
    assert_eq!(roads.attributes.get(0, "STT_NAAM"), Value::Text("Klaprozenweg".into()));
    assert_eq!(roads.attributes.get(0, "WVK_ID"), Value::Text("244380021".into()));
    assert!(roads.features.iter().all(|f| matches!(f.geometry, Some(geo::Geometry::MultiLineString(_)))));
}

#[test]
fn the_bag_extract_is_one_layer_with_its_history() {
    let Some(path) = shared("nl-vector/bag20_panden_0221.zip") else { return };
    let outcome = read_ok(&path);
    assert_eq!(outcome.inspection.format, "bag-extract");
    assert_eq!(counts(&outcome.inspection), [("Pand", 13_098)].into());
    assert_eq!(outcome.layers.len(), 1, "two files, one layer");
    assert_eq!((outcome.inspection.crs.as_deref(), outcome.crs), (Some("EPSG:28992"), Epsg::RD_NEW));
    assert_eq!(outcome.layers[0].provenance.date, "2020-09-15");
    let houses = features(&outcome, "Pand");
    assert_eq!((houses.features.len(), houses.attributes.rows()), (13_098, 13_098));
    let ids: std::collections::HashSet<&str> =
        houses.features.iter().map(|feature| feature.id.as_str()).collect();
    assert_eq!(ids.len(), 13_098, "ids are unique");
    assert!(houses.features.iter().all(|f| matches!(f.geometry, Some(geo::Geometry::Polygon(_)))));
    let row = houses.features.iter().position(|feature| feature.id == "0221100000311191").unwrap();
    assert_eq!(houses.attributes.get(row, "oorspronkelijkBouwjaar"), Value::Integer(1992));
    assert_eq!(houses.attributes.get(row, "status"), Value::Text("Pand in gebruik".into()));
    assert_eq!(
        houses.attributes.get(row, "voorkomen.beginGeldigheid"),
        Value::Text("2011-09-06".into()),
        "the current version has the plain id"
    );
    let current =
        (0..13_098).filter(|&row| houses.attributes.get(row, "voorkomen.eindGeldigheid").is_null()).count();
    let plain = houses.features.iter().filter(|feature| !feature.id.contains('#')).count();
    println!("{current} current of 13098, {plain} with the plain id");
    assert!(plain <= current && plain > 5_000);
}

#[test]
fn a_small_bag_extract_keeps_both_versions() {
    let outcome = read_ok(&fixture("bag-extract/good-panden.xml"));
    let houses = features(&outcome, "Pand");
    let ids: Vec<&str> = houses.features.iter().map(|feature| feature.id.as_str()).collect();
    assert_eq!(ids, ["0999100000000001#1", "0999100000000001"]);
    assert!(fault(&outcome, "historic-rows").is_some_and(|fault| fault.message.starts_with("1 of 2 rows")));
    assert_eq!(outcome.layers[0].provenance.date, "2026-01-08");
}

fn collection(members: &str) -> String {
    format!(
        "<c xmlns:gml=\"http://www.opengis.net/gml/3.2\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{members}</c>"
    )
}

fn point(srs: &str, pos: &str) -> String {
    collection(&format!(
        "<gml:featureMember><P gml:id=\"p\"><g><gml:Point srsName=\"{srs}\"><gml:pos>{pos}</gml:pos></gml:Point></g></P></gml:featureMember>"
    ))
}

#[test]
fn axis_order_follows_the_spelling_of_the_reference() {
    let to_rd = Transform::new(Epsg::ETRS89, Epsg::RD_NEW).unwrap();
    let expected = to_rd.apply_one([5.1214, 52.0907, 0.0]).unwrap();
    for (srs, pos, is_told) in [
        ("urn:ogc:def:crs:EPSG::4326", "52.0907 5.1214", false),
        ("http://www.opengis.net/def/crs/EPSG/0/4258", "52.0907 5.1214", false),
        ("EPSG:4326", "5.1214 52.0907", false),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", "5.1214 52.0907", false),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "5.1214 52.0907", false),
        // Written against the rule: noticed, turned, told.
        ("urn:ogc:def:crs:EPSG::4326", "5.1214 52.0907", true),
        ("EPSG:4326", "52.0907 5.1214", true),
    ] {
        let file = Scratch::new("p.gml", point(srs, pos).as_bytes());
        let outcome = read_ok(&file.0);
        let Some(geo::Geometry::Point(found)) = features(&outcome, "P").features[0].geometry else {
            panic!("{srs}");
        };
        assert_near(&[found.x(), found.y()], &expected[..2], 1e-3);
        assert_eq!(fault(&outcome, "axis-order").is_some(), is_told, "{srs} {pos}");
    }
    // Germany's zone 3 is north first by its authority.
    let file = Scratch::new("g.gml", point("urn:ogc:def:crs:EPSG::31467", "5700000 3500000").as_bytes());
    let outcome = read_ok(&file.0);
    assert_near(&outcome.inspection.bbox.unwrap()[..2], &[3_500_000.0, 5_700_000.0], 1e-6);
}

#[test]
fn what_is_wrong_with_one_geometry_costs_that_one() {
    let member = |id: &str, geometry: &str| {
        format!("<gml:featureMember><V gml:id=\"{id}\"><g>{geometry}</g></V></gml:featureMember>")
    };
    let square = "<gml:Polygon srsName=\"EPSG:28992\"><gml:exterior><gml:LinearRing><gml:posList>136500 455900 136510 455900 136510 455910 136500 455900</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>";
    let text = collection(
        &[
            member("good", square),
            member("odd", &square.replace("136510 455910 ", "136510 ")),
            member("word", &square.replace("455910", "noord")),
            member("empty", "<gml:Polygon srsName=\"EPSG:28992\"/>"),
            member("ring", &square.replace("136510 455900 136510 455910 ", "")),
            member("huge", &square.replace("455910", "1e308")),
            member("nan", &square.replace("455910", "NaN")),
            member(
                "link",
                "<gml:MultiSurface srsName=\"EPSG:28992\"><gml:surfaceMember xlink:href=\"http://127.0.0.1/x\"/></gml:MultiSurface>",
            ),
        ]
        .concat(),
    );
    let outcome = read_ok(&Scratch::new("v.gml", text.as_bytes()).0);
    let layer = features(&outcome, "V");
    let placed: Vec<&str> =
        layer.features.iter().filter(|f| f.geometry.is_some()).map(|f| f.id.as_str()).collect();
    assert_eq!(layer.features.len(), 8);
    assert_eq!(placed, ["good", "link"]);
    for (code, id) in [
        ("geometry", "odd"),
        ("geometry", "word"),
        ("geometry", "empty"),
        ("geometry", "ring"),
        ("coordinates", "huge"),
        ("coordinates", "nan"),
        ("xlink", "link"),
    ] {
        let is_told = outcome
            .inspection
            .faults
            .iter()
            .any(|fault| fault.code == code && fault.location.contains(&format!("\"{id}\"")));
        assert!(is_told, "{code} {id}: {:?}", outcome.inspection.faults);
    }
}

#[test]
fn cut_off_deep_and_dangerous_files_are_named() {
    let whole = std::fs::read_to_string(fixture("gml/good-curves.gml")).unwrap();
    let at = whole.find("perk.2").unwrap();
    let outcome = read_ok(&Scratch::new("short.gml", &whole.as_bytes()[..at]).0);
    assert_eq!(outcome.inspection.features, 1, "the first is whole");
    assert!(
        fault(&outcome, "file-short")
            .or(fault(&outcome, "file-damaged"))
            .is_some_and(|f| f.location.starts_with("byte"))
    );
    let doctype = whole.replacen(
        "<t:Collectie",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n<t:Collectie",
        1,
    );
    let error = read(&Scratch::new("doctype.gml", doctype.as_bytes()).0).unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }) && error.to_string().contains("DOCTYPE"), "{error}");
    let other = "<Netwerk xmlns:gml=\"http://www.opengis.net/gml/3.2\"><Lijn/></Netwerk>";
    let error = read(&Scratch::new("netwerk.xml", other.as_bytes()).0).unwrap_err();
    assert!(error.to_string().contains("no feature members"), "{error}");
    let empty = "<gml:FeatureCollection xmlns:gml=\"http://www.opengis.net/gml/3.2\"/>";
    let empty = read_ok(&Scratch::new("leeg.gml", empty.as_bytes()).0);
    assert_eq!((empty.inspection.features, empty.layers.len()), (0, 1));
    let deep = collection(&format!("<gml:featureMember><a>{}", "<b>".repeat(300)));
    let error = read(&Scratch::new("deep.gml", deep.as_bytes()).0).unwrap_err();
    assert!(error.to_string().contains("deeper than 256"), "{error}");
}

#[test]
fn services_answer_with_collections_in_collections() {
    let inside = |kind: &str, id: &str| {
        format!(
            "<wfs:member><t:{kind} gml:id=\"{id}\"><t:inspireId><b:Identifier><b:localId>{id}</b:localId><b:namespace>NL</b:namespace></b:Identifier></t:inspireId><t:beginLifespanVersion>2020-01-01</t:beginLifespanVersion><t:endLifespanVersion nilReason=\"other:unpopulated\" xsi:nil=\"true\"/><t:geometry><gml:MultiCurve srsName=\"http://www.opengis.net/def/crs/EPSG/0/4258\"><gml:curveMember><gml:LineString><gml:posList>52.1 5.1 52.2 5.2</gml:posList></gml:LineString></gml:curveMember></gml:MultiCurve></t:geometry></t:{kind}></wfs:member>"
        )
    };
    let text = format!(
        "<wfs:FeatureCollection xmlns:wfs=\"http://www.opengis.net/wfs/2.0\" xmlns:gml=\"http://www.opengis.net/gml/3.2\" xmlns:t=\"urn:t\" xmlns:b=\"urn:b\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><wfs:member><wfs:FeatureCollection>{}{}</wfs:FeatureCollection></wfs:member><wfs:member><wfs:FeatureCollection>{}</wfs:FeatureCollection></wfs:member></wfs:FeatureCollection>",
        inside("RoadLink", "r1"),
        inside("RoadLink", "r2"),
        inside("RailwayLink", "s1"),
    );
    let outcome = read_ok(&Scratch::new("inspire.gml", text.as_bytes()).0);
    assert_eq!(counts(&outcome.inspection), [("RailwayLink", 1), ("RoadLink", 2)].into());
    let roads = features(&outcome, "RoadLink");
    assert_eq!(roads.features[1].id, "r2");
    assert_eq!(roads.attributes.get(0, "inspireId.localId"), Value::Text("r1".into()));
    assert_eq!(roads.attributes.get(0, "endLifespanVersion"), Value::Null);
    assert!(fault(&outcome, "historic-rows").is_none(), "a nil end is no end");
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let [x, y, ..] = outcome.inspection.bbox.unwrap();
    assert_near(&[x, y], &[5.1, 52.1], 1e-9);
}

#[test]
fn rarer_geometries_have_their_shape() {
    let read_one = |geometry: &str| {
        let text = collection(&format!(
            "<gml:featureMember><V gml:id=\"v\"><g>{}</g></V></gml:featureMember>",
            geometry.replacen('>', " srsName=\"EPSG:28992\">", 1)
        ));
        let outcome = read_ok(&Scratch::new("v.gml", text.as_bytes()).0);
        features(&outcome, "V").features[0]
            .geometry
            .clone()
            .unwrap_or_else(|| panic!("{geometry}: {:?}", outcome.inspection.faults))
    };
    let length = |geometry: &geo::Geometry| match geometry {
        geo::Geometry::LineString(line) => geo::Length::length(&geo::Euclidean, line),
        other => panic!("{other:?}"),
    };
    let circle = 2.0 * std::f64::consts::PI * 10.0;
    let curve =
        |segment: &str| read_one(&format!("<gml:Curve><gml:segments>{segment}</gml:segments></gml:Curve>"));
    let by_center = "<gml:pos>136500 455900</gml:pos><gml:radius>10</gml:radius>";
    let found = length(&curve(&format!("<gml:CircleByCenterPoint>{by_center}</gml:CircleByCenterPoint>")));
    assert!((found - circle).abs() < 0.05, "{found}");
    let quarter = curve(&format!(
        "<gml:ArcByCenterPoint>{by_center}<gml:startAngle>0</gml:startAngle><gml:endAngle>90</gml:endAngle></gml:ArcByCenterPoint>"
    ));
    assert!((length(&quarter) - circle / 4.0).abs() < 0.02);
    let string = curve(
        "<gml:ArcString><gml:posList>136490 455900 136500 455910 136510 455900 136520 455890 136530 455900</gml:posList></gml:ArcString>",
    );
    assert!((length(&string) - circle).abs() < 0.05, "two half circles");
    let three_quarters = curve(
        "<gml:Circle><gml:posList>136510 455900 136500 455910 136490 455900</gml:posList></gml:Circle>",
    );
    assert!((length(&three_quarters) - circle).abs() < 0.05, "a circle is whole whatever its three points");
    let reversed = read_one(
        "<gml:OrientableCurve orientation=\"-\"><gml:baseCurve><gml:LineString><gml:posList>136500 455900 136510 455900</gml:posList></gml:LineString></gml:baseCurve></gml:OrientableCurve>",
    );
    let geo::Geometry::LineString(line) = &reversed else { panic!("{reversed:?}") };
    assert_eq!(line.0[0].x, 136_510.0);
    let ring = "<gml:exterior><gml:LinearRing><gml:posList srsDimension=\"3\">136500 455900 1 136510 455900 1 136510 455910 1 136500 455900 1</gml:posList></gml:LinearRing></gml:exterior>";
    let tin = read_one(&format!(
        "<gml:TriangulatedSurface><gml:trianglePatches><gml:Triangle>{ring}</gml:Triangle><gml:Triangle>{ring}</gml:Triangle></gml:trianglePatches></gml:TriangulatedSurface>"
    ));
    assert!((geo::Area::unsigned_area(&tin) - 100.0).abs() < 1e-6, "{tin:?}");
    let composite = read_one(&format!(
        "<gml:CompositeSurface><gml:surfaceMember><gml:Polygon>{ring}</gml:Polygon></gml:surfaceMember></gml:CompositeSurface>"
    ));
    assert!(matches!(composite, geo::Geometry::Polygon(_)), "{composite:?}");
    let mixed = read_one(&format!(
        "<gml:MultiGeometry><gml:geometryMember><gml:Point><gml:pos>136500 455900</gml:pos></gml:Point></gml:geometryMember><gml:geometryMembers><gml:Polygon>{ring}</gml:Polygon></gml:geometryMembers></gml:MultiGeometry>"
    ));
    assert!(matches!(&mixed, geo::Geometry::GeometryCollection(parts) if parts.0.len() == 2), "{mixed:?}");
    let comma = read_one(
        "<gml:LineString><gml:coordinates decimal=\",\" cs=\" \" ts=\";\">136500,5 455900;136510,5 455900</gml:coordinates></gml:LineString>",
    );
    let geo::Geometry::LineString(line) = &comma else { panic!("{comma:?}") };
    assert_eq!(line.0[1].x, 136_510.5);
    let points = read_one(
        "<gml:MultiPoint><gml:pointMember><gml:Point><gml:pos>136500 455900</gml:pos></gml:Point></gml:pointMember><gml:pointMembers><gml:Point><gml:pos>136501 455900</gml:pos></gml:Point><gml:Point><gml:pos>136502 455900</gml:pos></gml:Point></gml:pointMembers></gml:MultiPoint>",
    );
    assert!(matches!(&points, geo::Geometry::MultiPoint(points) if points.0.len() == 3), "{points:?}");
}

#[test]
fn other_encodings_and_entities_come_through() {
    let text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>".to_owned()
        + &collection(
            "<gml:featureMember><V gml:id=\"v\"><n>Caf\u{e9} &lt;&#233;&gt; &onbekend;</n><c><![CDATA[<b>]]></c></V></gml:featureMember>",
        );
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let outcome = read_ok(&Scratch::new("latin.gml", &latin).0);
    let layer = features(&outcome, "V");
    assert_eq!(layer.attributes.get(0, "n"), Value::Text("Café <é> &onbekend;".into()));
    assert_eq!(layer.attributes.get(0, "c"), Value::Text("<b>".into()));
    // Declared as UTF-8 by saying nothing, but not.
    let bytes: Vec<u8> = latin.splitn(2, |&byte| byte == b'>').nth(1).unwrap().to_vec();
    let outcome = read_ok(&Scratch::new("oud.gml", &bytes).0);
    assert_eq!(features(&outcome, "V").attributes.get(0, "n"), Value::Text("Café <é> &onbekend;".into()));
    assert!(fault(&outcome, "encoding").is_some());
}
