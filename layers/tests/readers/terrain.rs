//! GeoTIFF and ASCII grid heights.

use gdal::{
    DriverManager,
    raster::{GdalDataType, GdalType, RasterCreationOptions},
};
use layers::{
    crs::{Epsg, LocalFrame, Transform},
    mesh::{drape::DrawnGround, terrain_mesh::mesh_ground},
    model::{LayerData, Terrain},
    readers::{self, ReadContext, ReadError, ReadOutcome, Source},
};

use crate::support::{Scratch, assert_near, counts, fixture, read, read_ok, shared};

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

#[test]
fn the_grids_of_goteborg_are_as_their_sources_say() {
    for (name, low, high) in [
        ("DSM_KRbig", 0.0, 58.07),
        ("DEM_KRbig", 0.007, 23.206),
        ("CDSM_KRbig", 0.0, 24.368),
        ("landcover", 1.0, 7.0),
    ] {
        let Some(path) = shared(&format!("climate/goteborg/{name}.tif")) else { return };
        let outcome = read_ok(&path);
        assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:3007"), "{name}");
        assert_eq!(counts(&outcome.inspection)["cells"], 234 * 223);
        let expected = [147_720.0, 6_398_557.0, low, 147_954.0, 6_398_780.0, high];
        assert_near(&outcome.inspection.bbox.unwrap(), &expected, 6e-3);
        assert_eq!((terrain(&outcome).width, terrain(&outcome).height), (234, 223), "{name}");
    }
}

#[test]
fn a_terrain_with_holes_is_meshed_and_draped() {
    let Some(path) = shared("pointcloud-terrain/portland_ned_nodata.tif") else { return };
    let outcome = read_ok(&path);
    let terrain = terrain(&outcome);
    let known: Vec<f32> = terrain.heights.iter().copied().filter(|height| height.is_finite()).collect();
    assert!(known.len() < terrain.heights.len());
    let (low, high) =
        (known.iter().copied().fold(f32::MAX, f32::min), known.iter().copied().fold(f32::MIN, f32::max));
    let ground = DrawnGround::from_terrain(terrain, 40_000);
    let middle = terrain.bounds().center();
    let tiles = mesh_ground(&ground, LocalFrame::new([middle[0], middle[1], 0.0]), 1);
    let mut vertices = 0;
    for mesh in tiles.values() {
        assert!(!mesh.indices.is_empty());
        for position in &mesh.positions {
            vertices += 1;
            assert!(position.iter().all(|value| value.is_finite()), "{position:?}");
            assert!(
                (low - 0.01..=high + 0.01).contains(&position[1]),
                "no height comes from nowhere: {position:?}"
            );
        }
    }
    assert!(vertices > 10_000, "{vertices}");
    // A square laid over the middle of every hole still lies on the ground.
    let holes: Vec<usize> = (0..terrain.heights.len())
        .filter(|&cell| terrain.heights[cell].is_nan())
        .step_by(997)
        .take(50)
        .collect();
    assert!(!holes.is_empty());
    for cell in holes {
        let x = terrain.origin[0] + (cell % terrain.width) as f64 * terrain.cell_m;
        let y = terrain.origin[1] - (cell / terrain.width) as f64 * terrain.cell_m;
        let pieces = ground.cut(&[
            [x - 20.0, y - 20.0],
            [x + 20.0, y - 20.0],
            [x + 20.0, y + 20.0],
            [x - 20.0, y + 20.0],
        ]);
        assert!(!pieces.is_empty());
        for point in pieces.iter().flatten() {
            assert!(ground.height_at(*point).is_finite());
        }
    }
}

#[test]
fn an_ascii_grid_in_rd_is_recognised_by_its_numbers() {
    let outcome = read_ok(&fixture("ascii-grid/good-mound.asc"));
    assert_eq!((outcome.inspection.format, outcome.crs), ("ascii-grid", Epsg::RD_NEW));
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "crs-missing"));
    let terrain = terrain(&outcome);
    assert_eq!((terrain.width, terrain.height, terrain.cell_m), (4, 3, 5.0));
    assert_near(&terrain.origin, &[136_502.5, 455_912.5], 1e-9);
    assert_eq!(terrain.heights[0], 1.0);
    assert!(terrain.heights[5].is_nan());
    let error = read(
        &Scratch::new(
            "lie.asc",
            b"ncols 100000\nnrows 100000\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n",
        )
        .0,
    )
    .unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }) && error.to_string().contains("100000"), "{error}");
}

/// A GeoTIFF in RD whose cells are 1 m, all `value`, compressed.
fn flat_tiff<T: GdalType + Copy>(
    name: &str,
    [width, height]: [usize; 2],
    value: T,
    options: &str,
) -> Scratch {
    layers::crs::ensure_init();
    let file = Scratch::new(name, b"");
    std::fs::remove_file(&file.0).unwrap();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options: RasterCreationOptions = options.split(' ').map(str::to_owned).collect();
    let mut dataset =
        driver.create_with_band_type_with_options::<T, _>(&file.0, width, height, 1, &options).unwrap();
    dataset.set_geo_transform(&[100_000.0, 1.0, 0.0, 450_000.0, 0.0, -1.0]).unwrap();
    dataset.set_spatial_ref(&layers::crs::spatial_ref(Epsg::RD_NEW).unwrap()).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    for row in (0..height).step_by(500) {
        let rows = 500.min(height - row);
        let mut buffer = gdal::raster::Buffer::new((width, rows), vec![value; width * rows]);
        band.write((0, row.cast_signed()), (width, rows), &mut buffer).unwrap();
    }
    drop(dataset);
    file
}

#[test]
fn a_large_grid_is_read_smaller_and_from_its_overviews() {
    let file = flat_tiff::<u8>("groot.tif", [6000, 5000], 40, "COMPRESS=DEFLATE TILED=YES");
    let outcome = read_ok(&file.0);
    let ground = terrain(&outcome);
    assert_eq!((ground.width, ground.height, ground.cell_m), (3000, 2500, 2.0));
    assert_eq!(counts(&outcome.inspection)["cells"], 30_000_000);
    assert_near(
        &outcome.inspection.bbox.unwrap(),
        &[100_000.0, 445_000.0, 40.0, 106_000.0, 450_000.0, 40.0],
        1e-9,
    );
    assert_near(&ground.origin, &[100_001.0, 449_999.0], 1e-9);
    let told = |outcome: &ReadOutcome, word: &str| {
        outcome.inspection.faults.iter().any(|fault| fault.code == "reduced" && fault.message.contains(word))
    };
    assert!(told(&outcome, "their mean"));
    // An overview with another height shows where the cells came from.
    {
        let mut dataset = gdal::Dataset::open_ex(
            &file.0,
            gdal::DatasetOptions { open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE, ..Default::default() },
        )
        .unwrap();
        dataset.build_overviews("AVERAGE", &[2, 4], &[]).unwrap();
        let band = dataset.rasterband(1).unwrap();
        let mut overview = band.overview(0).unwrap();
        let mut buffer = gdal::raster::Buffer::new((3000, 2500), vec![7_u8; 3000 * 2500]);
        overview.write((0, 0), (3000, 2500), &mut buffer).unwrap();
    }
    let outcome = read_ok(&file.0);
    assert!(told(&outcome, "overviews"));
    assert!(terrain(&outcome).heights.iter().all(|&height| height == 7.0));
}

#[test]
fn every_number_type_and_layout_gives_the_same_heights() {
    fn heights<T: GdalType + Copy>(value: T, options: &str) -> Vec<f32> {
        let file = flat_tiff(&format!("{}.tif", T::datatype().name()), [70, 50], value, options);
        terrain(&read_ok(&file.0)).heights.clone()
    }
    let expected = vec![12.0_f32; 70 * 50];
    for options in ["TILED=YES BLOCKXSIZE=32 BLOCKYSIZE=32", "BLOCKYSIZE=3 COMPRESS=LZW", "COMPRESS=DEFLATE"]
    {
        assert_eq!(heights(12_u8, options), expected);
        assert_eq!(heights(12_i16, options), expected);
        assert_eq!(heights(12_u16, options), expected);
        assert_eq!(heights(12_i32, options), expected);
        assert_eq!(heights(12_f32, options), expected);
        assert_eq!(heights(12_f64, options), expected);
    }
    assert_eq!(GdalDataType::Float32.name(), "Float32");
}

#[test]
fn fill_values_that_nobody_declared_are_unknown_and_told() {
    let file = flat_tiff::<f32>("vul.tif", [10, 10], 3.4e38, "COMPRESS=DEFLATE");
    let outcome = read_ok(&file.0);
    let codes: Vec<&str> = outcome.inspection.faults.iter().map(|fault| fault.code).collect();
    assert!(codes.contains(&"fill-values") && codes.contains(&"no-heights"), "{codes:?}");
}
