//! GeoTIFF height grids through GDAL, with only the GTiff driver allowed.
//!
//! A grid that is north-up with square cells in the project's CRS is taken as it is. Any other is resampled: the centre
//! of each new cell is taken back to the source and read there bilinearly; a cell whose four neighbours are not all known
//! takes the known ones, and stays unknown when none is.

use std::{collections::BTreeMap, sync::Arc};

use gdal::GdalOpenFlags;

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Source,
    input::with_checksum,
    layer_id,
    placement::{Placement, Unlabelled},
    vector::open_with,
};
use crate::{
    crs::{self, Epsg, Transform},
    model::{Bounds3, Layer, LayerData, Provenance, Terrain},
};

/// `.tif`
#[derive(Debug)]
pub struct GeoTiffReader;

/// Cells that one grid may hold, in the source and after resampling.
const MAX_CELLS: usize = 200_000_000;

impl FormatReader for GeoTiffReader {
    fn id(&self) -> &'static str {
        "geotiff"
    }

    fn title(&self) -> &'static str {
        "GeoTIFF heights"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tif", "tiff", "geotiff"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(magic))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (grid, checksum) = with_checksum(source, || Grid::read(source, self.title(), context));
        let grid = grid?;
        context.progress.set(0.4);
        let bounds = grid.bounds();
        let placement = Placement::decide(source, grid.crs, &bounds, Unlabelled::MetricOrDegrees, context)?;
        let terrain = grid.resample(source, &placement, context)?;
        let known = terrain.heights.iter().filter(|height| height.is_finite()).count();
        if known == 0 {
            context.report.error("no-heights", "the grid", "every cell is unknown");
        }
        let faults = std::mem::take(&mut context.report).finish();
        let inspection = Inspection {
            uri: source.uri.clone(),
            format: self.id(),
            version: None,
            crs: placement.stated_text(),
            bbox: bounds.to_array(),
            counts: BTreeMap::from([("cells".to_owned(), (grid.width * grid.height) as u64)]),
            features: 1,
            lods: Vec::new(),
            fields: Vec::new(),
            time: None,
            faults: faults.clone(),
        };
        let layer = Layer {
            id: layer_id(source),
            title: layer_id(source),
            data: LayerData::Terrain(Arc::new(terrain)),
            provenance: Provenance {
                source: source.file_name().to_owned(),
                checksum,
                ..Provenance::default()
            },
            faults,
        };
        context.progress.set(1.0);
        Ok(ReadOutcome { layers: vec![layer], inspection, crs: placement.target })
    }

    fn is_risky(&self) -> bool {
        true
    }
}

/// The raster as stored, its unknown cells NaN.
struct Grid {
    width: usize,
    height: usize,
    heights: Vec<f32>,
    /// GDAL's affine: x = t0 + column·t1 + row·t2, y = t3 + column·t4 + row·t5 (cell corners).
    affine: [f64; 6],
    crs: Option<Epsg>,
}

impl Grid {
    fn read(source: &Source, title: &str, context: &mut ReadContext) -> Result<Self, ReadError> {
        let dataset = open_with(source, title, &["GTiff"], GdalOpenFlags::GDAL_OF_RASTER)?;
        let malformed = |expected: &str, found: String| ReadError::Malformed {
            path: source.path.clone(),
            expected: expected.to_owned(),
            found,
            location: "the raster".to_owned(),
            advice: "use a GeoTIFF with one band of heights".to_owned(),
        };
        let (width, height) = dataset.raster_size();
        let cells = width.saturating_mul(height);
        if cells > MAX_CELLS {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: "the grid".to_owned(),
                limit: format!("{MAX_CELLS} cells"),
                found: format!("{width} × {height}"),
            });
        }
        if cells == 0 || dataset.raster_count() == 0 {
            return Err(malformed("at least one cell and one band", format!("{width} × {height}")));
        }
        let affine = dataset
            .geo_transform()
            .map_err(|_| malformed("a place on the map (GeoTIFF tags)", "a plain TIFF picture".to_owned()))?;
        let determinant = affine[1] * affine[5] - affine[2] * affine[4];
        if affine.iter().any(|value| !value.is_finite()) || determinant.abs() < 1e-300 {
            return Err(malformed("cells with a size", format!("{affine:?}")));
        }
        let band = dataset.rasterband(1).map_err(|error| malformed("a first band", error.to_string()))?;
        if dataset.raster_count() > 1 {
            let message =
                format!("expected one band of heights, found {}; the first is taken", dataset.raster_count());
            context.report.warn("bands", "the raster", message);
        }
        let nodata = band.no_data_value();
        let (scale, offset) = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
        let mut heights = vec![0.0_f32; cells];
        // In strips, so that a cancel is heard.
        let rows = (4_000_000 / width.max(1)).clamp(1, height);
        for (strip, part) in heights.chunks_mut(rows * width).enumerate() {
            context.check_cancelled()?;
            let (top, count) = (strip * rows, part.len() / width);
            band.read_into_slice(
                (0, isize::try_from(top).unwrap_or(isize::MAX)),
                (width, count),
                (width, count),
                part,
                None,
            )
            .map_err(|error| {
                malformed(&format!("readable rows {top} to {}", top + count), error.to_string())
            })?;
            context.progress.set(0.35 * (top + count) as f64 / height as f64);
        }
        let is_scaled = scale != 1.0 || offset != 0.0;
        for value in &mut heights {
            let is_nodata =
                nodata.is_some_and(|nodata| f64::from(*value) == nodata || *value == nodata as f32);
            // Heights beyond these are fill values that nobody declared.
            let is_absurd = !value.is_finite() || value.abs() > 20_000.0;
            if is_nodata || is_absurd {
                *value = f32::NAN;
            } else if is_scaled {
                *value = (f64::from(*value) * scale + offset) as f32;
            }
        }
        let crs = dataset.spatial_ref().ok().as_ref().and_then(crs::epsg_of_spatial_ref);
        Ok(Self { width, height, heights, affine, crs })
    }

    /// A place for a column and row, both in cells from the upper left corner.
    fn place(&self, column: f64, row: f64) -> [f64; 2] {
        let t = &self.affine;
        [t[0] + column * t[1] + row * t[2], t[3] + column * t[4] + row * t[5]]
    }

    /// The inverse of [`Self::place`].
    fn cell(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let t = &self.affine;
        let determinant = t[1] * t[5] - t[2] * t[4];
        let (dx, dy) = (x - t[0], y - t[3]);
        [(dx * t[5] - dy * t[2]) / determinant, (dy * t[1] - dx * t[4]) / determinant]
    }

    fn bounds(&self) -> Bounds3 {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for &value in self.heights.iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        let (low, high) = if low <= high { (f64::from(low), f64::from(high)) } else { (0.0, 0.0) };
        let (width, height) = (self.width as f64, self.height as f64);
        let mut bounds = Bounds3::EMPTY;
        for (column, row) in [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)] {
            let [x, y] = self.place(column, row);
            bounds.add([x, y, low]);
            bounds.add([x, y, high]);
        }
        bounds
    }

    /// Bilinear at cell coordinates (corner-based); known neighbours share the weight of unknown ones.
    fn sample(&self, [column, row]: [f64; 2]) -> f32 {
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

    fn resample(
        &self,
        source: &Source,
        placement: &Placement,
        context: &mut ReadContext,
    ) -> Result<Terrain, ReadError> {
        let t = &self.affine;
        let is_same_crs = placement.source == placement.target
            || (placement.source.is_rd() && placement.target.is_rd())
            || placement.target == Epsg::LOCAL;
        let is_square = t[2] == 0.0 && t[4] == 0.0 && t[1] > 0.0 && (t[1] + t[5]).abs() < 1e-9 * t[1];
        if is_same_crs && is_square {
            return Ok(Terrain {
                origin: self.place(0.5, 0.5),
                cell_m: t[1],
                width: self.width,
                height: self.height,
                heights: self.heights.clone(),
            });
        }
        let unplaced = |reason: String| ReadError::Malformed {
            path: source.path.clone(),
            expected: format!("a grid that can be moved to {}", placement.target),
            found: reason,
            location: "its corners".to_owned(),
            advice: "check the grid's coordinate system".to_owned(),
        };
        // The outline, densified, gives the extent; the middle cell gives the size of the new ones.
        let mut outline: Vec<[f64; 2]> = Vec::new();
        for step in 0..=32 {
            let part = f64::from(step) / 32.0;
            let (width, height) = (self.width as f64, self.height as f64);
            for (column, row) in
                [(part * width, 0.0), (part * width, height), (0.0, part * height), (width, part * height)]
            {
                outline.push(self.place(column, row));
            }
        }
        let (middle_column, middle_row) = (self.width as f64 / 2.0, self.height as f64 / 2.0);
        let mut middle = [
            self.place(middle_column, middle_row),
            self.place(middle_column + 1.0, middle_row),
            self.place(middle_column, middle_row + 1.0),
        ];
        if placement.apply_2d(&mut outline) + placement.apply_2d(&mut middle) > 0 {
            return Err(unplaced("corners that lie nowhere on Earth".to_owned()));
        }
        let distance = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let cell_m = distance(middle[0], middle[1]).min(distance(middle[0], middle[2]));
        if !(cell_m.is_finite() && cell_m > 1e-6) {
            return Err(unplaced(format!("cells of {cell_m} m")));
        }
        let extent = Bounds3::from_points(outline.iter().map(|&[x, y]| [x, y, 0.0]));
        let count = |axis: usize| ((extent.max[axis] - extent.min[axis]) / cell_m).ceil().max(1.0);
        let (width, height) = (count(0), count(1));
        if width * height > MAX_CELLS as f64 {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: "the grid in the project's coordinates".to_owned(),
                limit: format!("{MAX_CELLS} cells"),
                found: format!("{width} × {height}"),
            });
        }
        let (width, height) = (width as usize, height as usize);
        let origin = [extent.min[0] + cell_m / 2.0, extent.max[1] - cell_m / 2.0];
        let back = if is_same_crs {
            None
        } else {
            Some(
                Transform::new(placement.target, placement.source)
                    .map_err(|error| unplaced(error.to_string()))?,
            )
        };
        let mut heights = Vec::with_capacity(width * height);
        let mut line: Vec<[f64; 2]> = Vec::with_capacity(width);
        for row in 0..height {
            if row % 64 == 0 {
                context.check_cancelled()?;
                context.progress.set(0.4 + 0.55 * row as f64 / height as f64);
            }
            line.clear();
            line.extend(
                (0..width)
                    .map(|column| [origin[0] + cell_m * column as f64, origin[1] - cell_m * row as f64]),
            );
            if let Some(back) = &back {
                back.apply_2d(&mut line);
            }
            heights.extend(line.iter().map(|&point| self.sample(self.cell(point))));
        }
        Ok(Terrain { origin, cell_m, width, height, heights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(affine: [f64; 6]) -> Grid {
        Grid { width: 2, height: 2, heights: vec![0.0, 2.0, 4.0, f32::NAN], affine, crs: Some(Epsg::RD_NEW) }
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
