//! Outlines on a small grid, where corners touch, lie on each other and cross: large ones by the sweep, small ones by ears.
#![no_main]

use fuzzing::layers::mesh::triangulate::Triangulator;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut rings: Vec<Vec<[f64; 3]>> = vec![Vec::new()];
    for &byte in data.iter().take(4_000) {
        if byte == 255 {
            rings.push(Vec::new());
        } else if let Some(ring) = rings.last_mut() {
            ring.push([f64::from(byte & 15), f64::from(byte >> 4), 0.0]);
        }
    }
    let slices: Vec<&[[f64; 3]]> = rings.iter().map(Vec::as_slice).collect();
    let corners: usize = slices.iter().map(|ring| ring.len()).sum();
    let mut triangulator = Triangulator::default();
    let face = triangulator.face(&slices);
    assert_eq!(face.triangles.len() % 3, 0);
    assert!(face.triangles.iter().all(|&corner| (corner as usize) < corners + face.added.len()));
    assert!(face.added.iter().flatten().all(|value| (-1.0..17.0).contains(value)));
});
