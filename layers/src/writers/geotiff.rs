//! Terrain as GeoTIFF: one Float32 band, deflate, −9999 where the height is unknown.

use std::path::Path;

use gdal::{
    DriverManager,
    raster::{Buffer, RasterCreationOptions},
};

use super::{WriteError, atomically};
use crate::{
    crs::{Epsg, spatial_ref},
    model::Terrain,
};

pub const NO_DATA: f64 = -9999.0;

pub fn write(path: &Path, terrain: &Terrain, crs: Epsg) -> Result<(), WriteError> {
    let reference = spatial_ref(crs).map_err(|reason| WriteError::Crs { path: path.to_owned(), reason })?;
    atomically(path, |temporary| {
        let failed = |error: gdal::errors::GdalError| WriteError::gdal(path, "the terrain", error);
        let driver = DriverManager::get_driver_by_name("GTiff").map_err(failed)?;
        let options = RasterCreationOptions::from_iter([
            "COMPRESS=DEFLATE",
            "PREDICTOR=3",
            "TILED=YES",
            "BIGTIFF=IF_SAFER",
        ]);
        let mut dataset = driver
            .create_with_band_type_with_options::<f32, _>(
                temporary,
                terrain.width,
                terrain.height,
                1,
                &options,
            )
            .map_err(failed)?;
        let half = terrain.cell_m / 2.0;
        let corner = [terrain.origin[0] - half, terrain.origin[1] + half];
        dataset
            .set_geo_transform(&[corner[0], terrain.cell_m, 0.0, corner[1], 0.0, -terrain.cell_m])
            .map_err(failed)?;
        dataset.set_spatial_ref(&reference).map_err(failed)?;
        let heights = terrain
            .heights
            .iter()
            .map(|&h| if h.is_finite() { h } else { NO_DATA as f32 })
            .collect::<Vec<_>>();
        if heights.len() != terrain.width * terrain.height {
            return Err(WriteError::gdal(path, "the terrain", "its grid is not whole"));
        }
        let size = (terrain.width, terrain.height);
        let mut buffer = Buffer::new(size, heights);
        let mut band = dataset.rasterband(1).map_err(failed)?;
        band.set_no_data_value(Some(NO_DATA)).map_err(failed)?;
        band.write((0, 0), size, &mut buffer).map_err(failed)?;
        dataset.flush_cache().map_err(failed)?;
        dataset.close().map_err(failed)
    })
}
