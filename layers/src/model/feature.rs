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

/// Heights of the corners of features, metres, for sources that have them. Takes nothing where no feature has any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureHeights(Vec<Option<Box<[f64]>>>);

impl FeatureHeights {
    /// The height of each corner of the feature in `row`, in the order of `geo::CoordsIter` (rings closed, the outer one
    /// first); NaN where one is not known. `None` for a flat feature.
    pub fn of(&self, row: usize) -> Option<&[f64]> {
        self.0.get(row)?.as_deref()
    }

    /// Sets the heights of a row; those of no corner, or of only unknown ones, are none.
    pub fn set(&mut self, row: usize, heights: Vec<f64>) {
        if !heights.iter().any(|height| height.is_finite()) {
            return;
        }
        if self.0.len() <= row {
            self.0.resize(row + 1, None);
        }
        if let Some(slot) = self.0.get_mut(row) {
            *slot = Some(heights.into());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Features that have heights.
    pub fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// Those of some rows, in the order given.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        if self.is_empty() {
            return Self::default();
        }
        Self(rows.iter().map(|&row| self.0.get(row).cloned().flatten()).collect())
    }

    /// All rows as they are kept: `None` for flat features, which may also be missing at the end.
    pub fn rows(&self) -> &[Option<Box<[f64]>>] {
        &self.0
    }

    pub fn from_rows(rows: Vec<Option<Box<[f64]>>>) -> Self {
        Self(rows)
    }
}

/// Features of one table. Row `i` of `attributes` and of `heights` belongs to `features[i]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLayer {
    pub name: String,
    pub role: FeatureRole,
    pub features: Vec<Feature>,
    pub attributes: AttributeTable,
    /// Empty for flat data, as most is. Drawn flat all the same; written where the format has heights.
    pub heights: FeatureHeights,
}

impl FeatureLayer {
    /// The heights of a feature, one for each corner of its geometry; `None` for a flat one.
    pub fn heights_of(&self, row: usize) -> Option<&[f64]> {
        use geo::CoordsIter;
        let geometry = self.features.get(row)?.geometry.as_ref()?;
        self.heights.of(row).filter(|heights| heights.len() == geometry.coords_count())
    }

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
