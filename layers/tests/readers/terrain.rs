//! GeoTIFF heights.

use layers::{
    crs::{Epsg, Transform},
    model::{LayerData, Terrain},
    readers::{self, ReadContext, ReadOutcome, Source},
};

use crate::support::{assert_near, counts, read_ok, shared};

fn terrain(outcome: &ReadOutcome) -> &Terrain {
    let LayerData::Terrain(terrain) = &outcome.layers[0].data else { panic!("terrain") };
    terrain
}

#[test]
fn degrees_are_resampled_to_square_metres() {
    let Some(path) = shared("pointcloud-terrain/porto_alegre_elevation.tif") else { return };
    let outcome = read_ok(&path);
    assert_eq!(outcome.crs, Epsg(32722));
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:4326"));
    assert_eq!(counts(&outcome.inspection)["cells"], 413 * 403);
    let expected = [-51.254_861_1, -30.109_583_3, 0.0, -51.140_138_9, -29.997_638_9, 255.0];
    assert_near(&outcome.inspection.bbox.unwrap(), &expected, 1e-6);
    let terrain = terrain(&outcome);
    assert!((25.0..32.0).contains(&terrain.cell_m), "one arc second here is 27 m wide: {}", terrain.cell_m);
    let known = terrain.heights.iter().filter(|height| height.is_finite()).count();
    assert!(
        known as f64 > 0.95 * terrain.heights.len() as f64,
        "only the turned corners are unknown: {known}"
    );
    let high = terrain.heights.iter().copied().filter(|height| height.is_finite()).fold(0.0, f32::max);
    assert!((240.0..=255.0).contains(&high), "{high}");
}

#[test]
fn a_point_has_the_height_that_its_source_cell_has() {
    let Some(path) = shared("pointcloud-terrain/portland_ned.tif") else { return };
    let outcome = read_ok(&path);
    let terrain = terrain(&outcome);
    // The raw raster at the centre of its cell (400, 300), read by GDAL itself.
    let dataset = gdal::Dataset::open(&path).unwrap();
    let t = dataset.geo_transform().unwrap();
    let band = dataset.rasterband(1).unwrap();
    let to_project = Transform::new(Epsg(4269), outcome.crs).unwrap();
    for (column, row) in [(400, 300), (100, 100), (700, 500)] {
        let raw = band.read_as::<f32>((column, row), (1, 1), (1, 1), None).unwrap().data()[0];
        let lon = t[0] + (column as f64 + 0.5) * t[1];
        let lat = t[3] + (row as f64 + 0.5) * t[5];
        let [x, y, _] = to_project.apply_one([lon, lat, 0.0]).unwrap();
        let found = terrain.height_at([x, y]).unwrap();
        assert!((found - f64::from(raw)).abs() < 1.5, "{column},{row}: {found} against {raw}");
    }
}

#[test]
fn nodata_becomes_unknown() {
    let (Some(whole), Some(holed)) =
        (shared("pointcloud-terrain/portland_ned.tif"), shared("pointcloud-terrain/portland_ned_nodata.tif"))
    else {
        return;
    };
    let unknown =
        |outcome: &ReadOutcome| terrain(outcome).heights.iter().filter(|height| height.is_nan()).count();
    let (whole, holed) = (read_ok(&whole), read_ok(&holed));
    assert!(unknown(&holed) > unknown(&whole), "{} {}", unknown(&holed), unknown(&whole));
    assert!(terrain(&holed).heights.iter().all(|height| height.is_nan() || *height > -100.0));
}

#[test]
fn a_grid_that_already_fits_is_taken_cell_by_cell() {
    let Some(path) = shared("climate/goteborg/DEM_KRbig.tif") else { return };
    let outcome = read_ok(&path);
    assert_eq!(outcome.crs, Epsg(3007));
    let terrain = terrain(&outcome);
    assert_eq!((terrain.width, terrain.height, terrain.cell_m), (234, 223, 1.0));
    assert_near(&terrain.origin, &[147_720.5, 6_398_779.5], 1e-6);
    let mut context = ReadContext { target: Some(Epsg(32633)), ..ReadContext::default() };
    let moved = readers::read(&Source::from_path(&path), &mut context).unwrap();
    assert_eq!(moved.crs, Epsg(32633), "the project's CRS wins");
}
