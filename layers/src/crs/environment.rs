//! The one-time set-up of GDAL and PROJ, and the self-test that says whether heights and RD are exact.
//!
//! The grids' folder goes first on PROJ's search path by API, never by environment, so that GDAL and PROJ agree and a
//! wrong `PROJ_DATA` of the user cannot win. GDAL's settings close the doors through which a data file could read other
//! files or reach the network; they must stand before its drivers are registered.

use std::{
    ffi::{CStr, CString, c_char},
    path::{Path, PathBuf},
    ptr,
    sync::OnceLock,
};

use serde::Serialize;

use super::{Epsg, Transform};

/// How good RD and NAP are in this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "level")]
pub enum Accuracy {
    /// RDNAPTRANS2018 with its grids: 1 mm.
    Exact,
    /// Without grids: RD is off by up to 0.25 m and heights between NAP and the ellipsoid do not exist.
    Approximate { reason: String },
}

/// What the coordinate machinery is made of and how good it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrsStatus {
    pub accuracy: Accuracy,
    pub proj_version: String,
    pub gdal_version: String,
    /// Folder of the NSGI grids that was put first, if one was found.
    pub grid_dir: Option<PathBuf>,
    /// PROJ's search path in order.
    pub search_path: Vec<PathBuf>,
}

impl CrsStatus {
    pub fn is_exact(&self) -> bool {
        self.accuracy == Accuracy::Exact
    }
}

/// The grid that RD + NAP needs; its presence makes a folder a grid folder.
const HEIGHT_GRID: &str = "nl_nsgi_nlgeo2018.tif";

/// GDAL drivers that follow references in a file to other files or to the network.
const SKIPPED_DRIVERS: &str = "VRT,OGR_VRT,GTI,WMS,WMTS,WFS,OAPIF,OGCAPI,HTTP,CSW,WCS,STACTA,STACIT,EEDA,EEDAI,\
    PLSCENES,PLMOSAIC,GMLAS,GPSBabel,Elastic,ElasticSearch,Carto,AmigoCloud,GNMFile,GNMDatabase,MySQL,ODBC,\
    MSSQLSpatial,PostgreSQL,PostGISRaster,PostgisRaster,RasterLite,Rasterlite,SDE,NGW,DAAS,TileDB,Zarr,PDF,JP2Lura,\
    netCDF,HDF4,HDF4Image,HDF5,HDF5Image,BAG,DERIVED";

const GDAL_SETTINGS: [(&str, &str); 11] = [
    ("GDAL_SKIP", SKIPPED_DRIVERS),
    ("GDAL_PAM_ENABLED", "NO"),
    ("GDAL_HTTP_CONNECTTIMEOUT", "5"),
    ("GDAL_HTTP_TIMEOUT", "30"),
    ("GDAL_HTTP_MAX_RETRY", "2"),
    ("GDAL_CACHEMAX", "256"),
    ("GDAL_NUM_THREADS", "1"),
    ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "{none}"),
    ("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR"),
    ("OGR_GEOJSON_MAX_OBJ_SIZE", "50"),
    ("GDAL_VRT_ENABLE_PYTHON", "NO"),
];

#[derive(Debug)]
struct Environment {
    grid_dir: Option<PathBuf>,
    search_path: Vec<PathBuf>,
}

static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
static STATUS: OnceLock<CrsStatus> = OnceLock::new();

/// Sets GDAL and PROJ up with `grid_dirs` first on the search path. The first call in the process wins; later ones do
/// nothing. Call it before anything else touches GDAL.
pub fn init(grid_dirs: &[PathBuf]) {
    ENVIRONMENT.get_or_init(|| set_up(grid_dirs));
}

/// As [`init`] with the folder of [`find_grid_dir`]; every function that needs GDAL or PROJ calls it.
pub fn ensure_init() {
    ENVIRONMENT.get_or_init(|| set_up(&find_grid_dir().into_iter().collect::<Vec<_>>()));
}

fn set_up(grid_dirs: &[PathBuf]) -> Environment {
    for (key, value) in GDAL_SETTINGS {
        // Fails only for text with a NUL, which these constants have not.
        let _ = gdal::config::set_config_option(key, value);
    }
    // SAFETY: plain C calls with valid, NUL-terminated texts that outlive the calls; `OnceLock` makes this single-threaded.
    unsafe {
        gdal_sys::CPLSetErrorHandler(Some(gdal_sys::CPLQuietErrorHandler));
        gdal_sys::OSRSetPROJEnableNetwork(0);
    }
    let mut search_path: Vec<PathBuf> = grid_dirs.iter().filter(|dir| dir.is_dir()).cloned().collect();
    for dir in default_search_path() {
        if !search_path.contains(&dir) {
            search_path.push(dir);
        }
    }
    let texts: Vec<CString> =
        search_path.iter().filter_map(|dir| CString::new(dir.to_string_lossy().as_bytes()).ok()).collect();
    let mut pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    let count = pointers.len();
    pointers.push(ptr::null());
    // SAFETY: `pointers` is a NULL-terminated list of NUL-terminated texts; both libraries copy them.
    unsafe {
        gdal_sys::OSRSetPROJSearchPaths(pointers.as_ptr());
        proj_sys::proj_context_set_search_paths(
            ptr::null_mut(),
            count.try_into().unwrap_or(0),
            pointers.as_ptr(),
        );
    }
    let grid_dir = search_path.iter().find(|dir| dir.join(HEIGHT_GRID).is_file()).cloned();
    Environment { grid_dir, search_path }
}

/// Where PROJ looks by itself (proj.db lies there); setting a search path replaces this list, so it is kept behind ours.
fn default_search_path() -> Vec<PathBuf> {
    // SAFETY: `proj_info` returns static texts of the library.
    let listed = unsafe {
        let info = proj_sys::proj_info();
        if info.searchpath.is_null() {
            String::new()
        } else {
            CStr::from_ptr(info.searchpath).to_string_lossy().into_owned()
        }
    };
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&listed).filter(|dir| dir.is_dir()).collect();
    let system = Path::new("/usr/share/proj");
    if !dirs.iter().any(|dir| dir.join("proj.db").is_file()) && system.join("proj.db").is_file() {
        dirs.push(system.to_path_buf());
    }
    dirs
}

/// The folder with the NSGI grids: `$STADSMAQUETTE_GRIDS`, the user's data folder, beside the executable, then
/// `assets/crs` and `shared/data/crs` in the folders above the executable, the working folder and the sources.
pub fn find_grid_dir() -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    candidates.extend(std::env::var_os("STADSMAQUETTE_GRIDS").map(PathBuf::from));
    let data_home = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share")));
    candidates.extend(data_home.map(|dir| dir.join("stadsmaquette/crs")));
    let executable = std::env::current_exe().ok();
    let beside = executable.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    if let Some(dir) = &beside {
        candidates.push(dir.join("crs"));
        candidates.push(dir.join("../share/stadsmaquette/crs"));
    }
    let starts = [beside, std::env::current_dir().ok(), Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))];
    for start in starts.into_iter().flatten() {
        for above in start.ancestors() {
            candidates.push(above.join("assets/crs"));
            candidates.push(above.join("shared/data/crs"));
        }
    }
    candidates.into_iter().find(|dir| dir.join(HEIGHT_GRID).is_file())
}

/// The known answer of the NSGI grids: RD (155000, 463000), NAP 0 in ETRS89 degrees and ellipsoidal metres.
const KNOWN_RD_NAP: [f64; 3] = [155_000.0, 463_000.0, 0.0];
const KNOWN_ETRS89: [f64; 3] = [5.387_203_650, 52.155_172_887, 43.2772];

/// Versions and the result of the self-test, which runs once: the known answer to 1e-8 degree and 1 mm.
pub fn status() -> &'static CrsStatus {
    ensure_init();
    STATUS.get_or_init(|| {
        let environment = ENVIRONMENT.get();
        CrsStatus {
            accuracy: self_test(),
            proj_version: proj_version(),
            gdal_version: gdal::version::version_info("RELEASE_NAME"),
            grid_dir: environment.and_then(|environment| environment.grid_dir.clone()),
            search_path: environment.map(|environment| environment.search_path.clone()).unwrap_or_default(),
        }
    })
}

fn self_test() -> Accuracy {
    let answer = match Transform::new(Epsg::RD_NAP, Epsg::ETRS89_3D) {
        Ok(transform) => transform.apply_one(KNOWN_RD_NAP),
        Err(error) => return Accuracy::Approximate { reason: error.to_string() },
    };
    let Some([lon, lat, height]) = answer else {
        return Accuracy::Approximate { reason: "PROJ gave no answer for Amersfoort".to_owned() };
    };
    let is_exact = (lon - KNOWN_ETRS89[0]).abs() <= 1e-8
        && (lat - KNOWN_ETRS89[1]).abs() <= 1e-8
        && (height - KNOWN_ETRS89[2]).abs() <= 1e-3;
    if is_exact {
        Accuracy::Exact
    } else {
        let reason = format!(
            "RD (155000, 463000), NAP 0 should be {} {} {} but is {lon:.9} {lat:.9} {height:.4}; the NSGI grids ({HEIGHT_GRID}, nl_nsgi_rdcorr2018.tif) are not on PROJ's search path; put them in a folder named by STADSMAQUETTE_GRIDS",
            KNOWN_ETRS89[0], KNOWN_ETRS89[1], KNOWN_ETRS89[2]
        );
        Accuracy::Approximate { reason }
    }
}

fn proj_version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three valid out-parameters.
    unsafe { gdal_sys::OSRGetPROJVersion(&raw mut major, &raw mut minor, &raw mut patch) };
    format!("{major}.{minor}.{patch}")
}
