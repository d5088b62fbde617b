//! Open files out. Every writer puts its file in place in one step: a reader never sees half a file, and a failed
//! write leaves an earlier file as it was.

pub mod cityjson;
pub mod csv_table;
pub mod geojson;
pub mod geopackage;
pub mod geotiff;
pub mod glb;
pub mod gtfs;
pub mod osm_xml;
pub mod sensorthings;
mod wkb;

use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::crs::{CrsError, Epsg, Transform};

/// Why a file could not be written. The path is last.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("cannot write the file: {reason}. File: {path}")]
    Io { path: PathBuf, reason: String },
    #[error("GDAL could not write {what}: {reason}. File: {path}")]
    Gdal { path: PathBuf, what: String, reason: String },
    #[error("{what} cannot be written in {format}: {advice}. File: {path}")]
    Unsupported { path: PathBuf, format: &'static str, what: String, advice: String },
    #[error("the coordinates cannot be written: {reason}. File: {path}")]
    Crs { path: PathBuf, reason: CrsError },
    #[error("{count} points have no place on earth in {crs}. File: {path}")]
    Unplaced { path: PathBuf, count: usize, crs: Epsg },
}

impl WriteError {
    fn io(path: &Path, error: impl ToString) -> Self {
        Self::Io { path: path.to_owned(), reason: error.to_string() }
    }

    fn gdal(path: &Path, what: impl Into<String>, error: impl ToString) -> Self {
        Self::Gdal { path: path.to_owned(), what: what.into(), reason: error.to_string() }
    }
}

/// Writes to a file beside `path` and renames it when `write` has succeeded. The temporary name keeps the extension,
/// which some drivers go by.
pub(crate) fn atomically(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let file_name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let temporary = path.with_file_name(format!(".{}-{number}-{file_name}", std::process::id()));
    let result = write(&temporary).and_then(|()| {
        let file = fs::OpenOptions::new().read(true).write(true).open(&temporary);
        file.and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(|error| WriteError::io(path, error))
    });
    if result.is_err() {
        // Best effort: the error that matters is the one being returned.
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// As [`atomically`] for text and bytes that are written one after another.
pub(crate) fn stream(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    atomically(path, |temporary| {
        let file = fs::File::create(temporary).map_err(|error| WriteError::io(path, error))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        write(&mut out)?;
        out.flush().map_err(|error| WriteError::io(path, error))
    })
}

/// Longitude and latitude (WGS 84, degrees) of points in `from`, in their order.
pub(crate) fn lon_lat(path: &Path, from: Epsg, points: &[[f64; 2]]) -> Result<Vec<[f64; 2]>, WriteError> {
    let failed = |reason| WriteError::Crs { path: path.to_owned(), reason };
    let transform = Transform::new(from, Epsg::WGS84).map_err(failed)?;
    let mut points = points.to_vec();
    let count = transform.apply_2d(&mut points);
    if count > 0 {
        return Err(WriteError::Unplaced { path: path.to_owned(), count, crs: from });
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_keeps_the_earlier_file_and_leaves_no_rest() {
        let folder = std::env::temp_dir().join(format!("stadsmaquette-writers-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("kept.txt");
        fs::write(&path, "earlier").unwrap();
        let result = stream(&path, |out| {
            out.write_all(b"half").unwrap();
            Err(WriteError::io(&path, "stopped"))
        });
        assert!(result.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file stays");
        stream(&path, |out| out.write_all(b"later").map_err(|e| WriteError::io(&path, e))).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "later");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn amersfoort_has_its_known_place() {
        let points = lon_lat(Path::new("x"), Epsg::RD_NEW, &[[155_000.0, 463_000.0]]).unwrap();
        assert!(
            (points[0][0] - 5.387_206_2).abs() < 2e-5 && (points[0][1] - 52.155_172_9).abs() < 2e-5,
            "{points:?}"
        );
    }
}
