//! Vector files through GDAL, each with only its own driver allowed: a file may not choose another one.

pub mod arc;
pub(in crate::readers) mod assemble;
pub(in crate::readers) mod dataset;
pub mod files;
pub(in crate::readers) mod geojson_value;
mod gpkg_checks;
mod sqlite_schema;
pub mod wkb;

pub use files::{
    DxfReader, FlatGeobufReader, GpxReader, KmlReader, MapInfoReader, ShapefileReader, SqliteReader,
};

use super::{FormatReader, ReadContext, ReadError, ReadOutcome, Source};

use dataset::{GdalFormat, read};

/// Without it SQLite would write a lock and an index beside a file in write-ahead mode.
const GPKG_OPTIONS: &[&str] = &["IMMUTABLE=YES"];

/// OGC GeoPackage.
#[derive(Debug)]
pub struct GeoPackageReader;

impl FormatReader for GeoPackageReader {
    fn id(&self) -> &'static str {
        "geopackage"
    }

    fn title(&self) -> &'static str {
        "GeoPackage"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gpkg"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let has_id = matches!(head.get(68..72), Some(b"GPKG" | b"GP10" | b"GP11"));
        head.starts_with(b"SQLite format 3\0")
            && (has_id || file_name.to_ascii_lowercase().ends_with(".gpkg"))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let prepared = sqlite_schema::prepare(source, self.title(), context)?;
        let source = prepared.as_ref().map_or(source, |(_, local)| local);
        gpkg_checks::check(source, context);
        let mut format = GdalFormat::new(self.id(), self.title(), "GPKG");
        format.open_options = GPKG_OPTIONS;
        read(&format, source, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}
