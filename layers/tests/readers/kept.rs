//! Nothing is dropped in silence: what a file says beside shapes and attributes is there again after reading, writing and
//! reading once more.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use layers::{
    cutout::{
        export::{ExportFormat, export},
        losses::losses,
    },
    model::{CityModel, FeatureLayer, Geometry, GeometryKind, Layer, LayerData, SurfaceLooks},
    readers::ReadOutcome,
};

use crate::support::{Scratch, city, read, read_ok, shared};

fn only(outcome: &ReadOutcome) -> &Layer {
    let [layer] = outcome.layers.as_slice() else { panic!("one layer, found {}", outcome.layers.len()) };
    layer
}

fn features(outcome: &ReadOutcome) -> &FeatureLayer {
    let LayerData::Features(layer) = &only(outcome).data else { panic!("features") };
    layer
}

/// Exports the first layer and reads the file again.
fn round(outcome: &ReadOutcome, format: ExportFormat, name: &str) -> (Scratch, ReadOutcome) {
    let file = Scratch::new(name, b"");
    export(&[&outcome.layers[0]], outcome.crs, format, &file.0).unwrap_or_else(|error| panic!("{error}"));
    let again = read_ok(&file.0);
    (file, again)
}

/// Everything that a model says of its geometries, in words that do not depend on the order of vertices and pictures.
fn described(model: &CityModel) -> Vec<String> {
    let mut lines = Vec::new();
    for object in &model.objects {
        for geometry in &object.geometries {
            lines.push(format!("{} {}", object.id, describe(model, geometry)));
        }
    }
    lines.sort();
    lines
}

fn describe(model: &CityModel, geometry: &Geometry) -> String {
    let corner = |&index: &u32| model.vertices.at(index).map(|value| (value * 1000.0).round() as i64);
    let rings: Vec<Vec<[i64; 3]>> = {
        let mut start = 0;
        let ring = |&end: &u32| {
            let range = start..end as usize;
            start = end as usize;
            geometry.indices[range].iter().map(corner).collect()
        };
        geometry.ring_ends.iter().map(ring).collect()
    };
    let details = geometry.details.as_ref().map(|details| {
        let list: serde_json::Value = serde_json::from_str(&details.semantics).unwrap_or_default();
        let meant = |&value: &u32| list.get(value as usize).map(|surface| in_order(surface.clone()));
        (details.solid_ends.clone(), details.semantic_values.iter().map(meant).collect::<Vec<_>>())
    });
    let looks: Vec<String> = geometry.looks.iter().flat_map(|looks| themes(model, looks)).collect();
    format!(
        "{:?} {:?} {rings:?} {:?} {:?} {:?} {details:?} {looks:?}",
        geometry.kind, geometry.lod, geometry.surface_ends, geometry.surface_types, geometry.shell_ends
    )
}

/// Members in the order of their names.
fn in_order(surface: serde_json::Value) -> String {
    let members: BTreeMap<String, serde_json::Value> = serde_json::from_value(surface).unwrap();
    format!("{members:?}")
}

fn themes(model: &CityModel, looks: &SurfaceLooks) -> Vec<String> {
    let look = &model.appearance;
    let mut all = Vec::new();
    for theme in std::iter::once(looks).chain(&looks.others) {
        // A theme without a name, as The Hague has it, is written with one.
        let name = |of: usize| match (theme.themes[of].as_ref(), of) {
            ("", 0) => "visual",
            ("", _) => "rgbTexture",
            (name, _) => name,
        };
        for surface in 0..theme.materials.len() {
            let material = theme.material(surface).map(|position| &look.materials[position]);
            all.push(format!("material {} {surface} {material:?}", name(0)));
        }
        for surface in 0..theme.textures.len() {
            let texture = theme.texture(surface).map(|position| &look.textures[position]);
            let extras = theme.texture(surface).map(|position| &look.texture_extras[position]);
            all.push(format!("texture {} {surface} {texture:?} {extras:?}", name(1)));
        }
        let place = |&place: &u32| look.texture_places.get(place as usize).copied();
        all.push(format!("{:?}", theme.places.iter().map(place).collect::<Vec<_>>()));
    }
    all.sort();
    all
}

/// Both forms of CityJSON keep everything.
fn assert_kept(path: &Path) -> usize {
    let Ok(before) = read(path) else { return 0 };
    let expected = described(city(&before));
    for (format, name) in
        [(ExportFormat::CityJson, "again.city.json"), (ExportFormat::CityJsonSeq, "again.city.jsonl")]
    {
        let (_file, after) = round(&before, format, name);
        assert_eq!(described(city(&after)), expected, "{} as {name}", path.display());
        // Boxes follow from shapes; a city without any has none to write.
        let extras = |outcome: &ReadOutcome| -> Vec<_> {
            let all = city(outcome).extras.iter();
            all.filter(|(name, _)| name != layers::writers::cityjson::EXTENTS).cloned().collect()
        };
        assert_eq!(extras(&after), extras(&before), "{}", path.display());
    }
    expected.len()
}

/// Solids of a cube each, a point and a line, with semantics on all; materials and a picture in two themes.
fn everything() -> String {
    let cube = |first: u32| -> String {
        let faces = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]];
        let faces: Vec<String> =
            faces.iter().map(|face| format!("[{:?}]", face.map(|corner: u32| corner + first))).collect();
        format!("[[{}]]", faces.join(","))
    };
    let vertices: Vec<String> = (0..2)
        .flat_map(|cube| {
            let x = 85_000 + cube * 20;
            [(0, 0, 0), (9, 0, 0), (9, 9, 0), (0, 9, 0), (0, 0, 9), (9, 0, 9), (9, 9, 9), (0, 9, 9)]
                .map(|(dx, dy, dz)| format!("[{},{},{dz}]", x + dx, 447_000 + dy))
        })
        .collect();
    let each = |value: &str| format!("[[{}]]", [value; 6].join(","));
    let picture = "[[0,0,1,2,3]]";
    let textures = format!("[[{}]]", [picture, picture, "[[null]]", picture, picture, picture].join(","));
    format!(
        r#"{{"type":"CityJSON","version":"2.0","transform":{{"scale":[1,1,1],"translate":[0,0,0]}},
"metadata":{{"referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/7415"}},
"+note":{{"by":"the test"}},
"appearance":{{"default-theme-material":"winter",
 "materials":[{{"name":"brick","diffuseColor":[0.6,0.2,0.1],"shininess":0.25}},{{"name":"glass","transparency":0.5}}],
 "textures":[{{"type":"PNG","image":"wall.png","wrapMode":"wrap"}}],
 "vertices-texture":[[0.0,0.0],[1.0,0.0],[1.0,1.5],[0.0,1.5]]}},
"CityObjects":{{
 "multi":{{"type":"Building","geometry":[{{"type":"MultiSolid","lod":"2","boundaries":[{a},{b}],
   "semantics":{{"surfaces":[{{"type":"RoofSurface","slope":30.5,"children":[1]}},{{"type":"+Panel","parent":0}}],"values":[{zero},{one}]}},
   "material":{{"summer":{{"values":[{zero},{one}]}},"winter":{{"value":1}}}},
   "texture":{{"rgb":{{"values":[{textures},{textures}]}}}}}}]}},
 "composite":{{"type":"Building","geometry":[{{"type":"CompositeSolid","lod":"1","boundaries":[{b},{a}]}}]}},
 "points":{{"type":"CityFurniture","geometry":[{{"type":"MultiPoint","lod":"1","boundaries":[0,3,6],
   "semantics":{{"surfaces":[{{"type":"+Lamp","lumen":900}}],"values":[0,null,0]}}}}]}},
 "lines":{{"type":"Road","geometry":[{{"type":"MultiLineString","lod":"0.1","boundaries":[[0,1,2],[4,5]],
   "semantics":{{"surfaces":[{{"type":"+Kerb"}}],"values":[null,0]}}}}]}}
}},"vertices":[{vertices}]}}"#,
        a = cube(0),
        b = cube(8),
        zero = each("0"),
        one = each("1"),
        vertices = vertices.join(",")
    )
}

#[test]
fn solids_points_lines_looks_and_what_surfaces_say_are_written_again() {
    let file = Scratch::new("everything.city.json", everything().as_bytes());
    let outcome = read_ok(&file.0);
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
    let model = city(&outcome);
    let multi = &model.objects.iter().find(|object| object.id == "multi").unwrap().geometries[0];
    assert_eq!(multi.kind, GeometryKind::MultiSolid);
    assert_eq!(multi.solids(), [0..1, 1..2]);
    let looks = multi.looks.as_ref().unwrap();
    assert_eq!((&*looks.themes[0], &*looks.others[0].themes[0]), ("summer", "winter"));
    assert_eq!(looks.places.len(), multi.indices.len());
    assert_eq!(assert_kept(&file.0), 4);
    // What one cannot see in the model: the text itself.
    let (again, _) = round(&outcome, ExportFormat::CityJson, "again.city.json");
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&again.0).unwrap()).unwrap();
    let original: serde_json::Value = serde_json::from_str(&everything()).unwrap();
    assert_eq!(written["appearance"], original["appearance"]);
    for (object, key) in
        [("multi", "semantics"), ("multi", "material"), ("points", "semantics"), ("lines", "semantics")]
    {
        let of = |file: &serde_json::Value| file["CityObjects"][object]["geometry"][0][key].clone();
        let expected = if key == "material" {
            // One value for all surfaces is written as a value for each.
            assert_eq!(of(&written)["summer"], of(&original)["summer"]);
            continue;
        } else {
            of(&original)
        };
        assert_eq!(of(&written), expected, "{object} {key}");
    }
    assert_eq!(losses(&[only(&outcome)], ExportFormat::CityJson), []);
    assert!(losses(&[only(&outcome)], ExportFormat::Gltf).len() >= 3);
}

#[test]
fn heights_keep_their_name() {
    let file = Scratch::new("nap.city.json", everything().as_bytes());
    let outcome = read_ok(&file.0);
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:7415"));
    let (_file, again) = round(&outcome, ExportFormat::CityJson, "nap-again.city.json");
    assert_eq!(again.inspection.crs.as_deref(), Some("EPSG:7415"));
}

#[test]
fn conformance_models_and_real_cities_lose_nothing() {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["conformance/cjval", "conformance/cityjson-corpus/conformance"] {
        if let Some(folder) = shared(folder) {
            collect(&folder, &mut paths);
        }
    }
    for name in [
        "3d-city/denhaag_subset_cj11.city.json",
        "3d-city/rotterdam_subset_cj20.city.json",
        "3d-city/zurich_subset_lod2_cj11.city.json",
        "3d-city/delft_centre_3dfier_cj20.city.json",
    ] {
        paths.extend(shared(name));
    }
    let mut geometries = 0;
    for path in &paths {
        let name = path.to_string_lossy();
        // All corners of the potatoes are one point, which is written once.
        if !name.contains("potatoes") {
            geometries += assert_kept(path);
        }
    }
    println!("{geometries} geometries of {} files", paths.len());
    assert!(paths.is_empty() || geometries >= 800, "{geometries}");
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            paths.push(path);
        }
    }
}

#[test]
fn what_roof_and_wall_surfaces_say_in_real_data_is_kept() {
    let Some(path) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let some: String = text.split_inclusive('\n').take(60).collect();
    let file = Scratch::new("some.city.jsonl", some.as_bytes());
    let count = some.matches("on_footprint_edge").count();
    assert!(count > 100, "{count}");
    assert!(assert_kept(&file.0) > 100);
    let (again, _) = round(&read_ok(&file.0), ExportFormat::CityJsonSeq, "some-again.city.jsonl");
    assert_eq!(std::fs::read_to_string(&again.0).unwrap().matches("on_footprint_edge").count(), count);
}

const SOLID_GEOJSON: &str = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:28992"}},"features":[
{"type":"Feature","id":"a","properties":{},"geometry":{"type":"LineString","coordinates":[[85000,447000,1.5],[85010,447000,2.5]]}},
{"type":"Feature","id":"b","properties":{},"geometry":{"coordinates":[[85000,447000,-3.25],[85020,447000,4]],"type":"LineString"}}]}"#;

#[test]
fn heights_of_lines_are_read_and_written_in_every_format_that_has_them() {
    let file = Scratch::new("solid.geojson", SOLID_GEOJSON.as_bytes());
    let outcome = read_ok(&file.0);
    let heights = |layer: &FeatureLayer| -> Vec<Vec<f64>> {
        (0..layer.features.len()).map(|row| layer.heights_of(row).unwrap_or_default().to_vec()).collect()
    };
    let expected = vec![vec![1.5, 2.5], vec![-3.25, 4.0]];
    assert_eq!(heights(features(&outcome)), expected);
    for (format, name) in [(ExportFormat::GeoJson, "again.geojson"), (ExportFormat::GeoPackage, "again.gpkg")]
    {
        let (_file, again) = round(&outcome, format, name);
        assert_eq!(heights(features(&again)), expected, "{name}");
    }
    let table = Scratch::new("again.csv", b"");
    export(&[only(&outcome)], outcome.crs, ExportFormat::Csv, &table.0).unwrap();
    let text = std::fs::read_to_string(&table.0).unwrap();
    assert!(text.contains("LINESTRING Z (85000 447000 1.5, 85010 447000 2.5)"), "{text}");
    assert_eq!(losses(&[only(&outcome)], ExportFormat::Csv), []);
}

#[test]
fn areas_keep_the_heights_of_each_corner_also_when_a_ring_is_turned() {
    // Clockwise outside and anticlockwise inside: the standard wants both the other way round.
    let text = r#"{"type":"Feature","id":"p","properties":{},"geometry":{"type":"Polygon","coordinates":[
[[4.36,52.0,1],[4.36,52.01,2],[4.37,52.01,3],[4.37,52.0,4],[4.36,52.0,1]],
[[4.362,52.002,5],[4.365,52.002,6],[4.365,52.005,7],[4.362,52.002,5]]]}}"#;
    let file = Scratch::new("area.geojson", text.as_bytes());
    let outcome = read_ok(&file.0);
    assert_eq!(features(&outcome).heights_of(0).unwrap(), [1.0, 2.0, 3.0, 4.0, 1.0, 5.0, 6.0, 7.0, 5.0]);
    let (_file, again) = round(&outcome, ExportFormat::GeoJson, "again.geojson");
    assert_eq!(features(&again).heights_of(0).unwrap(), [1.0, 4.0, 3.0, 2.0, 1.0, 5.0, 7.0, 6.0, 5.0]);
}

#[test]
fn shapefiles_and_gml_with_heights_keep_them_and_flat_ones_have_none() {
    layers::crs::ensure_init();
    let file = Scratch::new("zee.shp", b"");
    std::fs::remove_file(&file.0).unwrap();
    {
        use gdal::vector::{Geometry as GdalGeometry, LayerAccess, LayerOptions, OGRwkbGeometryType};
        let driver = gdal::DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
        let mut dataset = driver.create_vector_only(&file.0).unwrap();
        let reference = gdal::spatial_ref::SpatialRef::from_epsg(28992).unwrap();
        let mut layer = dataset
            .create_layer(LayerOptions {
                name: "zee",
                srs: Some(&reference),
                ty: OGRwkbGeometryType::wkbPolygon25D,
                options: None,
            })
            .unwrap();
        let shape = "POLYGON Z ((85000 447000 1,85000 447010 2,85010 447010 3,85000 447000 1))";
        layer.create_feature(GdalGeometry::from_wkt(shape).unwrap()).unwrap();
    }
    assert_eq!(features(&read_ok(&file.0)).heights_of(0).unwrap(), [1.0, 2.0, 3.0, 1.0]);
    let gml = r#"<c xmlns:gml="http://www.opengis.net/gml/3.2"><gml:featureMember><p gml:id="p"><g>
<gml:LineString srsName="EPSG:7415" srsDimension="3"><gml:posList>85000 447000 0.5 85010 447000 0.75</gml:posList></gml:LineString>
</g></p></gml:featureMember></c>"#;
    let file = Scratch::new("heights.gml", gml.as_bytes());
    assert_eq!(features(&read_ok(&file.0)).heights_of(0).unwrap(), [0.5, 0.75]);
    let flat = crate::support::fixture("geojson/good-two.geojson");
    assert!(features(&read_ok(&flat)).heights.is_empty());
}

#[test]
fn a_table_says_its_crs_as_qgis_does() {
    let text = r#"{"type":"Feature","id":"p","properties":{"n":3,"x y":"t"},"geometry":{"type":"Point","coordinates":[5.1,52.1,7.5]}}"#;
    let file = Scratch::new("one.geojson", text.as_bytes());
    let outcome = read_ok(&file.0);
    let table = Scratch::new("one.csv", b"");
    export(&[only(&outcome)], outcome.crs, ExportFormat::Csv, &table.0).unwrap();
    let header = std::fs::read_to_string(&table.0).unwrap();
    assert!(header.starts_with("id,x,y,z,n,x y\n"), "{header}");
    let types = std::fs::read_to_string(table.0.with_extension("csvt")).unwrap();
    assert_eq!(types, "\"String\",\"CoordX\",\"CoordY\",\"Real\",\"Integer64\",\"String\"\n");
    let reference = std::fs::read_to_string(table.0.with_extension("prj")).unwrap();
    assert!(reference.contains("Amersfoort"), "{reference}");
}

#[test]
fn what_a_citygml_surface_says_comes_back_as_cityjson() {
    let face = |x: f64| {
        format!(
            "<gml:Polygon gml:id=\"p{x}\"><gml:exterior><gml:LinearRing><gml:posList>85000 447000 {x} 85010 447000 {x} 85010 447010 {x} 85000 447000 {x}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
        )
    };
    let surface = |name: &str, inside: &str, x: f64| {
        format!(
            "<bldg:boundedBy><bldg:{name} gml:id=\"s{x}\">{inside}<bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember>{}</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:{name}></bldg:boundedBy>",
            face(x)
        )
    };
    let text = format!(
        "<CityModel xmlns=\"http://www.opengis.net/citygml/2.0\" xmlns:bldg=\"http://www.opengis.net/citygml/building/2.0\" xmlns:gen=\"http://www.opengis.net/citygml/generics/2.0\" xmlns:gml=\"http://www.opengis.net/gml\"><gml:boundedBy><gml:Envelope srsName=\"EPSG:7415\" srsDimension=\"3\"><gml:lowerCorner>0 0 0</gml:lowerCorner></gml:Envelope></gml:boundedBy><cityObjectMember><bldg:Building gml:id=\"b\">{}{}{}</bldg:Building></cityObjectMember></CityModel>",
        surface(
            "RoofSurface",
            "<gml:name>Zuiddak</gml:name><gen:doubleAttribute name=\"slope\"><gen:value>31.5</gen:value></gen:doubleAttribute>",
            5.0
        ),
        surface("WallSurface", "", 2.0),
        surface("InteriorWallSurface", "", 1.0),
    );
    let file = Scratch::new("surfaces.gml", text.as_bytes());
    let outcome = read_ok(&file.0);
    let geometry = &city(&outcome).objects[0].geometries[0];
    let details = geometry.details.as_ref().unwrap();
    let list: serde_json::Value = serde_json::from_str(&details.semantics).unwrap();
    let expected = serde_json::json!([
        {"type": "RoofSurface", "name": "Zuiddak", "slope": 31.5, "id": "s5"},
        {"type": "WallSurface"},
        {"type": "InteriorWallSurface", "id": "s1"},
    ]);
    assert_eq!(list, expected);
    assert_eq!(details.semantic_values, [0, 1, 2]);
    let (_file, again) = round(&outcome, ExportFormat::CityJson, "surfaces.city.json");
    assert_eq!(described(city(&again)), described(city(&outcome)));
    // Where surfaces only have a type, nothing more is kept of them; the hedge keeps that it is a MultiSolid.
    let plain = read_ok(&crate::support::fixture("citygml/good-village.gml"));
    assert!(
        city(&plain)
            .objects
            .iter()
            .flat_map(|object| &object.geometries)
            .all(|geometry| geometry.details.as_ref().is_none_or(|details| details.semantics.is_empty()))
    );
}
