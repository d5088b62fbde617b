//! What lies beside a table: `.prj` with its CRS and `.csvt` with the types of its columns, as QGIS, GDAL and our own
//! export write them.

use std::{fs::File, io::Read, path::Path};

use gdal::spatial_ref::SpatialRef;

use crate::{
    crs::{Epsg, epsg_of_spatial_ref},
    readers::ReadContext,
};

/// Bytes of such a file that are looked at.
const MOST_BYTES: u64 = 64 << 10;

/// The type of a column, as far as it changes what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    Text,
    /// Numbers, dates and what else tells by its looks.
    Other,
    X,
    Y,
    Geometry,
}

/// What is known of a table from the files beside it; nothing where there are none.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub crs: Option<Epsg>,
    pub types: Vec<ColumnType>,
}

/// Whether there is such a file.
pub(super) fn exists(table: &Path) -> bool {
    ["prj", "csvt"].iter().any(|ending| path_of(table, ending).is_file())
}

/// The name of a table with another ending; that of `a.csv.gz` is `a.prj`.
fn path_of(table: &Path, ending: &str) -> std::path::PathBuf {
    let is_packed = table.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    if is_packed { table.with_extension("").with_extension(ending) } else { table.with_extension(ending) }
}

fn text_of(path: &Path) -> Option<String> {
    // Links may lead anywhere.
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    File::open(path).ok()?.take(MOST_BYTES).read_to_end(&mut text).ok()?;
    String::from_utf8(text).ok()
}

impl Beside {
    pub fn look(table: &Path, columns: usize, context: &mut ReadContext) -> Self {
        let mut known = Self::default();
        if let Some(text) = text_of(&path_of(table, "prj")) {
            known.crs = SpatialRef::from_wkt(text.trim()).ok().as_ref().and_then(epsg_of_spatial_ref);
            if known.crs.is_none() {
                let found: String = text.trim().chars().take(60).collect();
                context.report.warn(
                    "crs-unknown",
                    "the .prj beside the table",
                    format!(
                        "expected a coordinate system that PROJ knows, found \"{found}\"; it is passed over"
                    ),
                );
            }
        }
        if let Some(text) = text_of(&path_of(table, "csvt")) {
            let types: Vec<ColumnType> = text
                .trim()
                .split(',')
                .map(|word| match word.trim().trim_matches('"').to_ascii_lowercase().as_str() {
                    "coordx" | "point(x)" => ColumnType::X,
                    "coordy" | "point(y)" => ColumnType::Y,
                    "wkt" => ColumnType::Geometry,
                    word if word.starts_with("string") => ColumnType::Text,
                    _ => ColumnType::Other,
                })
                .collect();
            if types.len() == columns {
                known.types = types;
            } else {
                context.report.warn(
                    "column-types",
                    "the .csvt beside the table",
                    format!(
                        "expected {columns} types of columns, found {}; they are passed over",
                        types.len()
                    ),
                );
            }
        }
        known
    }

    pub fn is_text(&self, column: usize) -> bool {
        self.types.get(column) == Some(&ColumnType::Text)
    }

    pub fn position(&self, wanted: ColumnType) -> Option<usize> {
        self.types.iter().position(|found| *found == wanted)
    }
}
