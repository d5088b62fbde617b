//! Opening with GDAL and taking its layers over.

use geo::CoordsIter;

use gdal::{Dataset, DatasetOptions, GdalOpenFlags, vector::LayerAccess};
use gdal_sys::{OGRFieldSubType, OGRFieldType};

use super::{
    arc,
    assemble::{Assembly, Table, use_public_ids},
    wkb,
};
use crate::{
    crs,
    model::{AttributeTable, Feature, FeatureHeights, FeatureLayer, Value},
    readers::{
        ReadContext, ReadError, ReadOutcome, Source,
        heights::heights_of,
        input::{SMALLER, with_checksum},
        scratch,
    },
};

/// How one format is read with GDAL.
#[derive(Clone, Copy, Debug)]
pub(in crate::readers) struct GdalFormat {
    pub id: &'static str,
    pub title: &'static str,
    /// The only driver that may touch the file.
    pub driver: &'static str,
    /// "KEY=VALUE" for the driver.
    pub open_options: &'static [&'static str],
    /// Whether a layer without features is left out: formats whose layers always exist.
    pub skips_empty: bool,
}

impl GdalFormat {
    pub const fn new(id: &'static str, title: &'static str, driver: &'static str) -> Self {
        Self { id, title, driver, open_options: &[], skips_empty: false }
    }
}

/// Features a layer may hold.
const MAX_FEATURES: u64 = 16_000_000;

/// GDAL's last complaint on this thread, or `otherwise`.
pub(in crate::readers) fn last_gdal_error(otherwise: &str) -> String {
    // SAFETY: GDAL returns a NUL-terminated text that lives until the next call on this thread.
    let text =
        unsafe { std::ffi::CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg()) }.to_string_lossy().into_owned();
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { otherwise.to_owned() } else { line.chars().take(200).collect() }
}

pub(in crate::readers) fn reset_gdal_errors() {
    // SAFETY: no arguments, thread-local effect.
    unsafe { gdal_sys::CPLErrorReset() };
}

/// Opens a local file with only `drivers` allowed.
pub(in crate::readers) fn open_with(
    source: &Source,
    title: &str,
    drivers: &[&str],
    flags: GdalOpenFlags,
) -> Result<Dataset, ReadError> {
    open_with_options(source, title, drivers, flags, &[])
}

/// As [`open_with`], with "KEY=VALUE" options for the driver.
pub(in crate::readers) fn open_with_options(
    source: &Source,
    title: &str,
    drivers: &[&str],
    flags: GdalOpenFlags,
    open_options: &[&str],
) -> Result<Dataset, ReadError> {
    crs::ensure_init();
    reset_gdal_errors();
    // An absolute path cannot be taken for a connection text such as "/vsicurl/…" or "WFS:…".
    let path = source.path.canonicalize().map_err(|error| source.io_error(&error))?;
    let options = DatasetOptions {
        open_flags: flags | GdalOpenFlags::GDAL_OF_READONLY,
        allowed_drivers: Some(drivers),
        open_options: Some(open_options),
        ..DatasetOptions::default()
    };
    Dataset::open_ex(&path, options).map_err(|error| ReadError::Malformed {
        path: source.path.clone(),
        expected: format!("a sound {title}"),
        found: last_gdal_error(&error.to_string()),
        location: "opening".to_owned(),
        advice: "the file is damaged or cut off; fetch it again".to_owned(),
    })
}

/// Reads all layers of a file with its one driver.
pub(in crate::readers) fn read(
    format: &GdalFormat,
    source: &Source,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let (tables, checksum) = with_checksum(source, || match scratch::unpack_gzip(source, context)? {
        Some((_folder, plain)) => read_tables(&plain, format, context),
        None => read_tables(source, format, context),
    });
    Assembly { format: format.id, version: None, checksum, tables: tables? }.place(source, context)
}

fn read_tables(
    source: &Source,
    format: &GdalFormat,
    context: &mut ReadContext,
) -> Result<Vec<Table>, ReadError> {
    let flags = GdalOpenFlags::GDAL_OF_VECTOR;
    let dataset = open_with_options(source, format.title, &[format.driver], flags, format.open_options)?;
    let count = dataset.layer_count();
    let mut tables = Vec::with_capacity(count);
    for position in 0..count {
        let Ok(mut layer) = dataset.layer(position) else { continue };
        let name = layer.name();
        // GDAL says -1 where it cannot count.
        let expected = i64::try_from(layer.feature_count()).map_or(0, |count| count as u64);
        if expected > MAX_FEATURES {
            return Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: format!("layer \"{name}\""),
                limit: format!("{MAX_FEATURES} features"),
                found: format!("{expected} features"),
                advice: SMALLER.into(),
            });
        }
        let stated = layer.spatial_ref();
        let epsg = stated.as_ref().and_then(crs::epsg_of_spatial_ref);
        if let (Some(reference), None) = (&stated, epsg)
            && context.assumed_crs.is_none()
        {
            // GeoPackage's "undefined" systems and MapInfo's plans are ways of saying nothing.
            let found = reference.name().unwrap_or_else(|| "without a name".to_owned());
            let says_nothing = reference.is_local() || found.to_ascii_lowercase().contains("undefined");
            if !says_nothing {
                return Err(ReadError::UnknownCrs {
                    path: source.path.clone(),
                    found,
                    advice: "say which one it is when adding the file".to_owned(),
                });
            }
        }
        let is_degrees = stated.as_ref().is_some_and(gdal::spatial_ref::SpatialRef::is_geographic);
        let chord_error = arc::chord_error(is_degrees);
        let span = [position as f64, count as f64];
        let table = read_table(&mut layer, &name, expected, chord_error, context, span)?;
        if table.features.is_empty() && format.skips_empty {
            continue;
        }
        tables.push(Table { layer: table, crs: epsg, may_be_swapped: false });
    }
    if tables.is_empty() {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "at least one layer".to_owned(),
            found: "none".to_owned(),
            location: "the list of layers".to_owned(),
            advice: "check that the export was complete".to_owned(),
        });
    }
    Ok(tables)
}

/// How a field becomes a [`Value`].
enum FieldKind {
    Bool,
    Integer,
    Real,
    Text,
}

fn read_table(
    layer: &mut gdal::vector::Layer<'_>,
    name: &str,
    expected: u64,
    chord_error: f64,
    context: &mut ReadContext,
    [position, count]: [f64; 2],
) -> Result<FeatureLayer, ReadError> {
    let fields = fields_of(layer);
    let mut attributes = AttributeTable::new();
    let columns: Vec<usize> = fields.iter().map(|(name, _)| attributes.ensure_column(name, None)).collect();
    let mut features: Vec<Feature> = Vec::with_capacity(expected.min(1 << 20) as usize);
    let mut heights = FeatureHeights::default();
    reset_gdal_errors();
    for feature in layer.features() {
        let row = features.len();
        if row.is_multiple_of(1024) {
            context.check_cancelled()?;
            let part = if expected > 0 { row as f64 / expected as f64 } else { 0.0 };
            context.progress.set(0.8 * (position + part) / count);
        }
        if row as u64 >= MAX_FEATURES {
            break;
        }
        for (index, (_, kind)) in fields.iter().enumerate() {
            let value = field_value(&feature, index, kind);
            attributes.set_at(row, columns[index], value);
        }
        let id = feature.fid().map_or_else(|| (row + 1).to_string(), |fid| fid.to_string());
        let geometry = match feature.geometry().map(|geometry| solid_geometry_of(geometry, chord_error)) {
            None => None,
            Some(Ok(solid)) => {
                let solid = solid.filter(|(geometry, _)| geometry.coords_iter().next().is_some());
                solid.map(|(geometry, positions)| {
                    heights.set(row, heights_of(&geometry, &positions));
                    geometry
                })
            }
            Some(Err(reason)) => {
                context.report.error(
                    "geometry",
                    format!("{name} \"{id}\""),
                    format!("expected a simple geometry, found {reason}; the feature is kept without it"),
                );
                None
            }
        };
        features.push(Feature { id, geometry });
    }
    attributes.grow(features.len());
    // SAFETY: reads a thread-local number.
    let has_failed = unsafe { gdal_sys::CPLGetLastErrorType() } >= gdal_sys::CPLErr::CE_Failure;
    if has_failed && (features.len() as u64) < expected {
        context.report.error(
            "read-stopped",
            name,
            format!(
                "expected {expected} features, read {}: {}",
                features.len(),
                last_gdal_error("no reason given")
            ),
        );
    }
    use_public_ids(&mut features, &attributes);
    Ok(FeatureLayer { name: name.to_owned(), features, attributes, heights, ..FeatureLayer::default() })
}

/// Names and kinds of a layer's fields, in order.
fn fields_of(layer: &gdal::vector::Layer<'_>) -> Vec<(String, FieldKind)> {
    let definition = layer.defn();
    let names: Vec<String> = definition.fields().map(|field| field.name()).collect();
    names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            // SAFETY: the definition lives as long as the layer, and `index` is one of its fields.
            let (field_type, subtype) = unsafe {
                let field = gdal_sys::OGR_FD_GetFieldDefn(definition.c_defn(), index.try_into().unwrap_or(0));
                (gdal_sys::OGR_Fld_GetType(field), gdal_sys::OGR_Fld_GetSubType(field))
            };
            let kind = match field_type {
                OGRFieldType::OFTInteger if subtype == OGRFieldSubType::OFSTBoolean => FieldKind::Bool,
                OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => FieldKind::Integer,
                OGRFieldType::OFTReal => FieldKind::Real,
                _ => FieldKind::Text,
            };
            (name, kind)
        })
        .collect()
}

fn field_value(feature: &gdal::vector::Feature<'_>, index: usize, kind: &FieldKind) -> Value {
    let value = match kind {
        FieldKind::Bool => {
            feature.field_as_integer(index).ok().flatten().map(|value| Value::Bool(value != 0))
        }
        FieldKind::Integer => feature.field_as_integer64(index).ok().flatten().map(Value::Integer),
        FieldKind::Real => {
            feature.field_as_double(index).ok().flatten().filter(|value| value.is_finite()).map(Value::Real)
        }
        FieldKind::Text => feature.field_as_string(index).ok().flatten().map(Value::Text),
    };
    value.unwrap_or(Value::Null)
}

/// GDAL's geometry through WKB; arcs become lines within `chord_error`. `None` for a row without geometry.
pub(in crate::readers) fn geometry_of(
    geometry: &gdal::vector::Geometry,
    chord_error: f64,
) -> Result<Option<geo::Geometry<f64>>, String> {
    solid_geometry_of(geometry, chord_error).map(|found| found.map(|(geometry, _)| geometry))
}

/// A flat shape and the positions that have a height, in their order.
type Solid = (geo::Geometry<f64>, Vec<[f64; 3]>);

/// As [`geometry_of`] with heights.
fn solid_geometry_of(geometry: &gdal::vector::Geometry, chord_error: f64) -> Result<Option<Solid>, String> {
    // SAFETY: `geometry` owns a live handle for the length of this function, and the buffer has the size GDAL asks for.
    let bytes = unsafe {
        let handle = geometry.c_geometry();
        if handle.is_null() {
            return Ok(None);
        }
        let size = usize::try_from(gdal_sys::OGR_G_WkbSize(handle)).unwrap_or(0);
        let mut bytes = vec![0_u8; size];
        let order = gdal_sys::OGRwkbByteOrder::wkbNDR;
        let result = gdal_sys::OGR_G_ExportToIsoWkb(handle, order, bytes.as_mut_ptr());
        if result != gdal_sys::OGRErr::OGRERR_NONE {
            return Err("a geometry without well-known binary".to_owned());
        }
        bytes
    };
    wkb::parse_solid(&bytes, chord_error).map(Some)
}
