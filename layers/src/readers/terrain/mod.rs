//! Height grids through GDAL, each format with only its own driver allowed: GeoTIFF (also cloud-optimised) and ASCII grid.
//!
//! A grid that is north-up with square cells in the project's CRS is taken as it is. Any other is resampled: the centre
//! of each new cell is taken back to the source and read there bilinearly; a cell whose four neighbours are not all known
//! takes the known ones, and stays unknown when none is. A grid with more cells than a scene can use is read smaller,
//! from its overviews where it has them.

mod grid;

use std::{collections::BTreeMap, sync::Arc};

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Source,
    input::{SMALLER, with_checksum},
    layer_id,
    placement::{Placement, Unlabelled},
    scratch,
};
use crate::{
    crs::{Epsg, Transform},
    model::{Bounds3, Layer, LayerData, Provenance, Terrain},
};
use grid::Grid;

/// `.tif`
#[derive(Debug)]
pub struct GeoTiffReader;

/// `.asc`
#[derive(Debug)]
pub struct AsciiGridReader;

/// Cells that one grid may hold after resampling.
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
        read(self, "GTiff", source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

impl FormatReader for AsciiGridReader {
    fn id(&self) -> &'static str {
        "ascii-grid"
    }

    fn title(&self) -> &'static str {
        "ASCII grid of heights"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["asc", "agr"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text =
            String::from_utf8_lossy(head.get(..256.min(head.len())).unwrap_or_default()).to_ascii_lowercase();
        let text = text.trim_start();
        text.starts_with("ncols") || (text.starts_with("nrows") && text.contains("ncols"))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let unpacked = scratch::unpack_gzip(source, context)?;
        let source = unpacked.as_ref().map_or(source, |(_folder, plain)| plain);
        check_ascii_size(source)?;
        read(self, "AAIGrid", source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

/// Refuses a grid whose header promises more cells than its bytes could write: each takes a digit and a blank.
fn check_ascii_size(source: &Source) -> Result<(), ReadError> {
    let head = source.head()?;
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let mut words = text.split_ascii_whitespace();
    let mut size = [1_u64; 2];
    while let Some(word) = words.next() {
        let axis = match word {
            "ncols" => 0,
            "nrows" => 1,
            _ => continue,
        };
        if let (Some(place), Some(count)) =
            (size.get_mut(axis), words.next().and_then(|word| word.parse().ok()))
        {
            *place = count;
        }
    }
    let cells = size[0].saturating_mul(size[1]);
    if cells.saturating_mul(2) > source.size().saturating_add(1) {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: format!("{} × {} cells, as the header says", size[0], size[1]),
            found: format!("{} bytes, which cannot hold them", source.size()),
            location: "the header".to_owned(),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        });
    }
    Ok(())
}

fn read(
    reader: &dyn FormatReader,
    driver: &'static str,
    source: &Source,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let (grid, checksum) = with_checksum(source, || Grid::read(source, reader.title(), driver, context));
    let grid = grid?;
    context.progress.set(0.4);
    let bounds = grid.stated_bounds;
    let placement = Placement::decide(source, grid.crs, &bounds, Unlabelled::MetricOrDegrees, context)?;
    let terrain = resample(&grid, source, &placement, context)?;
    let known = terrain.heights.iter().filter(|height| height.is_finite()).count();
    if known == 0 {
        context.report.error("no-heights", "the grid", "every cell is unknown");
    }
    let faults = std::mem::take(&mut context.report).finish();
    let inspection = Inspection {
        uri: source.uri.clone(),
        format: reader.id(),
        version: None,
        crs: placement.stated_text(),
        bbox: bounds.to_array(),
        counts: BTreeMap::from([("cells".to_owned(), grid.stored_cells as u64)]),
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
        provenance: Provenance { source: source.file_name().to_owned(), checksum, ..Provenance::default() },
        faults,
    };
    context.progress.set(1.0);
    Ok(ReadOutcome { layers: vec![layer], inspection, crs: placement.target })
}

/// The grid in the placement's CRS.
fn resample(
    grid: &Grid,
    source: &Source,
    placement: &Placement,
    context: &mut ReadContext,
) -> Result<Terrain, ReadError> {
    let t = &grid.affine;
    let is_same_crs = placement.source == placement.target
        || (placement.source.is_rd() && placement.target.is_rd())
        || placement.target == Epsg::LOCAL;
    let is_square = t[2] == 0.0 && t[4] == 0.0 && t[1] > 0.0 && (t[1] + t[5]).abs() < 1e-9 * t[1];
    if is_same_crs && is_square {
        return Ok(Terrain {
            origin: grid.place(0.5, 0.5),
            cell_m: t[1],
            width: grid.width,
            height: grid.height,
            heights: grid.heights.clone(),
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
        let (width, height) = (grid.width as f64, grid.height as f64);
        for (column, row) in
            [(part * width, 0.0), (part * width, height), (0.0, part * height), (width, part * height)]
        {
            outline.push(grid.place(column, row));
        }
    }
    let (middle_column, middle_row) = (grid.width as f64 / 2.0, grid.height as f64 / 2.0);
    let mut middle = [
        grid.place(middle_column, middle_row),
        grid.place(middle_column + 1.0, middle_row),
        grid.place(middle_column, middle_row + 1.0),
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
            advice: format!("{SMALLER}, or make a coarser one with gdalwarp -tr").into(),
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
            (0..width).map(|column| [origin[0] + cell_m * column as f64, origin[1] - cell_m * row as f64]),
        );
        if let Some(back) = &back {
            back.apply_2d(&mut line);
        }
        heights.extend(line.iter().map(|&point| grid.sample(grid.cell(point))));
    }
    Ok(Terrain { origin, cell_m, width, height, heights })
}
