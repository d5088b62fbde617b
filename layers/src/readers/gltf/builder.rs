//! Gathers parts and features of a mesh layer from several files.

use std::collections::HashMap;

use crate::{
    model::{AttributeTable, Bounds3, MeshFeature, MeshModel, MeshPart, Value},
    readers::placement::is_sane,
};

/// Names of attributes that hold a public id, the most telling first; compared in lower case.
const ID_NAMES: [&str; 13] = [
    "identificatie",
    "bagid",
    "bag_id",
    "pand_id",
    "blockid",
    "gml:id",
    "gmlid",
    "gml_id",
    "globalid",
    "global_id",
    "ifcguid",
    "guid",
    "id",
];

#[derive(Debug, Default)]
pub struct MeshBuilder {
    pub model: MeshModel,
    by_id: HashMap<String, u32>,
    /// Vertices that lay nowhere, with their triangles left out.
    pub bad_vertices: usize,
    pub triangles: usize,
}

/// A mesh in world coordinates, about to become a part.
#[derive(Debug, Default)]
pub struct WorldMesh {
    pub name: String,
    pub points: Vec<[f64; 3]>,
    pub indices: Vec<u32>,
    /// Feature of each vertex; empty for none.
    pub features: Vec<u32>,
    pub colors: Vec<[u8; 4]>,
    pub color: Option<[u8; 4]>,
    pub level: u32,
    pub geometric_error_m: Option<f64>,
}

impl MeshBuilder {
    /// The feature with this public id, made when it is new.
    pub fn feature(&mut self, id: &str) -> u32 {
        if let Some(&feature) = self.by_id.get(id) {
            return feature;
        }
        let feature = self.model.features.len() as u32;
        self.model.features.push(MeshFeature { id: id.to_owned() });
        self.model.attributes.grow(self.model.features.len());
        self.by_id.insert(id.to_owned(), feature);
        feature
    }

    /// Adds attributes to a feature; an earlier value of the same name stays (a feature may come in several tiles).
    pub fn set_attributes<'a>(&mut self, feature: u32, row: impl IntoIterator<Item = (&'a str, Value)>) {
        let table: &mut AttributeTable = &mut self.model.attributes;
        for (name, value) in row {
            let column = table.ensure_column(name, None);
            let is_set = table.columns().get(column).is_some_and(|c| !c.get(feature as usize).is_null());
            if !is_set && !value.is_null() {
                table.set_at(feature as usize, column, value);
            }
        }
    }

    /// Adds a part. Vertices without a sane place and triangles with bad corners are left out and counted.
    pub fn push(&mut self, mesh: WorldMesh) {
        let bounds = Bounds3::from_points(mesh.points.iter().copied().filter(is_sane));
        if bounds.is_empty() || mesh.indices.len() < 3 {
            self.bad_vertices += mesh.points.iter().filter(|point| !is_sane(point)).count();
            return;
        }
        // A round origin keeps numbers short in exports.
        let origin = bounds.center().map(f64::round);
        let is_good: Vec<bool> = mesh.points.iter().map(is_sane).collect();
        self.bad_vertices += is_good.iter().filter(|good| !**good).count();
        let positions = mesh
            .points
            .iter()
            .zip(&is_good)
            .map(|(point, &good)| {
                if good { std::array::from_fn(|axis| (point[axis] - origin[axis]) as f32) } else { [0.0; 3] }
            })
            .collect();
        let good = |index: &u32| is_good.get(*index as usize).copied().unwrap_or(false);
        let indices: Vec<u32> = mesh
            .indices
            .chunks_exact(3)
            .filter(|corners| corners.iter().all(good))
            .flatten()
            .copied()
            .collect();
        self.triangles += indices.len() / 3;
        let features = if mesh.features.len() == mesh.points.len() {
            mesh.features
        } else {
            vec![MeshModel::NO_FEATURE; mesh.points.len()]
        };
        let colors = if mesh.colors.len() == mesh.points.len() { mesh.colors } else { Vec::new() };
        self.model.parts.push(MeshPart {
            name: mesh.name,
            origin,
            positions,
            indices,
            features,
            colors,
            color: mesh.color,
            level: mesh.level,
            geometric_error_m: mesh.geometric_error_m,
        });
    }
}

/// The public id among the attributes of a row, as text; `None` when none of the usual names is there. A short number is
/// the row's number in its own file, not an id that holds elsewhere.
pub fn public_id<'a>(row: impl IntoIterator<Item = (&'a str, &'a Value)> + Clone) -> Option<String> {
    ID_NAMES.iter().find_map(|wanted| {
        row.clone()
            .into_iter()
            .find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_null())
            .map(|(_, value)| value.to_text())
            .filter(|text| !text.is_empty() && (text.len() >= 5 || text.parse::<f64>().is_err()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_merged_by_id_and_bad_vertices_lose_their_triangles() {
        let mut builder = MeshBuilder::default();
        let first = builder.feature("0363100012073926");
        builder.set_attributes(first, [("height", Value::Real(12.0))]);
        assert_eq!(builder.feature("0363100012073926"), first);
        builder.set_attributes(first, [("height", Value::Real(13.0)), ("use", Value::from("shop"))]);
        assert_eq!(builder.model.attributes.get(0, "height"), Value::Real(12.0));
        assert_eq!(builder.model.attributes.get(0, "use"), Value::from("shop"));
        builder.push(WorldMesh {
            points: vec![[1e5, 4e5, 0.0], [1e5 + 1.0, 4e5, 0.0], [1e5, 4e5 + 1.0, 0.0], [f64::NAN; 3]],
            indices: vec![0, 1, 2, 1, 2, 3, 0, 1],
            features: vec![first; 4],
            ..WorldMesh::default()
        });
        assert_eq!((builder.triangles, builder.bad_vertices), (1, 1));
        assert_eq!(builder.model.bounds().max, [1e5 + 1.0, 4e5 + 1.0, 0.0]);
    }

    #[test]
    fn the_most_telling_name_is_the_id() {
        let row =
            [("id", Value::from("b7")), ("Identificatie", Value::from("0363")), ("gml_id", Value::Null)];
        let id = |row: &[(&'static str, Value)]| public_id(row.iter().map(|(n, v)| (*n, v)));
        assert_eq!(id(&row), Some("b7".to_owned()), "0363 could be a row's number");
        assert_eq!(id(&[("ID", Value::Integer(3))]), None);
        assert_eq!(id(&[("BlockId", Value::from("0363100012073926"))]), Some("0363100012073926".to_owned()));
        assert_eq!(public_id([("height", &Value::Real(1.0))]), None);
    }
}
