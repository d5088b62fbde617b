<<<<<<< HEAD
//! Vector files through GDAL, each with only its own driver allowed: a file may not choose another one.
=======
//! GeoPackage through GDAL, with only its own driver allowed: a file may not choose another one.
>>>>>>> feeds

pub mod arc;
pub(in crate::readers) mod assemble;
pub(in crate::readers) mod dataset;
pub mod files;
pub mod wkb;

pub(super) use dataset::open_with;
pub use files::{
    DxfReader, FlatGeobufReader, GpxReader, KmlReader, MapInfoReader, ShapefileReader, SqliteReader,
};

use super::{FormatReader, ReadContext, ReadError, ReadOutcome, Source};

use dataset::{GdalFormat, read};

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
        read(&GdalFormat::new(self.id(), self.title(), "GPKG"), source, context)
    }
}

<<<<<<< HEAD
impl FormatReader for GeoJsonReader {
    fn id(&self) -> &'static str {
        "geojson"
    }

    fn title(&self) -> &'static str {
        "GeoJSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["geojson", "json"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
            && (text.contains("\"FeatureCollection\"")
                || text.contains("\"Feature\"")
                || file_name.to_ascii_lowercase().ends_with(".geojson"))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read(&GdalFormat::new(self.id(), self.title(), "GeoJSON"), source, context)
    }
}
=======
/// Features a layer may hold.
const MAX_FEATURES: u64 = 16_000_000;

/// GDAL's last complaint on this thread, or `otherwise`.
pub(super) fn last_gdal_error(otherwise: &str) -> String {
    // SAFETY: GDAL returns a NUL-terminated text that lives until the next call on this thread.
    let text =
        unsafe { std::ffi::CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg()) }.to_string_lossy().into_owned();
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { otherwise.to_owned() } else { line.chars().take(200).collect() }
}

pub(super) fn reset_gdal_errors() {
    // SAFETY: no arguments, thread-local effect.
    unsafe { gdal_sys::CPLErrorReset() };
}

/// Opens a local file with only `drivers` allowed.
pub(super) fn open_with(
    source: &Source,
    title: &str,
    drivers: &[&str],
    flags: GdalOpenFlags,
) -> Result<Dataset, ReadError> {
    crs::ensure_init();
    reset_gdal_errors();
    // An absolute path cannot be taken for a connection text such as "/vsicurl/…" or "WFS:…".
    let path = source.path.canonicalize().map_err(|error| source.io_error(&error))?;
    let options = DatasetOptions {
        open_flags: flags | GdalOpenFlags::GDAL_OF_READONLY,
        allowed_drivers: Some(drivers),
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

fn read(
    format: &'static str,
    title: &str,
    drivers: &[&str],
    source: &Source,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let (tables, checksum) = with_checksum(source, || read_tables(source, title, drivers, context));
    let tables = tables?;
    let stem = layer_id(source);
    let is_single = tables.len() == 1;
    let mut inspection = Inspection {
        uri: source.uri.clone(),
        format,
        version: None,
        crs: None,
        bbox: None,
        counts: BTreeMap::new(),
        features: 0,
        lods: Vec::new(),
        fields: Vec::new(),
        time: None,
        faults: Vec::new(),
    };
    let mut bounds = Bounds3::EMPTY;
    let mut target = context.target;
    let mut layers: Vec<(String, FeatureLayer)> = Vec::new();
    for (position, mut table) in tables.into_iter().enumerate() {
        let points = table.points();
        let placement = Placement::decide(
            source,
            table.crs,
            &robust_bounds(&points),
            Unlabelled::MetricOrDegrees,
            context,
        )?;
        if position == 0 {
            inspection.crs = placement.stated_text();
        }
        if inspection.crs == placement.stated_text() {
            bounds = bounds.union(Bounds3::from_points(
                points.iter().filter(|p| p[0].abs() < 1e9 && p[1].abs() < 1e9).map(|&[x, y]| [x, y, 0.0]),
            ));
        }
        // All tables of a file share the CRS of the first.
        target.get_or_insert(placement.target);
        context.target = target;
        table.place(&placement, &points, &mut context.report);
        table.layer.role = table.layer.guess_role();
        *inspection.counts.entry(table.layer.name.clone()).or_default() += table.layer.features.len() as u64;
        inspection.features += table.layer.features.len() as u64;
        for column in table.layer.attributes.columns() {
            if !inspection.fields.contains(&column.name) {
                inspection.fields.push(column.name.clone());
            }
        }
        let id = match slug(&table.layer.name) {
            Some(name) if !is_single => format!("{stem}-{name}"),
            _ => stem.clone(),
        };
        layers.push((id, table.layer));
        context.check_cancelled()?;
    }
    inspection.bbox = bounds.to_array();
    inspection.faults = std::mem::take(&mut context.report).finish();
    let layers = layers
        .into_iter()
        .map(|(id, layer)| Layer {
            id,
            title: layer.name.clone(),
            provenance: Provenance {
                source: layer.name.clone(),
                checksum: checksum.clone(),
                ..Provenance::default()
            },
            data: LayerData::Features(Arc::new(layer)),
            faults: inspection.faults.clone(),
        })
        .collect();
    context.progress.set(1.0);
    Ok(ReadOutcome { layers, inspection, crs: target.unwrap_or(Epsg::LOCAL) })
}

/// One layer of the dataset in its own coordinates.
struct Table {
    layer: FeatureLayer,
    crs: Option<Epsg>,
}

impl Table {
    /// All coordinates, features in order.
    fn points(&self) -> Vec<[f64; 2]> {
        let geometries = self.layer.features.iter().filter_map(|feature| feature.geometry.as_ref());
        geometries.flat_map(|geometry| geometry.coords_iter().map(|c| [c.x, c.y])).collect()
    }

    /// Moves every geometry; one with a coordinate that cannot be placed is taken off its feature.
    fn place(&mut self, placement: &Placement, points: &[[f64; 2]], report: &mut Report) {
        let mut moved = points.to_vec();
        placement.apply_2d(&mut moved);
        let next = Cell::new(0);
        for feature in &mut self.layer.features {
            let Some(geometry) = &mut feature.geometry else { continue };
            let is_placed = Cell::new(true);
            // `coords_iter` and `map_coords` walk in the same order, so one running position is enough.
            geometry.map_coords_in_place(|_| {
                let [x, y] = moved.get(next.get()).copied().unwrap_or([f64::NAN; 2]);
                next.set(next.get() + 1);
                is_placed.set(is_placed.get() && x.is_finite());
                geo::Coord { x, y }
            });
            if !is_placed.get() {
                feature.geometry = None;
                report.error(
                    "coordinates",
                    format!("{} \"{}\"", self.layer.name, feature.id),
                    "a coordinate is no number or lies nowhere on Earth; the feature is kept without geometry",
                );
            }
        }
    }
}

fn read_tables(
    source: &Source,
    title: &str,
    drivers: &[&str],
    context: &mut ReadContext,
) -> Result<Vec<Table>, ReadError> {
    let dataset = open_with(source, title, drivers, GdalOpenFlags::GDAL_OF_VECTOR)?;
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
            });
        }
        let stated = layer.spatial_ref();
        let epsg = stated.as_ref().and_then(crs::epsg_of_spatial_ref);
        if let (Some(reference), None) = (&stated, epsg)
            && context.assumed_crs.is_none()
        {
            // GeoPackage's "undefined" systems are a way of saying nothing.
            let found = reference.name().unwrap_or_else(|| "without a name".to_owned());
            if !found.to_ascii_lowercase().contains("undefined") {
                return Err(ReadError::UnknownCrs {
                    path: source.path.clone(),
                    found,
                    advice: "say which one it is when adding the file".to_owned(),
                });
            }
        }
        let table = read_table(&mut layer, &name, expected, context, [position as f64, count as f64])?;
        tables.push(Table { layer: table, crs: epsg });
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
    context: &mut ReadContext,
    [position, count]: [f64; 2],
) -> Result<FeatureLayer, ReadError> {
    let fields = fields_of(layer);
    let mut attributes = AttributeTable::new();
    let columns: Vec<usize> = fields.iter().map(|(name, _)| attributes.ensure_column(name, None)).collect();
    let mut features: Vec<Feature> = Vec::with_capacity(expected.min(1 << 20) as usize);
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
        let geometry = match feature.geometry().map(geometry_of) {
            None => None,
            Some(Ok(geometry)) => geometry.filter(|geometry| geometry.coords_iter().next().is_some()),
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
    Ok(FeatureLayer { name: name.to_owned(), features, attributes, ..FeatureLayer::default() })
}

/// Takes ids from a column of the source's own ids where one is complete and unique; GDAL's row number stays else.
fn use_public_ids(features: &mut [Feature], attributes: &AttributeTable) {
    for name in ["id", "gml_id", "identificatie", "lokaalid", "local_id"] {
        let Some(column) = attributes.column(name) else { continue };
        let ids: Vec<String> = (0..features.len()).map(|row| column.get(row).to_text()).collect();
        let unique: HashSet<&str> = ids.iter().map(String::as_str).collect();
        if unique.len() == features.len() && !unique.contains("") {
            for (feature, id) in features.iter_mut().zip(ids) {
                feature.id = id;
            }
            return;
        }
    }
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

/// GDAL's geometry through WKB; arcs become lines. `None` for a row without geometry.
fn geometry_of(geometry: &gdal::vector::Geometry) -> Result<Option<geo::Geometry<f64>>, String> {
    // SAFETY: `geometry` owns a live handle for the length of this function; the linear copy is freed below.
    let bytes = unsafe {
        let handle = geometry.c_geometry();
        if handle.is_null() {
            return Ok(None);
        }
        let is_curved = gdal_sys::OGR_G_HasCurveGeometry(handle, 1) != 0;
        let linear = if is_curved {
            gdal_sys::OGR_G_GetLinearGeometry(handle, 0.0, std::ptr::null_mut())
        } else {
            handle
        };
        if linear.is_null() {
            return Err("a curve that has no lines".to_owned());
        }
        let size = usize::try_from(gdal_sys::OGR_G_WkbSize(linear)).unwrap_or(0);
        let mut bytes = vec![0_u8; size];
        let order = gdal_sys::OGRwkbByteOrder::wkbNDR;
        let result = gdal_sys::OGR_G_ExportToIsoWkb(linear, order, bytes.as_mut_ptr());
        if is_curved {
            gdal_sys::OGR_G_DestroyGeometry(linear);
        }
        if result != gdal_sys::OGRErr::OGRERR_NONE {
            return Err("a geometry without well-known binary".to_owned());
        }
        bytes
    };
    wkb::parse(&bytes).map(Some)
}
>>>>>>> feeds
