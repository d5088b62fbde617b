//! What lies in a zip, with limits: names that cannot leave the folder, sizes that cannot fill the disk.

use std::{
    cell::Cell,
    collections::HashSet,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use zip::ZipArchive;

use crate::readers::{
    ReadContext, ReadError, Report, Source,
    input::{UNPACK, size_text, unpacked_limit},
    scratch::copy_out,
};

const MAX_ENTRIES: usize = 10_000;
const MAX_ENTRY_BYTES: u64 = 4 << 30;
const MAX_TOTAL_BYTES: u64 = 16 << 30;
const MAX_RATIO: u64 = 200;
const FREE_BYTES: u64 = 10 << 20;
/// Folders in folders that an entry may lie in.
const MAX_FOLDERS: usize = 32;

thread_local! {
    /// Bytes that the outermost archive on this thread may still unfold to, its inner archives included.
    static BUDGET: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Holds the budget of the outermost archive; inner ones take from it.
pub(super) struct Budget {
    is_outermost: bool,
}

impl Budget {
    pub fn begin(source: &Source) -> Self {
        let is_outermost = BUDGET.get().is_none();
        if is_outermost {
            BUDGET.set(Some(unpacked_limit(source.size())));
        }
        Self { is_outermost }
    }

    /// Takes `bytes`; `false` when that is more than is left.
    fn take(bytes: u64) -> bool {
        let left = BUDGET.get().unwrap_or(0).checked_sub(bytes);
        if left.is_some() {
            BUDGET.set(left);
        }
        left.is_some()
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        if self.is_outermost {
            BUDGET.set(None);
        }
    }
}

/// One file in the archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    position: usize,
    /// Folders and name, checked: no part is "..", absolute or empty.
    pub parts: Vec<String>,
    pub size: u64,
}

impl Entry {
    /// As the archive writes it, with "/".
    pub fn name(&self) -> String {
        self.parts.join("/")
    }

    pub fn base(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// Lower case, without the dot; empty when there is none.
    pub fn extension(&self) -> String {
        self.base().rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    }

    /// Folder and name without extension, lower case: files that share it belong together.
    pub fn stem(&self) -> String {
        let name = self.name().to_lowercase();
        let base = self.base().len();
        let at = name.len().saturating_sub(base);
        let (folder, base) = (name.get(..at).unwrap_or_default(), name.get(at..).unwrap_or_default());
        format!("{folder}{}", base.split('.').next().unwrap_or(base))
    }
}

/// Entries that are left out, by the first of them.
pub(super) struct Refused {
    pub name: String,
    pub reason: &'static str,
    pub count: usize,
}

/// A zip whose table of contents has been checked.
pub(super) struct Archive<'a> {
    zip: ZipArchive<BufReader<File>>,
    pub entries: Vec<Entry>,
    /// The first entry that is left out for its name or kind, and how many there are.
    pub refused: Option<Refused>,
    source: &'a Source,
}

impl<'a> Archive<'a> {
    /// Lists the archive. Entries with a name or kind that no data file needs are left out with a fault.
    pub fn open(source: &'a Source, report: &mut Report) -> Result<Self, ReadError> {
        let broken = |error: &zip::result::ZipError| ReadError::Malformed {
            path: source.path.clone(),
            expected: "a zip archive (shapefiles, GML, GeoJSON, … or a GTFS zip archive)".to_owned(),
            found: error.to_string(),
            location: "its table of contents".to_owned(),
            advice: "the file is damaged or cut off; fetch it again".to_owned(),
        };
        let too_large = |what: String, limit: String, found: String| ReadError::TooLarge {
            path: source.path.clone(),
            what,
            limit,
            found,
            advice: UNPACK.into(),
        };
        let mut zip = ZipArchive::new(BufReader::new(source.open()?)).map_err(|error| broken(&error))?;
        if zip.len() > MAX_ENTRIES {
            let found = format!("{} files", zip.len());
            return Err(too_large("the archive".into(), format!("{MAX_ENTRIES} files"), found));
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut names: HashSet<String> = HashSet::new();
        let (mut total, mut refused) = (0_u64, None::<Refused>);
        for position in 0..zip.len() {
            let entry = zip.by_index_raw(position).map_err(|error| broken(&error))?;
            let name = entry.name().to_owned();
            let short: String = name.chars().take(120).collect();
            if entry.is_dir() {
                continue;
            }
            let mut refuse = |reason: &'static str| {
                report.error("archive-entry", short.clone(), format!("{reason}; the entry is left out"));
                refused.get_or_insert(Refused { name: short.clone(), reason, count: 0 }).count += 1;
            };
            if entry.is_symlink() {
                refuse("expected a file, found a link to another file");
                continue;
            }
            let Some(parts) = safe_parts(&name) else {
                refuse("expected a name inside the archive, found one that points out of it");
                continue;
            };
            if parts.iter().any(|part| part == "__MACOSX" || part.starts_with("._")) {
                continue;
            }
            if entry.encrypted() {
                refuse("expected an entry that can be read, found one with a password");
                continue;
            }
            if !names.insert(name.to_lowercase()) {
                refuse("expected different names, found the same name twice");
                continue;
            }
            let (size, packed) = (entry.size(), entry.compressed_size());
            // No entry takes more of the file than there is; many that share the same bytes are seen in the sum below.
            let packed = packed.min(source.size());
            let is_bomb = size > FREE_BYTES && size > packed.saturating_mul(MAX_RATIO);
            if size > MAX_ENTRY_BYTES || is_bomb {
                let limit = if is_bomb {
                    format!("{MAX_RATIO} times its packed size")
                } else {
                    format!("{} for one file in an archive", size_text(MAX_ENTRY_BYTES))
                };
                return Err(too_large(
                    format!("\"{short}\""),
                    limit,
                    format!("{} from {}", size_text(size), size_text(packed)),
                ));
            }
            total = total.saturating_add(size);
            entries.push(Entry { position, parts, size });
        }
        let most = source.size().saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_TOTAL_BYTES);
        if total > most {
            let limit = format!("{MAX_RATIO} times its packed size, and of {}", size_text(MAX_TOTAL_BYTES));
            let found = format!("{} from {}", size_text(total), size_text(source.size()));
            return Err(too_large("the archive".into(), limit, found));
        }
        entries.sort_by(|a, b| a.parts.cmp(&b.parts));
        Ok(Self { zip, entries, refused, source })
    }

    /// Unpacks one entry below `folder`, in the folders it has in the archive. Returns the file's path.
    pub fn unpack(
        &mut self,
        entry: &Entry,
        folder: &Path,
        context: &ReadContext,
    ) -> Result<PathBuf, ReadError> {
        let source = self.source;
        let too_large = |found: String| ReadError::TooLarge {
            path: source.path.clone(),
            what: format!("the archive unpacked up to \"{}\"", entry.name()),
            limit: format!("{MAX_RATIO} times its packed size"),
            found,
            advice: UNPACK.into(),
        };
        if !Budget::take(entry.size) {
            return Err(too_large("more".to_owned()));
        }
        let mut path = folder.to_path_buf();
        for part in &entry.parts {
            path.push(plain_name(part));
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| source.io_error(&error))?;
        }
        let file = self.zip.by_index(entry.position).map_err(|error| ReadError::Malformed {
            path: source.path.clone(),
            expected: format!("a readable entry \"{}\"", entry.name()),
            found: error.to_string(),
            location: "the archive".to_owned(),
            advice: "pack it again with the ordinary \"deflate\" method".to_owned(),
        })?;
        // One byte more than declared is enough to notice a lie.
        let written = copy_out(source, &mut file.take(entry.size.saturating_add(1)), &path, context)?;
        if written > entry.size {
            return Err(too_large(format!("more than the {} bytes it declares", entry.size)));
        }
        Ok(path)
    }
}

/// The folders and the name of an entry, when none of them leaves the archive.
fn safe_parts(name: &str) -> Option<Vec<String>> {
    let is_absolute = name.starts_with(['/', '\\']) || name.get(1..2) == Some(":");
    if is_absolute || name.contains('\0') || name.len() > 1024 {
        return None;
    }
    let parts: Vec<String> =
        name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
    let is_safe = !parts.is_empty() && parts.len() <= MAX_FOLDERS && !parts.iter().any(|part| part == "..");
    is_safe.then_some(parts)
}

/// A name that every file system takes: separators and control characters become "_", and it is not too long.
fn plain_name(part: &str) -> String {
    let plain: String =
        part.chars().map(|c| if c.is_control() || "<>:\"|?*\\/".contains(c) { '_' } else { c }).collect();
    let (stem, extension) = match plain.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 10 => (stem.to_owned(), format!(".{extension}")),
        _ => (plain.clone(), String::new()),
    };
    let stem: String = stem.chars().take(48).collect();
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_archive_are_refused() {
        for name in
            ["../a.gml", "a/../../b.gml", "/etc/passwd", "\\\\server\\x", "C:\\x.gml", "", "./", "a\0b"]
        {
            assert_eq!(safe_parts(name), None, "{name}");
        }
        assert_eq!(safe_parts("map/./bgt_pand.gml"), Some(vec!["map".into(), "bgt_pand.gml".into()]));
        assert_eq!(safe_parts("a..b/c...gml"), Some(vec!["a..b".into(), "c...gml".into()]));
        assert_eq!(plain_name("a:b?.gml"), "a_b_.gml");
        assert!(plain_name(&"é".repeat(1000)).len() < 200);
    }

    #[test]
    fn files_of_one_shapefile_share_their_stem() {
        let entry = |parts: &[&str]| Entry {
            position: 0,
            parts: parts.iter().map(|&part| part.to_owned()).collect(),
            size: 0,
        };
        assert_eq!(entry(&["Map", "A.SHP"]).stem(), entry(&["map", "a.dbf"]).stem());
        assert_eq!(entry(&["a.shp"]).stem(), entry(&["a.shp.xml"]).stem());
        assert_ne!(entry(&["x", "a.shp"]).stem(), entry(&["a.shp"]).stem());
        assert_eq!(entry(&["A.SHP"]).extension(), "shp");
    }
}
