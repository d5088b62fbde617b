//! Matrices from Open Matrix files. `trips.omx` was written by the Python package `openmatrix` (chunks, zlib, shuffle; one
//! matrix without), `plain.omx` and `odd.omx` by PyTables: big-endian single precision without chunks and names as zones, and
//! a matrix that is not square.

use std::path::{Path, PathBuf};

use layers::omx::{OmxError, read};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/omx").join(name)
}

#[test]
fn matrices_come_with_their_zones() {
    let file = fixture("trips.omx");
    let car = read(&file, Some("car"), None).unwrap();
    assert_eq!(
        (car.name.as_str(), car.zones.as_slice()),
        ("car", &["101", "205", "309"].map(str::to_owned)[..])
    );
    assert_eq!(car.values, [0.0, 11.0, 4.5, 2.5, 0.0, 4.0, 0.0, 0.25, 1.0]);
    let freight = read(&file, Some("freight"), Some("zone")).unwrap();
    assert_eq!(freight.values, [0.0, 1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0]);
    let plain = fixture("plain.omx");
    let named = read(&plain, None, Some("name")).unwrap();
    assert_eq!(named.zones, ["North", "Zuid"]);
    assert_eq!(named.values, [0.0, 1.5, 2.25, 0.0]);
    assert_eq!(read(&plain, None, Some("number")).unwrap().zones, ["7", "9"]);
}

#[test]
fn what_must_be_chosen_and_what_is_wrong_is_said() {
    let file = fixture("trips.omx");
    let text = read(&file, None, None).unwrap_err().to_string();
    assert!(text.contains("matrices: car, freight; found no name"), "{text}");
    let text = read(&file, Some("bus"), None).unwrap_err().to_string();
    assert!(text.contains("car, freight; found \"bus\""), "{text}");
    let text = read(&fixture("plain.omx"), None, None).unwrap_err().to_string();
    assert!(text.contains("mappings of zones: name, number"), "{text}");
    assert!(matches!(read(&fixture("odd.omx"), None, None), Err(OmxError::Shape { .. })));
    assert!(matches!(read(&fixture("main.rs"), None, None), Err(OmxError::Unreadable { .. })));
    assert!(matches!(read(&fixture("absent.omx"), None, None), Err(OmxError::Unreadable { .. })));
}

#[test]
fn a_damaged_file_gives_an_error_or_a_matrix_but_never_a_crash() {
    let whole = std::fs::read(fixture("trips.omx")).unwrap();
    let file = std::env::temp_dir().join(format!("stadsmaquette-damaged-{}.omx", std::process::id()));
    let mut refused = 0;
    let mut seed = 1_u64;
    for round in 0..1500 {
        let mut bytes = whole.clone();
        if round % 10 == 0 {
            bytes.truncate(whole.len() * round / 1500);
        }
        for _ in 0..=round % 4 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let place = (seed >> 33) as usize % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(place) {
                *byte = (seed >> 20) as u8;
            }
        }
        std::fs::write(&file, &bytes).unwrap();
        match read(&file, Some("car"), None) {
            Ok(matrix) => assert_eq!(matrix.values.len(), matrix.zones.len().pow(2)),
            Err(_) => refused += 1,
        }
    }
    std::fs::remove_file(&file).unwrap();
    assert!(refused > 150, "{refused}");
}
