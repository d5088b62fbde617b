//! Feature layers as one GeoPackage; the public id of a feature is the text column `id`.

use std::path::Path;

use gdal::{
    Dataset, DriverManager,
    spatial_ref::SpatialRef,
    vector::{
        Feature as GdalFeature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal,
    },
};

use super::{WriteError, atomically, wkb::solid_wkb};
use crate::{
    crs::{Epsg, spatial_ref},
    model::{FeatureLayer, Value, attributes::ColumnValues},
};

/// Writes each layer as a table of its name. A layer that mixes single and multiple geometries becomes multiple.
pub fn write(path: &Path, layers: &[&FeatureLayer], crs: Epsg) -> Result<(), WriteError> {
    let reference =
        |crs: Epsg| spatial_ref(crs).map_err(|reason| WriteError::Crs { path: path.to_owned(), reason });
    let (flat, solid) = (reference(crs)?, reference(crs.with_heights())?);
    let mut names: Vec<String> = Vec::new();
    atomically(path, |temporary| {
        let failed = |error: gdal::errors::GdalError| WriteError::gdal(path, "the file", error);
        let driver = DriverManager::get_driver_by_name("GPKG").map_err(failed)?;
        let mut dataset = driver.create_vector_only(temporary).map_err(failed)?;
        for layer in layers {
            let reference = if layer.heights.is_empty() { &flat } else { &solid };
            write_layer(&mut dataset, layer, &table_name(&layer.name, &mut names), reference)
                .map_err(|error| WriteError::gdal(path, format!("layer \"{}\"", layer.name), error))?;
        }
        dataset.flush_cache().map_err(failed)?;
        dataset.close().map_err(failed)
    })
}

fn write_layer(
    dataset: &mut Dataset,
    layer: &FeatureLayer,
    name: &str,
    reference: &SpatialRef,
) -> gdal::errors::Result<()> {
    let mut transaction = dataset.start_transaction()?;
    {
        let shape = shape_of(layer);
        // A table is declared with heights only when every shape has them; else GDAL marks them as optional.
        let has_heights =
            |row: usize| layer.features[row].geometry.is_none() || layer.heights_of(row).is_some();
        let is_solid = !layer.heights.is_empty() && (0..layer.features.len()).all(has_heights);
        let table = transaction.create_layer(LayerOptions {
            name,
            srs: Some(reference),
            ty: if is_solid { solid_type(shape) } else { shape },
            options: Some(&["GEOMETRY_NAME=geom", "FID=fid", &format!("IDENTIFIER={}", layer.name)]),
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
                let geometry = widened(geometry, shape);
                out.set_geometry(match layer.heights_of(row) {
                    Some(heights) => Geometry::from_wkb(&solid_wkb(&geometry, heights))?,
                    None => geometry.to_gdal()?,
                })?;
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

/// A name that SQL takes without quotes, as the national registry recommends: lower case, digits and "_", a letter
/// first; with a number behind it where another table has it. The name that people gave stays the identifier.
fn table_name(name: &str, taken: &mut Vec<String>) -> String {
    let mut plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if !plain.starts_with(|c: char| c.is_ascii_lowercase()) || plain.starts_with("gpkg_") {
        plain.insert_str(0, "layer_");
    }
    let base = plain.trim_end_matches('_').to_owned();
    let mut unique = base.clone();
    let mut number = 2;
    while taken.contains(&unique) {
        unique = format!("{base}_{number}");
        number += 1;
    }
    taken.push(unique.clone());
    unique
}

/// The same type with heights.
fn solid_type(flat: OGRwkbGeometryType::Type) -> OGRwkbGeometryType::Type {
    // SAFETY: a function of numbers without state.
    unsafe { gdal_sys::OGR_GT_SetZ(flat) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tables_are_plain_and_unique() {
        let mut taken = Vec::new();
        let names = ["street-trees", "Straat Bomen", "3d-bag", "gpkg_x", "street trees", ""];
        let found: Vec<String> = names.iter().map(|name| table_name(name, &mut taken)).collect();
        assert_eq!(
            found,
            ["street_trees", "straat_bomen", "layer_3d_bag", "layer_gpkg_x", "street_trees_2", "layer"]
        );
    }
}
