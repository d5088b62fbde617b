//! Feature layers as one GeoPackage; the public id of a feature is the text column `id`.

use std::path::Path;

use gdal::{
    Dataset, DriverManager,
    spatial_ref::SpatialRef,
    vector::{Feature as GdalFeature, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal},
};

use super::{WriteError, atomically};
use crate::{
    crs::{Epsg, spatial_ref},
    model::{FeatureLayer, Value, attributes::ColumnValues},
};

/// Writes each layer as a table of its name. A layer that mixes single and multiple geometries becomes multiple.
pub fn write(path: &Path, layers: &[&FeatureLayer], crs: Epsg) -> Result<(), WriteError> {
    let reference = spatial_ref(crs).map_err(|reason| WriteError::Crs { path: path.to_owned(), reason })?;
    atomically(path, |temporary| {
        let failed = |error: gdal::errors::GdalError| WriteError::gdal(path, "the file", error);
        let driver = DriverManager::get_driver_by_name("GPKG").map_err(failed)?;
        let mut dataset = driver.create_vector_only(temporary).map_err(failed)?;
        for layer in layers {
            write_layer(&mut dataset, layer, &reference)
                .map_err(|error| WriteError::gdal(path, format!("layer \"{}\"", layer.name), error))?;
        }
        dataset.flush_cache().map_err(failed)?;
        dataset.close().map_err(failed)
    })
}

fn write_layer(
    dataset: &mut Dataset,
    layer: &FeatureLayer,
    reference: &SpatialRef,
) -> gdal::errors::Result<()> {
    let mut transaction = dataset.start_transaction()?;
    {
        let shape = shape_of(layer);
        let table = transaction.create_layer(LayerOptions {
            name: &layer.name,
            srs: Some(reference),
            ty: shape,
            options: Some(&["GEOMETRY_NAME=geom", "FID=fid"]),
        })?;
        let mut fields = vec![("id", OGRFieldType::OFTString)];
        for column in layer.attributes.columns() {
            // The id comes from the feature itself; a second column of that name would clash.
            if column.name.eq_ignore_ascii_case("id") || column.name.eq_ignore_ascii_case("fid") {
                continue;
            }
            fields.push((
                column.name.as_str(),
                match column.values() {
                    ColumnValues::Bool(_) => OGRFieldType::OFTInteger,
                    ColumnValues::Integer(_) => OGRFieldType::OFTInteger64,
                    ColumnValues::Real(_) => OGRFieldType::OFTReal,
                    ColumnValues::Text(_) | ColumnValues::Empty => OGRFieldType::OFTString,
                },
            ));
        }
        table.create_defn_fields(&fields)?;
        for (row, feature) in layer.features.iter().enumerate() {
            let mut out = GdalFeature::new(table.defn())?;
            if let Some(geometry) = &feature.geometry {
                out.set_geometry(widened(geometry, shape).to_gdal()?)?;
            }
            out.set_field_string(0, &feature.id)?;
            for (position, (name, _)) in fields.iter().enumerate().skip(1) {
                match layer.attributes.get(row, name) {
                    Value::Null => {}
                    Value::Bool(value) => out.set_field_integer(position, i32::from(value))?,
                    Value::Integer(value) => out.set_field_integer64(position, value)?,
                    Value::Real(value) => out.set_field_double(position, value)?,
                    // A NUL byte cannot pass to C; nothing that people write holds one.
                    Value::Text(text) => out.set_field_string(position, &text.replace('\0', ""))?,
                }
            }
            out.create(&table)?;
        }
    }
    transaction.commit()
}

/// The one geometry type that all features fit in, or unknown.
fn shape_of(layer: &FeatureLayer) -> OGRwkbGeometryType::Type {
    use geo::Geometry as G;
    let mut kinds = [false; 6];
    for geometry in layer.features.iter().filter_map(|feature| feature.geometry.as_ref()) {
        let kind = match geometry {
            G::Point(_) => 0,
            G::MultiPoint(_) => 1,
            G::LineString(_) | G::Line(_) => 2,
            G::MultiLineString(_) => 3,
            G::Polygon(_) | G::Rect(_) | G::Triangle(_) => 4,
            G::MultiPolygon(_) => 5,
            G::GeometryCollection(_) => return OGRwkbGeometryType::wkbUnknown,
        };
        kinds[kind] = true;
    }
    match kinds {
        [true, false, false, false, false, false] => OGRwkbGeometryType::wkbPoint,
        [_, true, false, false, false, false] => OGRwkbGeometryType::wkbMultiPoint,
        [false, false, true, false, false, false] => OGRwkbGeometryType::wkbLineString,
        [false, false, _, true, false, false] => OGRwkbGeometryType::wkbMultiLineString,
        [false, false, false, false, true, false] => OGRwkbGeometryType::wkbPolygon,
        [false, false, false, false, _, true] => OGRwkbGeometryType::wkbMultiPolygon,
        _ => OGRwkbGeometryType::wkbUnknown,
    }
}

/// A single geometry as a multiple one where the table holds those.
fn widened(geometry: &geo::Geometry<f64>, shape: OGRwkbGeometryType::Type) -> geo::Geometry<f64> {
    use geo::Geometry as G;
    match (geometry, shape) {
        (G::Point(point), OGRwkbGeometryType::wkbMultiPoint) => geo::MultiPoint(vec![*point]).into(),
        (G::LineString(line), OGRwkbGeometryType::wkbMultiLineString) => {
            geo::MultiLineString(vec![line.clone()]).into()
        }
        (G::Polygon(polygon), OGRwkbGeometryType::wkbMultiPolygon) => {
            geo::MultiPolygon(vec![polygon.clone()]).into()
        }
        (G::Line(line), _) => geo::LineString::from(*line).into(),
        (G::Rect(rect), _) => rect.to_polygon().into(),
        (G::Triangle(triangle), _) => triangle.to_polygon().into(),
        _ => geometry.clone(),
    }
}
