//! Open Matrix files (OMX 0.2 and 0.3): trips from zone to zone, as transport models exchange them. An HDF5 file with square
//! matrices under `/data` and, under `/lookup`, the numbers or names of the zones in their order.
//! <https://github.com/osPlanning/omx/wiki/Specification>

use std::path::{Path, PathBuf};

use hdf5_reader::{Dataset, Datatype, Hdf5File, OpenOptions, group::Group};

/// Most bytes of one matrix: 16,000 zones.
const MOST_BYTES: usize = 2 << 30;

/// One matrix of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OmxMatrix {
    /// Its name in the file.
    pub name: String,
    /// What the zones are called, in the order of rows and columns: 1, 2, 3 … where the file has no mapping.
    pub zones: Vec<String>,
    /// Row-major, origin by destination; in the file's unit. What has no value is NaN.
    pub values: Vec<f64>,
}

/// Why a file gives no matrix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OmxError {
    #[error("{}: expected an Open Matrix file (HDF5), found: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{}: expected matrices under \"/data\", found none", path.display())]
    NoMatrix { path: PathBuf },
    #[error("{}: expected the name of one of its {what}: {}; found {found}", path.display(), names.join(", "))]
    Choose { path: PathBuf, what: &'static str, names: Vec<String>, found: String },
    #[error("{}: expected a square matrix with a zone for each row, found \"{name}\" with {found}", path.display())]
    Shape { path: PathBuf, name: String, found: String },
    #[error("{}: expected numbers in \"{name}\", found {found}", path.display())]
    NotNumbers { path: PathBuf, name: String, found: String },
}

/// Reads one matrix. `name` may be left out where the file has one only, `mapping` (of zones) where it has at most one; the
/// error of what must be chosen lists the names. Cost: the size of that matrix.
pub fn read(path: &Path, name: Option<&str>, mapping: Option<&str>) -> Result<OmxMatrix, OmxError> {
    let unreadable = |error: hdf5_reader::error::Error| OmxError::Unreadable {
        path: path.into(),
        reason: error.to_string(),
    };
    let options = OpenOptions::default().with_max_read_bytes(MOST_BYTES).with_max_chunk_bytes(MOST_BYTES);
    let file = Hdf5File::open_with_options(path, options).map_err(unreadable)?;
    let root = file.root_group().map_err(unreadable)?;
    let matrices = names_in(&root, "data").map_err(unreadable)?;
    if matrices.is_empty() {
        return Err(OmxError::NoMatrix { path: path.into() });
    }
    let name = choose(path, "matrices", matrices, name)?;
    let dataset = file.dataset(&format!("/data/{name}")).map_err(unreadable)?;
    let zones = match *dataset.shape() {
        [rows, columns] if rows == columns => rows as usize,
        ref other => {
            let found = format!("{other:?} values");
            return Err(OmxError::Shape { path: path.into(), name, found });
        }
    };
    let not_numbers = |name: &str, dataset: &Dataset| OmxError::NotNumbers {
        path: path.into(),
        name: name.to_owned(),
        found: format!("{:?}", dataset.dtype()),
    };
    let values = numbers(&dataset).map_err(unreadable)?.ok_or_else(|| not_numbers(&name, &dataset))?;
    let mappings = names_in(&root, "lookup").map_err(unreadable)?;
    if mappings.is_empty() && mapping.is_none() {
        return Ok(OmxMatrix { name, zones: (1..=zones).map(|zone| zone.to_string()).collect(), values });
    }
    let mapping = choose(path, "mappings of zones", mappings, mapping)?;
    let lookup = file.dataset(&format!("/lookup/{mapping}")).map_err(unreadable)?;
    let ids: Vec<String> = if let Datatype::String { .. } | Datatype::VarLen { .. } = lookup.dtype() {
        let texts = lookup.read_strings().map_err(unreadable)?;
        texts.into_iter().map(|text| text.trim_end_matches('\0').trim().to_owned()).collect()
    } else {
        let ids = numbers(&lookup).map_err(unreadable)?.ok_or_else(|| not_numbers(&mapping, &lookup))?;
        ids.into_iter().map(|id| id.to_string()).collect()
    };
    if ids.len() != zones {
        let found = format!("{zones} rows and a mapping \"{mapping}\" of {} zones", ids.len());
        return Err(OmxError::Shape { path: path.into(), name, found });
    }
    Ok(OmxMatrix { name, zones: ids, values })
}

/// All values of a table of numbers of any width; `None` for another kind.
fn numbers(dataset: &Dataset) -> hdf5_reader::error::Result<Option<Vec<f64>>> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks::<N>().0.iter().map(|chunk| value(*chunk)).collect()
    }
    let (size, signed, is_float) = match *dataset.dtype() {
        Datatype::FloatingPoint { size, .. } => (size, true, true),
        Datatype::FixedPoint { size, signed, .. } => (size, signed, false),
        _ => return Ok(None),
    };
    let bytes = dataset.read_native_bytes()?;
    Ok(Some(match (size, signed, is_float) {
        (8, _, true) => each(&bytes, f64::from_ne_bytes),
        (4, _, true) => each(&bytes, |b| f64::from(f32::from_ne_bytes(b))),
        (8, true, _) => each(&bytes, |b| i64::from_ne_bytes(b) as f64),
        (8, false, _) => each(&bytes, |b| u64::from_ne_bytes(b) as f64),
        (4, true, _) => each(&bytes, |b| f64::from(i32::from_ne_bytes(b))),
        (4, false, _) => each(&bytes, |b| f64::from(u32::from_ne_bytes(b))),
        (2, true, false) => each(&bytes, |b| f64::from(i16::from_ne_bytes(b))),
        (2, false, false) => each(&bytes, |b| f64::from(u16::from_ne_bytes(b))),
        (1, true, false) => each(&bytes, |b| f64::from(i8::from_ne_bytes(b))),
        (1, false, false) => each(&bytes, |[b]: [u8; 1]| f64::from(b)),
        _ => return Ok(None),
    }))
}

/// Names of the tables in a group, in alphabetical order; none where there is no such group.
fn names_in(root: &Group, group: &str) -> hdf5_reader::error::Result<Vec<String>> {
    let (groups, _) = root.member_names()?;
    if !groups.iter().any(|name| name == group) {
        return Ok(Vec::new());
    }
    let (_, mut names) = root.group(group)?.member_names()?;
    names.sort_unstable();
    Ok(names)
}

/// The wanted name, or the only one.
fn choose(
    path: &Path,
    what: &'static str,
    mut names: Vec<String>,
    wanted: Option<&str>,
) -> Result<String, OmxError> {
    let found = match wanted {
        Some(wanted) if names.iter().any(|name| name == wanted) => return Ok(wanted.to_owned()),
        Some(wanted) => format!("\"{wanted}\""),
        None if names.len() == 1 => return Ok(names.remove(0)),
        None => "no name".to_owned(),
    };
    Err(OmxError::Choose { path: path.into(), what, names, found })
}
