//! Generic features: a 2D geometry with attributes, as vector files give them.

use serde::{Deserialize, Serialize};

use super::{AttributeTable, Bounds3, surface_kind::SurfaceKinds};

/// What a feature layer is for. Guessed from its name and columns when read, and kept in the project so that a user
/// can say otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureRole {
    /// Polygons with a text column `surface`: "water", "grass", "park", "forest", "square", "pavement", "quay",
    /// "parking", "playground", "sport", "farmland", "sand", "yard", "road", "cycleway", "building", "rail-bed",
    /// "bridge"; or a table of a base map whose words [`SurfaceKinds`] knows.
    Surfaces,
    /// Points with `height_m` and `crown_radius_m`.
    Trees,
    /// Polygons or points with `population` (and perhaps `jobs`): zones of demand and access.
    Zones,
    /// Lines of rail.
    Rail,
    /// Points with `amenity` (OSM vocabulary, see `BuildingFacts::amenity`), perhaps `name` and `capacity`; or counts at
    /// the edge of the data with `cordon_vehicles_per_day`, perhaps `through_share` and `name`.
    PointsOfInterest,
    #[default]
    Generic,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Public id from the source (fid, gml:id, `id` column); unique in its layer.
    pub id: String,
    /// World coordinates in the project's CRS, metres. `None` for a row without geometry.
    pub geometry: Option<geo::Geometry<f64>>,
}

/// Features of one table. Row `i` of `attributes` belongs to `features[i]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLayer {
    pub name: String,
    pub role: FeatureRole,
    pub features: Vec<Feature>,
    pub attributes: AttributeTable,
}

impl FeatureLayer {
    /// Bounds with z = 0, as the geometry is flat.
    pub fn bounds(&self) -> Bounds3 {
        use geo::BoundingRect;
        let mut bounds = Bounds3::EMPTY;
        for rect in
            self.features.iter().filter_map(|f| f.geometry.as_ref().and_then(BoundingRect::bounding_rect))
        {
            bounds.add([rect.min().x, rect.min().y, 0.0]);
            bounds.add([rect.max().x, rect.max().y, 0.0]);
        }
        bounds
    }

    /// Whether these are the trees of the BGT, which has their place only.
    fn is_of_trees(&self) -> bool {
        let kinds = ["plus-type", "plus_type", "plusType"];
        let is_tree = |row: usize| self.attributes.first_of(row, &kinds).as_str() == Some("boom");
        self.name.to_lowercase().ends_with("vegetatieobject") && (0..self.features.len()).any(is_tree)
    }

    /// The role that name, columns and geometry suggest; see [`FeatureRole`] for what each needs.
    pub fn guess_role(&self) -> FeatureRole {
        let has = |name: &str| self.attributes.column(name).is_some();
        let first = self.features.iter().find_map(|feature| feature.geometry.as_ref());
        let is_line = matches!(first, Some(geo::Geometry::LineString(_) | geo::Geometry::MultiLineString(_)));
        let is_point = matches!(first, Some(geo::Geometry::Point(_) | geo::Geometry::MultiPoint(_)));
        let is_base_map = SurfaceKinds::of(self).is_base_map();
        if (has("surface") || is_base_map) && first.is_some() && !is_line && !is_point {
            FeatureRole::Surfaces
        } else if (has("crown_radius_m") || self.is_of_trees()) && is_point {
            FeatureRole::Trees
        } else if has("population") {
            FeatureRole::Zones
        } else if is_line && self.name.contains("rail") {
            FeatureRole::Rail
        } else if (has("amenity") || has("cordon_vehicles_per_day")) && is_point {
            FeatureRole::PointsOfInterest
        } else {
            FeatureRole::Generic
        }
    }
}
