//! Files that a city has but that are no map, model or feed to this program: what they are, and what to do instead.
//!
//! One table, asked before the readers for what is certain and after them for what is likely. Nothing here is read further
//! than its first bytes.

use super::{ReadError, Source};

/// How a foreign file is known.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// It begins with these bytes.
    Magic(&'static [u8]),
    /// Its name ends so.
    Name(&'static [&'static str]),
    /// It is text that has all of these words near its beginning.
    Words(&'static [&'static str]),
    /// It is text that begins with these words, white space and letter case aside.
    Start(&'static str),
    /// Both of a name and a word.
    NameAndWord(&'static [&'static str], &'static str),
}

#[derive(Debug)]
struct Foreign {
    sign: Sign,
    /// Certain enough to be said before any reader is asked.
    is_certain: bool,
    what: &'static str,
    advice: &'static str,
}

const fn certain(sign: Sign, what: &'static str, advice: &'static str) -> Foreign {
    Foreign { sign, is_certain: true, what, advice }
}

const fn likely(sign: Sign, what: &'static str, advice: &'static str) -> Foreign {
    Foreign { sign, is_certain: false, what, advice }
}

use Sign::{Magic, Name, NameAndWord, Start, Words};

const SHAPEFILE: &str = "open the .shp that belongs to it; the parts are found beside it";
const UNPACK: &str = "unpack it and open what is inside";
const PICTURE: &str = "pictures have no place; a GeoTIFF does";

static FOREIGN: &[Foreign] = &[
    // Traffic and energy models.
    certain(
        Words(&["<NUMBER OF ZONES>"]),
        "a network or trip table of TransportationNetworks (TNTP)",
        "use `stadsmaquette assign` with the net and trips files",
    ),
    certain(
        Name(&[".tntp"]),
        "a TransportationNetworks (TNTP) table",
        "use `stadsmaquette assign` with the net and trips files",
    ),
    certain(
        Words(&["[JUNCTIONS]"]),
        "an EPANET water network",
        "give it to the water model; export its pipes as GeoPackage to show them on the map",
    ),
    certain(
        Words(&["<!DOCTYPE", "matsim"]),
        "a MATSim file",
        "export its network as GeoPackage, or open the OpenStreetMap extract it was made from",
    ),
    certain(
        NameAndWord(&[".net.xml"], "<net"),
        "a SUMO network",
        "open the OpenStreetMap extract it was made from",
    ),
    // Public transport in other words.
    certain(
        Words(&["www.netex.org.uk/netex"]),
        "a NeTEx timetable",
        "open the GTFS feed of the same operator; NDOV publishes both",
    ),
    certain(
        Words(&["www.siri.org.uk/siri"]),
        "a SIRI message about public transport",
        "open the GTFS-realtime feed of the same operator",
    ),
    // Building models and drawings.
    certain(
        Magic(b"ISO-10303-21"),
        "an IFC building model (STEP)",
        "convert it to CityJSON, CityGML or glTF",
    ),
    certain(Words(&["<ifcXML"]), "an IFC building model (XML)", "convert it to CityJSON, CityGML or glTF"),
    certain(Magic(b"AC10"), "an AutoCAD drawing (DWG)", "save it as DXF"),
    certain(Name(&[".skp"]), "a SketchUp model", "export it as glTF or OBJ"),
    certain(
        Name(&[".rvt", ".rfa"]),
        "a Revit model",
        "export it as IFC and convert that to CityJSON, or export glTF",
    ),
    certain(Magic(b"BLENDER"), "a Blender file", "export it as glTF"),
    certain(Magic(b"Kaydara FBX Binary"), "an FBX model", "export it as glTF"),
    // Parts of other files.
    certain(
        Name(&[".dbf", ".shx", ".sbn", ".sbx", ".shp.xml", ".qix", ".cpg", ".fbn"]),
        "a part of a shapefile",
        SHAPEFILE,
    ),
    certain(Name(&[".prj"]), "the coordinate system of a shapefile or raster", SHAPEFILE),
    certain(
        Name(&[".tfw", ".jgw", ".pgw", ".wld"]),
        "the world file of a picture",
        "open the picture that it belongs to, saved as GeoTIFF",
    ),
    certain(
        Name(&[".aux.xml", ".ovr"]),
        "a companion that GDAL wrote beside a raster",
        "open the raster itself",
    ),
    certain(
        Name(&["-wal", "-shm", "-journal"]),
        "the journal of a database that is open",
        "close the program that uses it and open the .gpkg itself",
    ),
    certain(
        Name(&[".qgz", ".qgs", ".qml", ".sld", ".lyr", ".lyrx", ".aprx", ".mxd"]),
        "a project or style of a GIS",
        "open the data that it shows",
    ),
    certain(Name(&[".xsd"]), "an XML schema", "open the data that follows it"),
    // Answers of services, saved as if they were data.
    certain(
        Words(&["ExceptionReport"]),
        "the error message of a map service",
        "open it in a text editor to see what was asked wrongly, and ask again",
    ),
    certain(
        Words(&["_Capabilities"]),
        "the description of a map service",
        "add the service, or download one of its layers",
    ),
    certain(
        Start("version https://git-lfs"),
        "a pointer to a file that was not downloaded (Git LFS)",
        "fetch the file itself with `git lfs pull`",
    ),
    certain(
        Start("<!doctype html"),
        "a web page",
        "the download gave a page instead of data; perhaps one has to log in",
    ),
    certain(
        Start("<html"),
        "a web page",
        "the download gave a page instead of data; perhaps one has to log in",
    ),
    certain(Words(&["\"Topology\"", "\"arcs\""]), "TopoJSON", "export it as GeoJSON"),
    certain(Words(&["esriGeometry"]), "ArcGIS JSON", "ask the service for f=geojson"),
    // Noise and weather.
    certain(
        Words(&["\"cutPoints\""]),
        "a test case of a noise model (CNOSSOS propagation path)",
        "noise cases are read by the tests of the noise model; open the buildings and roads themselves",
    ),
    certain(
        Words(&["\"expectedWH\""]),
        "expected results of a noise model",
        "they are read by the tests of the noise model",
    ),
    certain(
        Words(&["Cnossos", "\"vehicles\""]),
        "coefficients of a noise model",
        "the noise model has its own; open the roads themselves",
    ),
    certain(Words(&["%iy", "imin"]), "a weather table of UMEP", "give it to the climate model"),
    certain(Magic(b"LOCATION,"), "an EPW weather file", "give it to the climate model"),
    certain(Words(&["STN,YYYYMMDD"]), "a weather table of KNMI", "give it to the climate model"),
    // Documents, pictures, archives and programs.
    certain(Magic(b"%PDF"), "a PDF document", "ask for the data behind it"),
    certain(
        Name(&[".docx", ".doc", ".odt", ".pptx", ".ppt", ".odp"]),
        "a text document or presentation",
        "ask for the data behind it",
    ),
    certain(Name(&[".xlsx", ".xls", ".ods", ".xlsm"]), "a spreadsheet", "save the sheet as CSV"),
    likely(Magic(b"\xd0\xcf\x11\xe0"), "an old Office document", "save it as CSV"),
    likely(Magic(b"\xff\xd8\xff"), "a JPEG picture", PICTURE),
    likely(Magic(b"\x89PNG"), "a PNG picture", PICTURE),
    likely(Magic(b"GIF8"), "a GIF picture", PICTURE),
    likely(Magic(b"BM"), "a BMP picture", PICTURE),
    likely(Magic(b"RIFF"), "a picture or sound", PICTURE),
    likely(
        NameAndWord(&[".svg"], "<svg"),
        "an SVG drawing",
        "drawings have no place; ask for the data behind it",
    ),
    likely(Magic(b"7z\xbc\xaf\x27\x1c"), "a 7-Zip archive", UNPACK),
    likely(Magic(b"Rar!"), "a RAR archive", UNPACK),
    likely(Magic(b"\xfd7zXZ\0"), "an xz archive", UNPACK),
    likely(Magic(b"BZh"), "a bzip2 archive", UNPACK),
    likely(Magic(b"\x28\xb5\x2f\xfd"), "a Zstandard archive", UNPACK),
    likely(Name(&[".tar", ".tar.gz", ".tgz"]), "a tar archive", UNPACK),
    likely(Magic(b"PAR1"), "a Parquet file", "save it as GeoPackage"),
    likely(Magic(b"ARROW1"), "an Arrow file", "save it as GeoPackage"),
    likely(Magic(b"CDF\x01"), "a NetCDF file", "save the variable as GeoTIFF"),
    likely(Magic(b"\x89HDF"), "an HDF5 or NetCDF file", "save the variable as GeoTIFF"),
    likely(Magic(b"PGDMP"), "a PostgreSQL dump", "restore it and export GeoPackage"),
    likely(Words(&["PostgreSQL database dump"]), "a PostgreSQL dump", "restore it and export GeoPackage"),
    likely(Magic(b"\x7fELF"), "a program", "it is no data"),
    likely(Magic(b"MZ"), "a program", "it is no data"),
    likely(
        Words(&["\"model\"", "\"pk\"", "\"fields\""]),
        "a dump of a database (Django fixture)",
        "save the collection inside it as GeoJSON",
    ),
    likely(Name(&[".md", ".rst"]), "a text to read", "open the data that it describes"),
    likely(
        Name(&[".txt", ".log", ".readme"]),
        "a text without a table of places that is known",
        "save it as CSV with columns x and y, or lon and lat",
    ),
];

impl Sign {
    fn fits(self, head: &[u8], text: &str, lower_name: &str) -> bool {
        let has_word = |word: &str| text.contains(&word.to_lowercase());
        let is_named = |ends: &[&str]| ends.iter().any(|end| lower_name.ends_with(end));
        match self {
            Self::Magic(magic) => head.starts_with(magic),
            Self::Name(ends) => is_named(ends),
            Self::Words(words) => words.iter().all(|word| has_word(word)),
            Self::Start(start) => text.trim_start_matches('\u{feff}').trim_start().starts_with(start),
            Self::NameAndWord(ends, word) => is_named(ends) && has_word(word),
        }
    }
}

fn find(source: &Source, head: &[u8], is_certain: bool) -> Option<ReadError> {
    // Words count only in text: bytes of pictures hold any word.
    let is_text = !head.iter().take(512).any(|&byte| byte == 0);
    let text = if is_text { String::from_utf8_lossy(head).to_lowercase() } else { String::new() };
    let name = source.file_name().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let found = FOREIGN
        .iter()
        .filter(|foreign| foreign.is_certain == is_certain)
        .find(|foreign| foreign.sign.fits(head, &text, name))?;
    Some(ReadError::Foreign {
        path: source.path.clone(),
        what: found.what.to_owned(),
        advice: found.advice.to_owned(),
    })
}

/// What the file certainly is, if that is nothing to open.
pub(super) fn certain_foreign(source: &Source, head: &[u8]) -> Option<ReadError> {
    find(source, head, true)
}

/// What the file likely is, once no reader wants it. JSON that is damaged says where.
pub(super) fn likely_foreign(source: &Source, head: &[u8]) -> Option<ReadError> {
    find(source, head, false).or_else(|| describe_json(source, head))
}

/// Largest JSON whose damage is looked for.
const MAX_JSON: u64 = 64 << 20;

/// JSON that no reader knows: where it is damaged, or what its members are.
fn describe_json(source: &Source, head: &[u8]) -> Option<ReadError> {
    let start = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head).trim_ascii_start();
    if !start.starts_with(b"{") && !start.starts_with(b"[") || source.size() > MAX_JSON {
        return None;
    }
    let text = super::input::read_all(source, &super::ReadContext::default()).ok()?;
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    match serde_json::from_slice::<serde_json::Value>(text) {
        Err(error) => Some(ReadError::Malformed {
            path: source.path.clone(),
            expected: "sound JSON".to_owned(),
            found: error.to_string(),
            location: format!("line {}, column {}", error.line(), error.column()),
            advice: "mend that place or fetch the file again".to_owned(),
        }),
        Ok(value) => {
            let object = match &value {
                serde_json::Value::Array(list) => list.first().and_then(serde_json::Value::as_object),
                other => other.as_object(),
            };
            let names: Vec<&str> = object?.keys().take(8).map(String::as_str).collect();
            Some(ReadError::Foreign {
                path: source.path.clone(),
                what: format!("JSON with the members {}", names.join(", ")),
                advice: "no reader knows these; CityJSON, GeoJSON, SensorThings, NGSI-LD and GBFS are known"
                    .to_owned(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_what_and_what_to_do() {
        for foreign in FOREIGN {
            assert!(!foreign.what.is_empty() && !foreign.advice.ends_with('.'), "{foreign:?}");
            if let Words(words) = foreign.sign {
                assert!(words.iter().all(|word| word.len() > 2), "{foreign:?}");
            }
        }
    }
}
