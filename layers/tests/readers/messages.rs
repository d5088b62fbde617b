//! What files that cannot be read are told: where, why, and what to do.

use std::io::Write;

use crate::support::{Scratch, read};

const DOCTYPE: &str = "<!DOCTYPE a [<!ENTITY x \"y\">]>";

#[test]
fn a_document_type_is_named_at_its_byte_with_the_way_out() {
    let head = "<?xml version=\"1.0\"?>\n<!-- stad -->\n";
    let bodies = [
        (
            "a.gml",
            "<c xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><p/></gml:featureMember></c>",
        ),
        ("b.gml", "<CityModel xmlns=\"http://www.opengis.net/citygml/2.0\"></CityModel>"),
        ("c.osm", "<osm version=\"0.6\"><node id=\"1\" lat=\"52\" lon=\"5\"/></osm>"),
        ("d.graphml", "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\"><graph/></graphml>"),
        ("e.kml", "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document/></kml>"),
        ("f.gpx", "<gpx version=\"1.1\"><wpt lat=\"52\" lon=\"5\"/></gpx>"),
        ("g.xml", "<d2LogicalModel xmlns=\"http://datex2.eu/schema/2/2_0\"/>"),
    ];
    for (name, body) in bodies {
        let file = Scratch::new(name, format!("{head}{DOCTYPE}{body}").as_bytes());
        let error = read(&file.0).unwrap_err().to_string();
        let place = format!("at byte {};", head.len());
        for words in ["without a DOCTYPE", "not allowed because", &place, "remove it"] {
            assert!(error.contains(words), "{name}: \"{words}\" is not in: {error}");
        }
        assert!(!error.contains("damaged"), "{name}: {error}");
        // Without it the file is read, or refused for what it is.
        let file = Scratch::new(name, format!("{head}{body}").as_bytes());
        let said = read(&file.0).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(!said.contains("DOCTYPE"), "{name}: {said}");
    }
}

#[test]
fn too_large_says_how_large_in_words_and_what_to_do() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.geojson", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![b' '; 48 << 20]).unwrap();
    let file = Scratch::new("bom.zip", &zip.finish().unwrap().into_inner());
    let error = read(&file.0).unwrap_err().to_string();
    assert!(error.contains("\"a.geojson\" is larger than the limit of 200 times its packed size"), "{error}");
    assert!(error.contains("found 48 MiB from 4") && error.contains("unpack it yourself"), "{error}");
    assert!(!error.contains("4294967296") && !error.contains("bytes and"), "{error}");
}

#[test]
fn what_no_reader_knows_gets_advice() {
    let file = Scratch::new("raadsel.qqq", b"\x01\x02\x03 onbekend \x07\x08");
    let error = read(&file.0).unwrap_err().to_string();
    for words in ["no reader knows", "GeoPackage", "CityJSON", "ogr2ogr"] {
        assert!(error.contains(words), "{error}");
    }
    let file = Scratch::new("raadsel.gpkg", b"\x01\x02\x03 onbekend \x07\x08");
    let error = read(&file.0).unwrap_err().to_string();
    assert!(error.contains("GeoPackage (by its name)") && error.contains("fetch it again"), "{error}");
}
