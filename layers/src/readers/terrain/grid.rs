//! One raster as GDAL gives it: its first band as heights, its place, and the CRS.

use gdal::{
    GdalOpenFlags,
    raster::{ColorInterpretation, RasterBand, ResampleAlg},
};

use crate::{
    crs::{self, Epsg},
    model::Bounds3,
    readers::{ReadContext, ReadError, Severity, Source, vector::dataset::open_with},
};

/// Cells that a grid is read with; a larger one is read at a whole fraction of its size.
pub(super) const MAX_READ_CELLS: usize = 25_000_000;
/// Cells that a grid may have without overviews, all of which must be read to make it smaller.
const MAX_STORED_CELLS: usize = 400_000_000;
/// Cells that a grid with overviews may have.
const MAX_OVERVIEWED_CELLS: usize = 40_000_000_000;
/// Cells of one block of the file, which GDAL holds at once.
const MAX_BLOCK_CELLS: usize = 64 << 20;
/// Heights beyond these, metres, are fill values that nobody declared.
const MAX_HEIGHT: f32 = 20_000.0;

/// The raster as read, its unknown cells NaN.
#[derive(Debug)]
pub(super) struct Grid {
    pub width: usize,
    pub height: usize,
    pub heights: Vec<f32>,
    /// GDAL's affine: x = t0 + column·t1 + row·t2, y = t3 + column·t4 + row·t5 (cell corners).
    pub affine: [f64; 6],
    pub crs: Option<Epsg>,
    /// Cells in the file.
    pub stored_cells: usize,
    /// Of the whole grid in the file.
    pub stated_bounds: Bounds3,
}

impl Grid {
    pub fn read(
        source: &Source,
        title: &str,
        driver: &'static str,
        context: &mut ReadContext,
    ) -> Result<Self, ReadError> {
        let dataset = open_with(source, title, &[driver], GdalOpenFlags::GDAL_OF_RASTER)?;
        let malformed = |expected: &str, found: String| ReadError::Malformed {
            path: source.path.clone(),
            expected: expected.to_owned(),
            found,
            location: "the raster".to_owned(),
            advice: "use a grid with one band of heights".to_owned(),
        };
        let (stored_width, stored_height) = dataset.raster_size();
        let stored_cells = stored_width.saturating_mul(stored_height);
        if stored_cells == 0 || dataset.raster_count() == 0 {
            return Err(malformed(
                "at least one cell and one band",
                format!("{stored_width} × {stored_height}"),
            ));
        }
        let stored = dataset
            .geo_transform()
            .map_err(|_| malformed("a place on the map (GeoTIFF tags)", "a plain TIFF picture".to_owned()))?;
        let determinant = stored[1] * stored[5] - stored[2] * stored[4];
        if stored.iter().any(|value| !value.is_finite()) || determinant.abs() < 1e-300 {
            return Err(malformed("cells with a size", format!("{stored:?}")));
        }
        let band = dataset.rasterband(1).map_err(|error| malformed("a first band", error.to_string()))?;
        if dataset.raster_count() > 1 {
            if band.color_interpretation() == ColorInterpretation::RedBand {
                return Err(malformed("heights", "a colour picture".to_owned()));
            }
            let message =
                format!("expected one band of heights, found {}; the first is taken", dataset.raster_count());
            context.report.warn("bands", "the raster", message);
        }
        let has_overviews = band.overview_count().unwrap_or(0) > 0;
        let limit = if has_overviews { MAX_OVERVIEWED_CELLS } else { MAX_STORED_CELLS };
        let (block_width, block_height) = band.block_size();
        let block = block_width.saturating_mul(block_height);
        if stored_cells > limit || block > MAX_BLOCK_CELLS {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: "the grid".to_owned(),
                limit: format!(
                    "{limit} cells in blocks of {MAX_BLOCK_CELLS} (more with overviews, which gdaladdo makes)"
                ),
                found: format!(
                    "{stored_width} × {stored_height} in blocks of {block_width} × {block_height}"
                ),
                advice: "make overviews with gdaladdo, or a coarser grid with gdalwarp -tr".into(),
            });
        }
        let factor = ((stored_cells as f64 / MAX_READ_CELLS as f64).sqrt().ceil() as usize).max(1);
        let (width, height) = ((stored_width / factor).max(1), (stored_height / factor).max(1));
        if factor > 1 {
            context.report.add(
                Severity::Info,
                "reduced",
                "the raster",
                format!(
                    "{stored_width} × {stored_height} cells are more than a scene can use; every {factor} × {factor} became one ({})",
                    if has_overviews { "from the file's overviews" } else { "their mean" }
                ),
            );
        }
        let (across, down) = (factor.min(stored_width), factor.min(stored_height));
        let mut heights = read_cells(&band, [width, height], [across, down], context, &malformed)?;
        let fills = tidy(&band, &mut heights, context);
        if fills > 0 {
            let message = format!(
                "{fills} cells hold numbers that are no heights (beyond ±{MAX_HEIGHT} m or not finite); they are unknown"
            );
            context.report.warn("fill-values", "the raster", message);
        }
        let reference = dataset.spatial_ref().ok();
        let crs = reference.as_ref().and_then(crs::epsg_of_spatial_ref);
        if let (Some(reference), None, None) = (&reference, crs, context.assumed_crs)
            && (reference.is_projected() || reference.is_geographic())
        {
            return Err(ReadError::UnknownCrs {
                path: source.path.clone(),
                found: reference.name().unwrap_or_else(|| "without a name".to_owned()),
                advice: "say which one it is when adding the file".to_owned(),
            });
        }
        let mut affine = stored;
        for (position, count) in [(1, across), (2, down), (4, across), (5, down)] {
            if let Some(term) = affine.get_mut(position) {
                *term *= count as f64;
            }
        }
        let mut grid =
            Self { width, height, heights, affine, crs, stored_cells, stated_bounds: Bounds3::EMPTY };
        grid.stated_bounds =
            grid.bounds([stored_width as f64 / across as f64, stored_height as f64 / down as f64]);
        Ok(grid)
    }

    /// A place for a column and row, both in cells from the upper left corner.
    pub fn place(&self, column: f64, row: f64) -> [f64; 2] {
        let t = &self.affine;
        [t[0] + column * t[1] + row * t[2], t[3] + column * t[4] + row * t[5]]
    }

    /// The inverse of [`Self::place`].
    pub fn cell(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let t = &self.affine;
        let determinant = t[1] * t[5] - t[2] * t[4];
        let (dx, dy) = (x - t[0], y - t[3]);
        [(dx * t[5] - dy * t[2]) / determinant, (dy * t[1] - dx * t[4]) / determinant]
    }

    /// Of `size` columns and rows from the upper left corner, with the lowest and the highest known height.
    fn bounds(&self, [width, height]: [f64; 2]) -> Bounds3 {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for &value in self.heights.iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        let (low, high) = if low <= high { (f64::from(low), f64::from(high)) } else { (0.0, 0.0) };
        let mut bounds = Bounds3::EMPTY;
        for (column, row) in [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)] {
            let [x, y] = self.place(column, row);
            bounds.add([x, y, low]);
            bounds.add([x, y, high]);
        }
        bounds
    }

    /// Bilinear at cell coordinates (corner-based); known neighbours share the weight of unknown ones.
    pub fn sample(&self, [column, row]: [f64; 2]) -> f32 {
        let inside = column >= 0.0 && row >= 0.0 && column <= self.width as f64 && row <= self.height as f64;
        if !inside {
            return f32::NAN;
        }
        let (c, r) = (
            (column - 0.5).clamp(0.0, (self.width - 1) as f64),
            (row - 0.5).clamp(0.0, (self.height - 1) as f64),
        );
        let (c0, r0) = (c.floor() as usize, r.floor() as usize);
        let (c1, r1) = ((c0 + 1).min(self.width - 1), (r0 + 1).min(self.height - 1));
        let (fc, fr) = (c - c0 as f64, r - r0 as f64);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (column, row, part) in [
            (c0, r0, (1.0 - fc) * (1.0 - fr)),
            (c1, r0, fc * (1.0 - fr)),
            (c0, r1, (1.0 - fc) * fr),
            (c1, r1, fc * fr),
        ] {
            let value = self.heights.get(row * self.width + column).copied().unwrap_or(f32::NAN);
            if value.is_finite() {
                sum += f64::from(value) * part;
                weight += part;
            }
        }
        // Below half the weight the cell lies in the hole rather than beside it.
        if weight >= 0.5 { (sum / weight) as f32 } else { f32::NAN }
    }
}

/// Reads `size` cells, each the mean of `factor` stored ones (GDAL leaves undeclared ones out of the mean and takes them
/// from an overview where there is one of that size). In strips, so that a cancel is heard.
fn read_cells(
    band: &RasterBand<'_>,
    [width, height]: [usize; 2],
    [across, down]: [usize; 2],
    context: &ReadContext,
    malformed: &dyn Fn(&str, String) -> ReadError,
) -> Result<Vec<f32>, ReadError> {
    let mut heights = vec![0.0_f32; width * height];
    let rows = (4_000_000 / (width * across * down).max(1)).clamp(1, height);
    let resampling = (across > 1 || down > 1).then_some(ResampleAlg::Average);
    for (strip, part) in heights.chunks_mut(rows * width).enumerate() {
        context.check_cancelled()?;
        let (top, count) = (strip * rows, part.len() / width);
        band.read_into_slice(
            (0, isize::try_from(top * down).unwrap_or(isize::MAX)),
            (width * across, count * down),
            (width, count),
            part,
            resampling,
        )
        .map_err(|error| malformed(&format!("readable rows {top} to {}", top + count), error.to_string()))?;
        context.progress.set(0.35 * (top + count) as f64 / height as f64);
    }
    Ok(heights)
}

/// Unknown cells become NaN and stored numbers metres. Returns how many cells held something that is no height.
fn tidy(band: &RasterBand<'_>, heights: &mut [f32], context: &mut ReadContext) -> u64 {
    let nodata = band.no_data_value();
    let (scale, offset) = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
    let unit = band.unit().to_ascii_lowercase();
    let metres = match unit.as_str() {
        "ft" | "foot" | "feet" => 0.3048,
        "us survey foot" | "us-ft" | "ussft" => 0.304_800_609_601_219,
        _ => 1.0,
    };
    if metres != 1.0 {
        let message = format!("the heights are in feet (\"{unit}\"); they were made metres");
        context.report.add(Severity::Info, "unit", "the raster", message);
    }
    let mut fills = 0;
    for value in heights {
        let is_nodata = nodata.is_some_and(|nodata| f64::from(*value) == nodata || *value == nodata as f32);
        if is_nodata || value.is_nan() {
            *value = f32::NAN;
            continue;
        }
        *value = ((f64::from(*value) * scale + offset) * metres) as f32;
        if !value.is_finite() || value.abs() > MAX_HEIGHT {
            *value = f32::NAN;
            fills += 1;
        }
    }
    fills
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(affine: [f64; 6]) -> Grid {
        let heights = vec![0.0, 2.0, 4.0, f32::NAN];
        let crs = Some(Epsg::RD_NEW);
        Grid { width: 2, height: 2, heights, affine, crs, stored_cells: 4, stated_bounds: Bounds3::EMPTY }
    }

    #[test]
    fn cells_and_places_are_inverse_also_when_turned() {
        let grid = grid([1000.0, 3.0, 4.0, 2000.0, 4.0, -3.0]);
        let [column, row] = grid.cell(grid.place(1.25, 0.5));
        assert!((column - 1.25).abs() < 1e-9 && (row - 0.5).abs() < 1e-9);
    }

    #[test]
    fn samples_are_bilinear_and_holes_stay_holes() {
        let grid = grid([0.0, 1.0, 0.0, 2.0, 0.0, -1.0]);
        assert_eq!(grid.sample([1.0, 0.5]), 1.0);
        assert_eq!(grid.sample([0.5, 0.5]), 0.0);
        assert!(grid.sample([1.9, 1.9]).is_nan());
        assert!((grid.sample([1.0, 1.0]) - 2.0).abs() < 1e-6, "three of four corners are known");
        assert!(grid.sample([2.1, 0.5]).is_nan());
    }
}
