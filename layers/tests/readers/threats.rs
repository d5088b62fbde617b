//! Every row of the threats that concern files, and the test that holds it. `every_row_has_its_test` fails when a test is
//! renamed or lost. A row that needs the program around the readers is held in the `tests` crate.
//!
//! Experiments with hostile files on GDAL:
//!
//! | file | test |
//! |---|---|
//! | GML billion laughs | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (laughs.*) |
//! | GML external entity | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (xxe.*) |
//! | a DOCTYPE is told with the way out | `messages.rs` a_document_type_is_named_at_its_byte_with_the_way_out |
//! | GML schemaLocation on the network | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (schema.gml) |
//! | GML xlink to the network | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (xlink.gml) |
//! | VRT in a `.geojson`, `.csv`, `.shp`, `.gpkg`, `.tif` | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (evil.*) |
//! | WFS, WMS and vsicurl descriptions | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (remote.*, wfs.xml, wms.tif) |
//! | KML NetworkLink | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (network.kml) |
//! | GeoJSON of 200,000 lists in lists | `threats.rs` odd_json_ends_with_a_message (deep.geojson) |
//! | GeoJSON with NaN, 1e999, 1e308 and empty rings | `threats.rs` odd_json_ends_with_a_message (odd.geojson) |
//! | a zip that unfolds a thousandfold | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (bomb.zip) |
//! | drivers that are switched off | `tests/isolation.rs` a_hostile_file_reaches_neither_the_network_nor_other_files |
//!
//! Threats:
//!
//! | class | test |
//! |---|---|
//! | memory corruption in C libraries | `tests/isolation.rs` a_reader_that_is_killed_is_a_message_and_the_rest_still_loads |
//! | its memory and its time | `tests/isolation.rs` a_bomb_ends_in_time_and_inside_its_memory |
//! | content sniffing | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (evil.*) |
//! | paths: glTF buffers, 3D Tiles contents, OBJ materials | `bad_input.rs` every_bad_fixture_gives_its_error_or_its_fault (*-outside, *-on-network) |
//! | paths: links in a folder | `gtfs.rs` a_link_in_a_folder_does_not_lead_out_of_it |
//! | paths: CityJSON extensions and pictures, 3D Tiles addresses | `threats.rs` addresses_inside_models_are_never_asked |
//! | zip: names that lead out, links, the same name twice | `archives.rs` names_that_lead_out_of_the_archive_are_left_out |
//! | zip: archives in archives | `archives.rs` archives_in_archives_are_read_one_level_deep |
//! | zip: ratio, declared and while reading | `archives.rs` bombs_are_refused_before_and_while_they_unfold |
//! | zip: entries that share their bytes | `bombs.rs` entries_that_share_their_bytes_are_counted_each |
//! | gzip in every text format | `bombs.rs` every_reader_of_packed_text_stops_a_bomb |
//! | deflate in OpenStreetMap blocks | `bombs.rs` a_block_of_openstreetmap_that_unfolds_beyond_its_limit_is_refused |
//! | pictures of models | `bombs.rs` a_picture_of_a_model_is_not_opened |
//! | rasters that claim any size | `hostile.rs` a_sparse_giant_of_a_grid_is_refused_before_it_is_read |
//! | JSON depth | `bad_input.rs` every_bad_fixture_gives_its_error_or_its_fault (bad-deep) |
//! | JSON width | `threats.rs` odd_json_ends_with_a_message (wide.geojson, wide.city.json) |
//! | XML depth and width | `hostile.rs` nothing_leaves_nothing_is_read_and_everything_ends (deep.gml, wide.gml) |
//! | coordinates: not a number, infinite, absurd | `bad_input.rs` an_absurd_coordinate_in_geojson_costs_one_geometry |
//! | coordinates: one stray must not move the camera | `noticed.rs` stray_stations_do_not_make_the_country_a_dot |
//! | index out of range, parents in a circle, ids twice | `bad_input.rs` every_bad_fixture_gives_its_error_or_its_fault |
//! | references of a feed to nothing | `gtfs.rs` feeds_with_a_known_defect_say_which |
//! | integer overflow: scales at the ends of numbers | `bombs.rs` a_scale_at_the_end_of_numbers_costs_the_shapes_and_not_the_program |
//! | integer overflow: counts larger than the file | `bombs.rs` a_point_cloud_that_claims_more_points_than_its_bytes_can_hold_is_refused |
//! | one shape of a million corners | `bombs.rs` one_area_of_a_million_corners_is_read |
//! | outlines that keep the drawing busy | `outlines.rs` no_outline_keeps_the_drawing_busy |
//! | a feed with very many stop times | `threats.rs` a_small_feed_of_ten_million_stop_times_ends |
//! | GeoPackage triggers and views | `gpkg_conformance.rs` databases_that_do_more_than_hold_data_are_refused |
//! | text that turns, colours, rings or never ends | `threats.rs` text_that_people_see_is_plain_and_short |
//! | formulas in written tables | `bombs.rs` a_formula_in_an_attribute_is_written_as_text |
//! | a page of a portal instead of data | `foreign.rs` foreign_files_of_a_city_are_named_with_a_way_out |
//! | damaged files of every kind | `hostile.rs` damaged_registrations_never_panic_a_reader |

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use layers::readers::ReadOutcome;

use crate::support::{Scratch, read, read_ok};

#[test]
fn every_row_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = std::fs::read_to_string(root.join("tests/readers/threats.rs")).unwrap();
    let mut rows = 0;
    for line in own.lines().filter(|line| line.starts_with("//! | ") && line.contains(".rs` ")) {
        let place = line.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap();
        let (file, rest) = place.trim_start_matches('`').split_once("` ").unwrap();
        let name = rest.split([' ', '|']).next().unwrap();
        let path = match file.strip_prefix("tests/") {
            Some(outer) => root.join("../tests/tests").join(outer),
            None => root.join("tests/readers").join(file),
        };
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(text.contains(&format!("#[test]\nfn {name}(")), "{file} has no test {name}");
        // Cases are files by name; a star stands for some.
        if let Some((_, cases)) = rest.split_once('(') {
            for case in cases.split(')').next().unwrap().split(", ") {
                let part = case.trim_matches('*');
                assert!(text.contains(part), "{file} has no case {case}");
            }
        }
        rows += 1;
    }
    assert!(rows > 40, "{rows}");
}

fn said(outcome: &Result<ReadOutcome, layers::readers::ReadError>) -> String {
    match outcome {
        Err(error) => error.to_string(),
        Ok(outcome) => outcome.inspection.faults.iter().map(|fault| fault.message.clone() + "\n").collect(),
    }
}

#[test]
fn odd_json_ends_with_a_message() {
    let polygon = |rings: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{rings}}}}}"#
        )
    };
    let odd = [
        polygon("[[[1e308,1e308],[5,52],[6,52],[1e308,1e308]]]"),
        polygon("[[]]"),
        polygon("[]"),
        polygon("[[[5,52],[6,52],[6,53],[5,52]]]"),
    ]
    .join(",");
    let names = (0..200_000).map(|n| format!(r#""n{n}":1,"#)).collect::<Vec<_>>().concat();
    let cases = [
        (
            "deep.geojson",
            format!(r#"{{"type":"FeatureCollection","features":[{}"#, polygon(&"[".repeat(200_000))),
            "inside each other",
        ),
        ("odd.geojson", format!(r#"{{"type":"FeatureCollection","features":[{odd}]}}"#), "nowhere on Earth"),
        (
            "infinite.geojson",
            format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, polygon("[[[1e999,0]]]")),
            "expected finite coordinates",
        ),
        (
            "nan.geojson",
            format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, polygon("[[[NaN,0]]]")),
            "expected finite coordinates",
        ),
        (
            "wide.geojson",
            format!(
                r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{{names}"z":1}},"geometry":{{"type":"Point","coordinates":[5,52]}}}}]}}"#
            ),
            "properties",
        ),
        (
            "wide.city.json",
            format!(
                r#"{{"type":"CityJSON","version":"2.0","transform":{{"scale":[1,1,1],"translate":[0,0,0]}},"CityObjects":{{"a":{{"type":"Building","attributes":{{{names}"z":1}},"geometry":[]}}}},"vertices":[]}}"#
            ),
            "too many names",
        ),
    ];
    for (name, text, word) in cases {
        let file = Scratch::new(name, text.as_bytes());
        let start = Instant::now();
        let outcome = read(&file.0);
        assert!(start.elapsed() < Duration::from_secs(5), "{name} took {:?}", start.elapsed());
        let said = said(&outcome);
        assert!(said.contains(word) && !said.contains("please report"), "{name}: {said}");
    }
}

#[test]
fn addresses_inside_models_are_never_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://127.0.0.1:{}/x", listener.local_addr().unwrap().port());
    let city = format!(
        r#"{{"type":"CityJSON","version":"2.0","extensions":{{"Lek":{{"url":"{url}.ext.json","version":"1.0"}}}},
        "metadata":{{"referenceSystem":"{url}/EPSG/0/7415","pointOfContact":{{"contactName":"x","website":"{url}"}}}},
        "transform":{{"scale":[1,1,1],"translate":[85000,447000,0]}},
        "appearance":{{"textures":[{{"type":"PNG","image":"{url}.png"}},{{"type":"PNG","image":"/etc/hostname"}}],"vertices-texture":[[0,0],[1,0],[1,1]]}},
        "CityObjects":{{"a":{{"type":"Building","geometry":[{{"type":"MultiSurface","lod":"1","boundaries":[[[0,1,2]]],"texture":{{"t":{{"values":[[[0,0,1,2]]]}}}}}}]}}}},
        "vertices":[[0,0,0],[9,0,0],[0,9,0]]}}"#
    );
    let sequence = city.replace('\n', "") + "\n";
    let tiles = format!(
        r#"{{"asset":{{"version":"1.1"}},"geometricError":9,"root":{{"boundingVolume":{{"sphere":[0,0,0,9]}},"geometricError":0,"content":{{"uri":"{url}.glb"}}}},"schemaUri":"{url}.json"}}"#
    );
    for (name, text) in [("lek.city.json", &city), ("lek.city.jsonl", &sequence), ("tileset.json", &tiles)] {
        let file = Scratch::new(name, text.as_bytes());
        let all = format!("{:?}", read(&file.0).map(|outcome| outcome.layers));
        let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        assert!(host.trim().len() < 4 || !all.contains(host.trim()), "{name} read a file outside its folder");
    }
    assert!(listener.accept().is_err(), "no request left");
    assert!(std::net::TcpStream::connect(listener.local_addr().unwrap()).is_ok());
}

/// A feed whose stop times pack well: ten million rows in some megabytes, below the limit of two hundred times.
#[test]
fn a_small_feed_of_ten_million_stop_times_ends() {
    const ROWS: usize = 10_000_000;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    for (name, text) in [
        ("agency.txt", "agency_id,agency_name,agency_url,agency_timezone\na,A,http://a,Europe/Amsterdam\n"),
        ("stops.txt", "stop_id,stop_name,stop_lat,stop_lon\ns,S,52.1,5.1\nt,T,52.2,5.2\n"),
        ("routes.txt", "route_id,agency_id,route_short_name,route_type\nr,a,1,3\n"),
        ("calendar_dates.txt", "service_id,date,exception_type\nd,20260615,1\n"),
        ("trips.txt", "route_id,service_id,trip_id\nr,d,1\n"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.start_file("stop_times.txt", options).unwrap();
    zip.write_all(b"trip_id,arrival_time,departure_time,stop_id,stop_sequence\n").unwrap();
    let mut block = String::new();
    for row in 0..ROWS {
        use std::fmt::Write as _;
        let _ = writeln!(block, "1,08:00:00,08:00:00,{},{row}", if row % 2 == 0 { 's' } else { 't' });
        if block.len() > 1 << 20 {
            zip.write_all(block.as_bytes()).unwrap();
            block.clear();
        }
    }
    zip.write_all(block.as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let file = Scratch::new("vol.gtfs.zip", &bytes);
    let start = Instant::now();
    let outcome = read(&file.0);
    println!("{} packed bytes, {:?}: {}", bytes.len(), start.elapsed(), said(&outcome));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // Read as a whole, or refused in words.
    match outcome {
        Ok(outcome) => {
            let layers::model::LayerData::Transit(table) = &outcome.layers[0].data else { panic!() };
            assert_eq!(table.stop_times.len(), ROWS);
        }
        Err(error) => assert!(matches!(error, layers::readers::ReadError::TooLarge { .. }), "{error}"),
    }
}

#[test]
fn text_that_people_see_is_plain_and_short() {
    let long = "x".repeat(1 << 20);
    let odd = "Kerk\\u202egpj.exe\\u2066\\u0000\\u0007\\u001b[31mrood\\u001b]0;titel\\u0007\\r\\n";
    let is_plain = |text: &str| {
        !text.contains(|c: char| {
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
    };
    let names = [odd, &long];
    for name in names {
        let city = format!(
            r#"{{"type":"CityJSON","version":"2.0","metadata":{{"title":"{name}","pointOfContact":{{"contactName":"{name}","emailAddress":"a"}}}},"transform":{{"scale":[1,1,1],"translate":[0,0,0]}},"CityObjects":{{"{name}":{{"type":"{name}","parents":["{name}!"],"attributes":{{"{name}":"{name}"}},"geometry":[{{"type":"{name}","lod":"{name}","boundaries":[[[9,9,9]]]}}]}}}},"vertices":[]}}"#
        );
        let geojson = format!(
            r#"{{"type":"FeatureCollection","name":"{name}","features":[{{"type":"Feature","id":"{name}","properties":{{"{name}":"{name}"}},"geometry":{{"type":"{name}","coordinates":[1e99,1e99]}}}},{{"type":"Feature","id":"{name}","properties":{{}},"geometry":{{"type":"Point","coordinates":[5,52]}}}}]}}"#
        );
        for (file, text) in [("stad.city.json", city), ("kaart.geojson", geojson)] {
            let outcome = read_ok(&Scratch::new(file, text.as_bytes()).0);
            assert!(!outcome.inspection.faults.is_empty(), "{file}");
            for layer in &outcome.layers {
                for text in [&layer.title, &layer.provenance.source] {
                    assert!(is_plain(text) && text.chars().count() <= 256, "{file}: {text:.300}");
                }
                assert!(
                    layer.title.contains("gpj") || layer.title.contains("xxx") || file == "kaart.geojson"
                );
            }
            for fault in outcome.inspection.faults.iter().chain(&outcome.layers[0].faults) {
                let (place, message) = (&fault.location, &fault.message);
                assert!(is_plain(place) && is_plain(message), "{file}: {place:?} {message:?}");
                assert!(place.chars().count() <= 256 && message.chars().count() <= 4_000, "{file}");
            }
        }
        // Errors too.
        let broken = format!(r#"{{"type":"CityJSON","version":"{name}","CityObjects":{{}},"vertices":[]}}"#);
        let error = read(&Scratch::new("stuk.city.json", broken.as_bytes()).0).unwrap_err().to_string();
        assert!(is_plain(&error) && error.chars().count() < 20_000, "{error:.300}");
    }
}
