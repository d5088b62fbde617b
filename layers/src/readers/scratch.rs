//! Private folders for what must be unpacked before it can be read.

use std::{
    fs::{DirBuilder, File},
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    ReadContext, ReadError, Source,
    input::{open_text, stream_error},
};

/// A folder that only this user may enter and that is removed with everything in it when dropped.
#[derive(Debug)]
pub struct ScratchDir(PathBuf);

impl ScratchDir {
    /// Makes a new folder under the system's folder for temporary files (`TMPDIR`).
    pub fn new() -> std::io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // A name that is taken (by an older process, or by somebody who wants to be first) is passed over.
        for _ in 0..1000 {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("stadsmaquette-read-{}-{number}-{:x}", std::process::id(), fastrand::u64(..));
            let path = std::env::temp_dir().join(name);
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, "no free name for a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // A folder that cannot be removed is left to the system; there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Copies `reader` into the new file `path`, hearing a cancel. Returns the bytes written.
pub fn copy_out(
    source: &Source,
    reader: &mut dyn std::io::Read,
    path: &Path,
    context: &ReadContext,
) -> Result<u64, ReadError> {
    let mut file = File::create_new(path).map_err(|error| source.io_error(&error))?;
    let mut buffer = vec![0; 1 << 18];
    let mut total = 0;
    loop {
        context.check_cancelled()?;
        let count = match reader.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(stream_error(source, &error)),
        };
        let part = buffer.get(..count).unwrap_or_default();
        file.write_all(part).map_err(|error| source.io_error(&error))?;
        total += count as u64;
    }
}

/// The unpacked file of a gzip source, in a folder of its own; `None` for any other source.
pub fn unpack_gzip(
    source: &Source,
    context: &ReadContext,
) -> Result<Option<(ScratchDir, Source)>, ReadError> {
    use std::io::Read;
    let mut magic = Vec::new();
    source.open()?.take(2).read_to_end(&mut magic).map_err(|error| source.io_error(&error))?;
    if magic != [0x1f, 0x8b] {
        return Ok(None);
    }
    let folder = ScratchDir::new().map_err(|error| source.io_error(&error))?;
    let name = source.file_name();
    let name = name.strip_suffix(".gz").filter(|name| !name.is_empty()).unwrap_or("data");
    let path = folder.path().join(name);
    copy_out(source, &mut open_text(source)?, &path, context)?;
    Ok(Some((folder, Source { uri: source.uri.clone(), path })))
}
