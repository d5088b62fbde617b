//! Files that cannot be opened say what they are and what to do instead.

use layers::readers::ReadError;

use crate::support::{Scratch, read, shared};

#[test]
fn foreign_files_of_a_city_are_named_with_a_way_out() {
    for (name, what, advice) in [
        ("transit/netex-nordic-minimal/_stops.xml", "NeTEx", "GTFS"),
        ("transit/netex-nordic-minimal/RUT_RUT-Line-12_12_Majorstuen---Kjelsas.xml", "NeTEx", "GTFS"),
        ("transit/netex-nordic-minimal/RUT_RUT-Line-4_4_Vestli---Bergkrystallen.xml", "NeTEx", "GTFS"),
        ("transit/netex-nordic-minimal/_RUT_shared_data.xml", "NeTEx", "GTFS"),
        ("transit/siri_sx.xml", "SIRI", "GTFS-realtime"),
        ("energy-water/Hanoi.inp", "EPANET", "water model"),
        ("energy-water/Net3.inp", "EPANET", "water model"),
        ("energy-water/ky4.inp", "EPANET", "water model"),
        ("traffic/SiouxFalls/SiouxFalls_net.tntp", "TNTP", "stadsmaquette assign"),
        ("traffic/SiouxFalls/SiouxFalls_node.tntp", "TNTP", "stadsmaquette assign"),
        ("traffic/Anaheim/Anaheim_flow.tntp", "TNTP", "stadsmaquette assign"),
        ("climate/goteborg/buildings.dbf", "part of a shapefile", ".shp"),
        ("climate/goteborg/buildings.shx", "part of a shapefile", ".shp"),
        ("climate/goteborg/buildings.prj", "coordinate system", ".shp"),
        ("climate/goteborg/gbg19970606_2015a.txt", "weather", "climate model"),
        ("noise/cnossos_expected.json", "noise model", "noise model"),
        ("noise/cnossos-cases/TC01_Direct.json", "noise model", "noise model"),
        ("noise/road_cnossos_2020_coefficients.json", "coefficients", "noise model"),
        ("crs/SOURCE.md", "text", "data"),
    ] {
        let Some(path) = shared(name) else { return };
        let error = read(&path).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, ReadError::Foreign { .. }), "{name}: {message}");
        assert!(message.contains(what) && message.contains(advice), "{name}: {message}");
    }
    for case in std::fs::read_dir(shared("noise/cnossos-cases").unwrap()).unwrap() {
        assert!(matches!(read(&case.unwrap().path()), Err(ReadError::Foreign { .. })));
    }
}

#[test]
fn other_foreign_files_are_known_by_their_first_bytes() {
    for (name, content, what) in [
        ("school.ifc", &b"ISO-10303-21;\nHEADER;"[..], "IFC"),
        ("plan.dwg", b"AC1032\0\0", "DWG"),
        ("report.pdf", b"%PDF-1.7", "PDF"),
        ("table.xlsx", b"PK\x03\x04..[Content_Types].xml", "spreadsheet"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "JPEG"),
        ("data.7z", b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        ("wfs.xml", b"<?xml version=\"1.0\"?><ows:ExceptionReport>", "error message of a map service"),
        ("download", b"<!DOCTYPE html><html><head>", "web page"),
        ("bag.gpkg", b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git LFS"),
        ("wijken.parquet", b"PAR1", "Parquet"),
        ("network.xml", b"<?xml version=\"1.0\"?><!DOCTYPE network SYSTEM \"http://www.matsim.org/files/dtd/network_v2.dtd\">", "MATSim"),
        ("strange.json", b"{\"a\": 1, \"b\": 2}", "members a, b"),
    ] {
        let file = Scratch::new(name, content);
        let error = read(&file.0).unwrap_err();
        assert!(matches!(&error, ReadError::Foreign { .. }), "{name}: {error}");
        assert!(error.to_string().contains(what), "{name}: {error}");
    }
}
