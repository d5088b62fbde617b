use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use gdal::{Dataset, vector::LayerAccess};
use layers::{demo, writers};
use serde_json::Value as Json;

use crate::{buildings, city, features, sensors, streets, sum, terrain, transit};

/// The town's files, written once for all tests of this module.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-town");
        let paths = demo::write(&folder, city()).expect("the town can be written");
        let names: Vec<_> =
            paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(
            names,
            [
                "merewaarde.city.json",
                "merewaarde.gpkg",
                "gtfs.zip",
                "sensors.json",
                "terrain.tif",
                "streets.osm"
            ]
        );
        folder
    })
}

fn json(name: &str) -> Json {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

#[test]
fn cityjson_has_every_building_with_its_place_and_attributes() {
    let file = json("merewaarde.city.json");
    assert_eq!((file["type"].as_str(), file["version"].as_str()), (Some("CityJSON"), Some("2.0")));
    assert_eq!(
        file["metadata"]["referenceSystem"].as_str(),
        Some("https://www.opengis.net/def/crs/EPSG/0/7415")
    );
    let objects = file["CityObjects"].as_object().unwrap();
    assert_eq!(objects.len(), buildings().objects.len());
    let numbers = |key: &str| -> Vec<f64> {
        file["transform"][key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    };
    let (scale, translate) = (numbers("scale"), numbers("translate"));
    let vertices = file["vertices"].as_array().unwrap();
    for (row, object) in buildings().objects.iter().enumerate().step_by(97) {
        let written = &objects[&object.id];
        assert_eq!(written["type"].as_str(), Some("Building"));
        let year = buildings().attributes.get(row, "year").as_f64();
        assert_eq!(written["attributes"]["year"].as_f64(), year);
        for (geometry, written) in object.geometries.iter().zip(written["geometry"].as_array().unwrap()) {
            assert_eq!(written["type"].as_str(), Some("Solid"));
            assert_eq!(written["lod"].as_str().map(str::to_owned), geometry.lod.map(|lod| lod.to_string()));
            let shell = written["boundaries"][0].as_array().unwrap();
            assert_eq!(shell.len(), geometry.surface_count());
            assert_eq!(written["semantics"]["values"][0].as_array().unwrap().len(), shell.len());
            for (surface, rings) in shell.iter().enumerate() {
                let ring = geometry.rings(surface).next().unwrap();
                for (corner, &index) in ring.iter().enumerate() {
                    let at = rings[0][corner].as_u64().unwrap() as usize;
                    for axis in 0..3 {
                        let steps = vertices[at][axis].as_i64().unwrap() as f64;
                        let value = steps * scale[axis] + translate[axis];
                        let wanted = buildings().vertices.at(index)[axis];
                        assert!((value - wanted).abs() < 6e-4, "{value} for {wanted}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_cityjson_sequence_has_a_header_and_a_building_a_line() {
    let path = folder().join("again.city.jsonl");
    writers::cityjson::write_sequence(
        &path,
        buildings(),
        layers::crs::Epsg::RD_NAP,
        &writers::cityjson::Metadata::default(),
    )
    .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    let head: Json = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(head["type"].as_str(), Some("CityJSON"));
    assert!(head["CityObjects"].as_object().unwrap().is_empty());
    let features: Vec<Json> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(features.len(), buildings().objects.len());
    for (feature, object) in features.iter().zip(&buildings().objects) {
        assert_eq!(feature["id"].as_str(), Some(object.id.as_str()));
        let used = feature["vertices"].as_array().unwrap().len();
        assert!((8..=30).contains(&used), "only its own vertices: {used}");
    }
}

#[test]
fn the_geopackage_holds_every_feature_layer() {
    let dataset = Dataset::open(folder().join("merewaarde.gpkg")).unwrap();
    for id in ["neighbourhoods", "surfaces", "trees", "rail", "points-of-interest", "cordon"] {
        let wanted = features(id);
        let mut table = dataset.layer_by_name(&id.replace('-', "_")).unwrap();
        assert_eq!(table.feature_count() as usize, wanted.features.len(), "{id}");
        assert_eq!(table.spatial_ref().unwrap().auth_code().unwrap(), 28992);
        let column = table.defn().field_index("id").unwrap();
        let ids: Vec<String> =
            table.features().map(|f| f.field_as_string(column).unwrap().unwrap()).collect();
        assert_eq!(ids, wanted.features.iter().map(|f| f.id.clone()).collect::<Vec<_>>(), "{id}");
    }
    let mut zones = dataset.layer_by_name("neighbourhoods").unwrap();
    let column = zones.defn().field_index("population").unwrap();
    let people: i64 = zones.features().map(|f| f.field_as_integer64(column).unwrap().unwrap()).sum();
    assert_eq!(people as f64, sum(&buildings().attributes, "residents"));
    let mut trees = dataset.layer_by_name("trees").unwrap();
    let first = trees.features().next().unwrap();
    let (x, y, _) = first.geometry().unwrap().get_point(0);
    let Some(geo::Geometry::Point(point)) = &features("trees").features[0].geometry else { panic!() };
    assert_eq!((x, y), (point.x(), point.y()));
}

#[test]
fn the_terrain_is_where_and_as_high_as_it_was() {
    let dataset = Dataset::open(folder().join("terrain.tif")).unwrap();
    let wanted = terrain();
    assert_eq!(dataset.raster_size(), (wanted.width, wanted.height));
    assert_eq!(dataset.spatial_ref().unwrap().auth_code().unwrap(), 28992);
    let transform = dataset.geo_transform().unwrap();
    assert_eq!(transform[0], wanted.origin[0] - wanted.cell_m / 2.0);
    assert_eq!(transform[3], wanted.origin[1] + wanted.cell_m / 2.0);
    assert_eq!((transform[1], transform[5]), (wanted.cell_m, -wanted.cell_m));
    let band = dataset.rasterband(1).unwrap();
    assert_eq!(band.no_data_value(), Some(-9999.0));
    let size = (wanted.width, wanted.height);
    let heights = band.read_as::<f32>((0, 0), size, size, None).unwrap();
    assert_eq!(heights.data(), wanted.heights.as_slice());
}

#[test]
fn unknown_heights_become_the_no_data_value() {
    let mut small = terrain().clone();
    small.heights.truncate(4);
    (small.width, small.height) = (2, 2);
    small.heights[2] = f32::NAN;
    let path = folder().join("hole.tif");
    writers::geotiff::write(&path, &small, layers::crs::Epsg::RD_NEW).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let data = dataset.rasterband(1).unwrap().read_as::<f32>((0, 0), (2, 2), (2, 2), None).unwrap();
    assert_eq!(data.data()[2], -9999.0);
}

fn table(zip: &mut zip::ZipArchive<fs::File>, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            header.iter().map(str::to_owned).zip(record.unwrap().iter().map(str::to_owned)).collect()
        })
        .collect()
}

#[test]
fn the_gtfs_feed_has_bus_5_at_three_o_clock() {
    let mut zip = zip::ZipArchive::new(fs::File::open(folder().join("gtfs.zip")).unwrap()).unwrap();
    let stops = table(&mut zip, "stops.txt");
    assert_eq!(stops.len(), transit().stops.len());
    let stop_ids: BTreeSet<&str> =
        stops.iter().filter(|s| s["stop_name"] == "Nachtwachtlaan").map(|s| s["stop_id"].as_str()).collect();
    // Open water of the IJsselmeer: between Enkhuizen and Urk.
    for stop in &stops {
        let (lat, lon): (f64, f64) = (stop["stop_lat"].parse().unwrap(), stop["stop_lon"].parse().unwrap());
        assert!((52.68..52.75).contains(&lat) && (5.34..5.43).contains(&lon), "{lat} {lon}");
    }
    let trips = table(&mut zip, "trips.txt");
    let times = table(&mut zip, "stop_times.txt");
    assert_eq!((trips.len(), times.len()), (transit().trips.len(), transit().stop_times.len()));
    let weekday_trips: BTreeSet<&str> = trips
        .iter()
        .filter(|t| t["route_id"] == "mw-5" && t["service_id"] == "werkdag")
        .map(|t| t["trip_id"].as_str())
        .collect();
    assert!(times.iter().any(|t| {
        t["departure_time"] == "15:00:00"
            && stop_ids.contains(t["stop_id"].as_str())
            && weekday_trips.contains(t["trip_id"].as_str())
    }));
    assert_eq!(table(&mut zip, "calendar.txt").len(), 3);
    assert_eq!(table(&mut zip, "agency.txt")[0]["agency_timezone"], "Europe/Amsterdam");
    assert!(!table(&mut zip, "shapes.txt").is_empty());
}

#[test]
fn the_sensor_document_has_things_with_everything_inside() {
    let file = json("sensors.json");
    let things = file["Things"].as_array().unwrap();
    assert_eq!(things.len(), sensors().things.len());
    let mut count = 0;
    for (thing, wanted) in things.iter().zip(&sensors().things) {
        assert_eq!(thing["@iot.id"].as_str(), Some(wanted.id.as_str()));
        assert_eq!(thing["properties"]["processes_personal_data"].as_bool(), Some(false));
        let place = thing["Locations"][0]["location"]["coordinates"].as_array().unwrap();
        assert!((5.3..5.5).contains(&place[0].as_f64().unwrap()));
        for stream in thing["Datastreams"].as_array().unwrap() {
            assert!(!stream["unitOfMeasurement"]["symbol"].as_str().unwrap().is_empty());
            assert!(!stream["ObservedProperty"]["name"].as_str().unwrap().is_empty());
            let first = &stream["Observations"][0];
            assert_eq!(first["phenomenonTime"].as_str(), Some("2026-06-14T22:00:00Z"));
            count += stream["Observations"].as_array().unwrap().len();
        }
    }
    assert_eq!(count, sensors().observation_count());
}

#[test]
fn the_streets_come_back_from_osm_within_a_millimetre() {
    let text = fs::read_to_string(folder().join("streets.osm")).unwrap();
    let attribute = |element: &str, name: &str| -> Option<String> {
        let from = element.find(&format!("{name}=\""))? + name.len() + 2;
        Some(element[from..].split('"').next()?.to_owned())
    };
    let mut places = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("<node")) {
        let number = |name: &str| attribute(line, name).unwrap().parse::<f64>().unwrap();
        let before = places.insert(attribute(line, "id").unwrap(), [number("lon"), number("lat")]);
        assert!(before.is_none(), "node ids are unique");
    }
    let ids: Vec<&String> = places.keys().collect();
    let mut points: Vec<[f64; 2]> = places.values().copied().collect();
    let transform = layers::crs::Transform::new(layers::crs::Epsg::WGS84, layers::crs::Epsg::RD_NEW).unwrap();
    assert_eq!(transform.apply_2d(&mut points), 0);
    let back: BTreeMap<&String, [f64; 2]> = ids.into_iter().zip(points).collect();
    for node in &streets().nodes {
        let [x, y] = back[&node.id];
        assert!((x - node.position[0]).hypot(y - node.position[1]) < 0.001, "{}", node.id);
    }
    let mut ways = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with("<way")) {
        assert!(ways.insert(attribute(line, "id").unwrap()), "way ids are unique");
        assert!(line.contains("k=\"highway\"") && line.contains("k=\"width\""));
    }
    assert!(streets().links.iter().all(|link| ways.contains(&link.way_id)));
    assert!(text.contains("k=\"oneway:bicycle\" v=\"no\""));
}

#[test]
fn writing_into_a_folder_that_cannot_be_made_is_an_error_in_words() {
    let file = folder().join("in-the-way");
    fs::write(&file, "x").unwrap();
    let error = demo::write(&file, city()).unwrap_err().to_string();
    assert!(error.contains("in-the-way"), "{error}");
}
