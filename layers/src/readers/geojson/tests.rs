use geo::Geometry;

use super::*;

#[test]
fn order_of_members_does_not_matter() {
    let (layer, faults) = read_text(
        r#"{"features": [{"properties": {"a": 1, "b": null}, "geometry": {"coordinates": [5.0, 52.0, 3.5], "type": "Point"}, "type": "Feature", "id": 7},
           {"type": "Feature", "geometry": null, "properties": {"b": "x", "a": 2.5}}], "type": "FeatureCollection"}"#,
    )
    .unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(layer.features[0].id, "7");
    assert_eq!(layer.features[0].geometry, Some(geo::Point::new(5.0, 52.0).into()));
    assert_eq!(layer.features[1].geometry, None);
    assert_eq!(layer.attributes.get(0, "a").as_f64(), Some(1.0));
    assert_eq!(layer.attributes.get(1, "a").as_f64(), Some(2.5));
    assert!(layer.attributes.get(0, "b").is_null());
    assert_eq!(layer.attributes.get(1, "b").as_str(), Some("x"));
}

#[test]
fn every_geometry_type_is_read() {
    for (text, is_expected) in [
        (
            r#"{"type": "Polygon", "coordinates": [[[0,0],[4,0],[4,4],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]}"#,
            (|g| matches!(g, Geometry::Polygon(p) if p.interiors().len() == 1)) as fn(&Geometry) -> bool,
        ),
        (
            r#"{"type": "MultiPoint", "coordinates": [[0,0],[4,0]]}"#,
            |g| matches!(g, Geometry::MultiPoint(p) if p.0.len() == 2),
        ),
        (r#"{"type": "LineString", "coordinates": [[0,0],[4,0]]}"#, |g| matches!(g, Geometry::LineString(_))),
        (
            r#"{"type": "MultiLineString", "coordinates": [[[0,0],[4,0]],[]]}"#,
            |g| matches!(g, Geometry::MultiLineString(l) if l.0.len() == 1),
        ),
        (
            r#"{"type": "MultiPolygon", "coordinates": [[[[0,0],[4,0],[4,4]]]]}"#,
            |g| matches!(g, Geometry::MultiPolygon(p) if p.0[0].exterior().is_closed()),
        ),
        (
            r#"{"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1,2]}, {"type": "LineString", "coordinates": [[0,0],[4,0]]}]}"#,
            |g| matches!(g, Geometry::GeometryCollection(c) if c.0.len() == 2),
        ),
    ] {
        let (layer, faults) = read_text(text).unwrap();
        assert!(layer.features[0].geometry.as_ref().is_some_and(is_expected), "{text} {layer:?}");
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[test]
fn numbers_and_shapes_that_are_none_cost_one_geometry() {
    for geometry in [
        r#"{"type": "Point", "coordinates": [NaN, 1]}"#,
        r#"{"type": "Point", "coordinates": [1e999, 1]}"#,
        r#"{"type": "Point", "coordinates": [1]}"#,
        r#"{"type": "Point", "coordinates": ["1", 2]}"#,
        r#"{"type": "Point", "coordinates": [null, null]}"#,
        r#"{"type": "LineString", "coordinates": [[1, 2]]}"#,
        r#"{"type": "Polygon", "coordinates": [[[1, 2], [2, 3]]]}"#,
        r#"{"type": "Polygon", "coordinates": [[], [[0,0],[4,0],[4,4],[0,0]]]}"#,
        r#"{"type": "Circle", "coordinates": [1, 2]}"#,
        r#"{"type": "Polygon"}"#,
        r#"{"coordinates": [1, 2]}"#,
        r#""here""#,
        r#"{"type": "GeometryCollection", "geometries": 3}"#,
    ] {
        let text = format!(
            r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature", "geometry": {geometry}, "properties": {{"n": 1}}}},
               {{"type": "Feature", "geometry": {{"type": "Point", "coordinates": [5, 52]}}, "properties": {{"n": 2}}}}]}}"#
        );
        let (layer, faults) = read_text(&text).unwrap();
        assert_eq!(layer.features.len(), 2, "{geometry}");
        assert!(layer.features[0].geometry.is_none() && layer.features[1].geometry.is_some(), "{geometry}");
        assert_eq!(layer.attributes.get(1, "n").as_f64(), Some(2.0));
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["geometry"], "{geometry}");
    }
}

#[test]
fn empty_geometries_are_no_geometry_and_no_fault() {
    for geometry in [
        r#"{"type": "Point", "coordinates": []}"#,
        r#"{"type": "Polygon", "coordinates": []}"#,
        r#"{"type": "MultiPolygon", "coordinates": []}"#,
        r#"{"type": "GeometryCollection", "geometries": []}"#,
        "null",
    ] {
        let (layer, faults) =
            read_text(&format!(r#"{{"type": "Feature", "properties": null, "geometry": {geometry}}}"#))
                .unwrap();
        assert!(layer.features[0].geometry.is_none() && faults.is_empty(), "{geometry} {faults:?}");
    }
}

#[test]
fn nesting_without_end_is_refused_without_a_crash() {
    let deep = format!("{{\"type\": \"Point\", \"coordinates\": {}", "[".repeat(2_000_000));
    assert!(read_text(&deep).unwrap_err().contains("GeoJSON"));
    let mut collections = String::from(r#"{"type": "Point", "coordinates": [1, 2]}"#);
    for _ in 0..40 {
        collections = format!(r#"{{"type": "GeometryCollection", "geometries": [{collections}]}}"#);
    }
    let (layer, faults) = read_text(&collections).unwrap();
    assert!(layer.features[0].geometry.is_none() && faults[0].code == "geometry");
    let property = format!("{}{}", "[".repeat(5_000), "}".repeat(5_000));
    assert!(read_text(&format!(r#"{{"type": "Feature", "properties": {{"a": {property}}}}}"#)).is_err());
    let property = r#"[1 2, {"a" "b"}]"#;
    let (layer, faults) = read_text(&format!(
        r#"{{"type": "Feature", "geometry": null, "properties": {{"a": {property}, "b": {{"x" : [1, "y z"]}}}}}}"#
    ))
    .unwrap();
    assert_eq!(faults[0].code, "property");
    assert_eq!(layer.attributes.get(0, "b").as_str(), Some(r#"{"x":[1,"y z"]}"#));
}

#[test]
fn a_sequence_loses_only_its_broken_lines() {
    let text = "\u{1e}{\"type\":\"Feature\",\"id\":\"a\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[5,52]},\"properties\":{}}\n\
                {\"type\":\"Feature\",\"id\":\"b\",\"geometry\":{\"type\":\"Poi\n\
                {\"type\":\"Feature\",\"id\":\"c\",\"geometry\":null,\"properties\":{}}\n";
    let (layer, faults) = read_text(text).unwrap();
    assert_eq!(layer.features.iter().map(|feature| feature.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert!(faults.iter().any(|fault| fault.code == "json"), "{faults:?}");
}

#[test]
fn damage_names_its_place_and_strange_documents_their_type() {
    let error =
        read_text("{\"type\": \"FeatureCollection\",\n \"features\": [{\"type\": \"Feature\" \"id\": 1}]}")
            .unwrap_err();
    assert!(error.contains("line 2, column 34"), "{error}");
    let error = read_text(r#"{"type": "Topology", "objects": {}}"#).unwrap_err();
    assert!(error.contains("FeatureCollection") && error.contains("Topology"), "{error}");
    assert!(read_text("[1, 2]").is_err() && read_text("").is_err() && read_text("\u{1e}").is_err());
}

#[test]
fn ids_come_from_the_feature_then_from_a_column_and_are_unique() {
    let feature = |id: &str, own: &str| {
        format!(r#"{{"type": "Feature"{id}, "geometry": null, "properties": {{{own}}}}}"#)
    };
    let read = |list: &[String]| {
        let (layer, faults) =
            read_text(&format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, list.join(",")))
                .unwrap();
        (layer.features.into_iter().map(|feature| feature.id).collect::<Vec<_>>(), faults.len())
    };
    assert_eq!(
        read(&[feature("", r#""id": "001""#), feature("", r#""id": "002""#)]),
        (vec!["001".into(), "002".into()], 0)
    );
    assert_eq!(
        read(&[feature("", r#""id": 1"#), feature("", r#""id": 1"#)]),
        (vec!["0".into(), "1".into()], 0)
    );
    let equal = vec![feature(r#", "id": "x""#, ""); 3];
    assert_eq!(read(&equal).0[..2], ["x".to_owned(), "x#2".to_owned()]);
    assert_eq!(read(&equal).1, 2);
}

#[test]
fn a_crs_member_is_read_in_its_three_forms() {
    for (member, expected) in [
        (
            r#"{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}"#,
            StatedCrs::Named("urn:ogc:def:crs:EPSG::28992".into()),
        ),
        (r#"{"type": "EPSG", "properties": {"code": 28992}}"#, StatedCrs::Named("28992".into())),
        (r#"{"type": "link", "properties": {"href": "http://127.0.0.1/crs"}}"#, StatedCrs::Unknown),
        ("null", StatedCrs::Unknown),
    ] {
        assert_eq!(crs_member(&mut Scanner::new(member.as_bytes())).unwrap(), expected, "{member}");
    }
}

#[test]
fn a_table_of_nearly_empty_columns_stays_small() {
    let mut list = vec![r#"{"type": "Feature", "geometry": null, "properties": {}}"#.to_owned(); 20_000];
    for column in 0..3_000 {
        list.push(format!(r#"{{"type": "Feature", "geometry": null, "properties": {{"c{column}": 1}}}}"#));
    }
    let (layer, faults) =
        read_text(&format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, list.join(","))).unwrap();
    assert!(layer.attributes.columns().len() < 400, "{}", layer.attributes.columns().len());
    assert!(faults.iter().any(|fault| fault.code == "too-many-properties"));
}
