//! The known trips of a project: a matrix from a file, and its zones from a layer or a file.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use layers::{
    crs::Epsg,
    model::{FeatureLayer, FeatureRole, Layer, LayerData},
    readers::Progress,
};
use scenarios::models::demand::{
    ZoneTrips,
    known::zone_places,
    matrix::{OdError, OdMatrix},
};

use super::load;
use crate::project_file::{DemandEntry, resolve_uri};

/// Names of layers or columns that a message lists.
const TOLD: usize = 12;

/// Where a project looks for the files that it names, and the layers that it has.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The project file; `None` where there is none: then files are relative to the working folder.
    pub path: Option<&'a Path>,
    pub layers: &'a [Layer],
    pub crs: Epsg,
}

impl Surroundings<'_> {
    fn file(&self, text: &str) -> PathBuf {
        self.path.map_or_else(|| PathBuf::from(text), |project| PathBuf::from(resolve_uri(text, project)))
    }

    fn feature_layers(&self) -> impl Iterator<Item = (&Layer, &FeatureLayer)> {
        self.layers.iter().filter_map(|layer| match &layer.data {
            LayerData::Features(features) => Some((layer, &**features)),
            _ => None,
        })
    }
}

/// Why a file is no matrix: what is wrong with it, in words.
#[derive(Debug, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct MatrixError {
    pub faults: Vec<String>,
}

/// A matrix of a .csv or of an .omx. `table` and `mapping` choose in an .omx.
pub fn read_matrix(path: &Path, table: Option<&str>, mapping: Option<&str>) -> Result<OdMatrix, MatrixError> {
    let at = |fault: String| format!("{fault}. File: {}", path.display());
    let all = |error: OdError| MatrixError { faults: error.faults.into_iter().map(at).collect() };
    match path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).as_deref() {
        Some("omx") => {
            let matrix = layers::omx::read(path, table, mapping)
                .map_err(|error| MatrixError { faults: vec![error.to_string()] })?;
            OdMatrix::from_values(matrix.zones, matrix.values).map_err(all)
        }
        Some("csv" | "tsv" | "txt") => {
            let text = fs::read_to_string(path).map_err(|error| MatrixError {
                faults: vec![at(format!("cannot read the trips: {error}"))],
            })?;
            OdMatrix::from_csv(&text).map_err(all)
        }
        _ => Err(MatrixError {
            faults: vec![at("expected trips in a .csv or an .omx, found another name".to_owned())],
        }),
    }
}

/// The trips that `entry` names, at the places of their zones. `Err` holds everything that is wrong, in words.
pub fn read(entry: &DemandEntry, around: &Surroundings) -> Result<ZoneTrips, Vec<String>> {
    let matrix = if entry.matrix.trim().is_empty() {
        Err(vec!["expected the name of a file of trips in \"matrix\" of the demand, found none".to_owned()])
    } else {
        let path = around.file(&entry.matrix);
        read_matrix(&path, entry.table.as_deref(), entry.mapping.as_deref()).map_err(|error| error.faults)
    };
    // Both are looked at before anything is said: whoever mends one should not meet the other afterwards.
    match (matrix, places(entry, around)) {
        (Ok(matrix), Ok(zones)) => match ZoneTrips::new(&matrix, &zones.places) {
            Ok(trips) => Ok(trips.from_source(name_of(&entry.matrix))),
            Err(error) => {
                let advice = advice(&matrix, &zones, entry.id_field.as_deref());
                Err(error
                    .faults
                    .into_iter()
                    .map(|fault| format!("{fault}. {}{advice}", zones.said()))
                    .collect())
            }
        },
        (matrix, zones) => Err([matrix.err(), zones.err()].into_iter().flatten().flatten().collect()),
    }
}

fn name_of(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A layer with the places of zones by id.
struct Zones {
    title: String,
    layer: std::sync::Arc<FeatureLayer>,
    places: Vec<(String, [f64; 2])>,
}

impl Zones {
    fn said(&self) -> String {
        format!("Zones: \"{}\"", self.title)
    }
}

fn places(entry: &DemandEntry, around: &Surroundings) -> Result<Zones, Vec<String>> {
    let (title, layer) = zone_layer(entry.zones.as_deref(), around)?;
    match zone_places(&layer, entry.id_field.as_deref()) {
        Some(places) => Ok(Zones { title, layer, places }),
        None => Err(vec![format!(
            "expected the column \"{}\" with the ids of the zones, found {}. Zones: \"{title}\"",
            entry.id_field.as_deref().unwrap_or_default(),
            listed(layer.attributes.columns().iter().map(|column| column.name.as_str()))
        )]),
    }
}

/// The layer of zones: one of the project by id or title, else a file.
fn zone_layer(
    wanted: Option<&str>,
    around: &Surroundings,
) -> Result<(String, std::sync::Arc<FeatureLayer>), Vec<String>> {
    let shared = |layer: &Layer| match &layer.data {
        LayerData::Features(features) => Some((layer.title.clone(), features.clone())),
        _ => None,
    };
    let known = || listed(around.feature_layers().map(|(layer, _)| layer.id.as_str()));
    let Some(wanted) = wanted else {
        let zones = || around.feature_layers().filter(|(_, features)| features.role == FeatureRole::Zones);
        return match zones().next() {
            Some((layer, _)) if zones().count() == 1 => shared(layer).ok_or_else(Vec::new),
            _ => Err(vec![format!(
                "expected \"zones\" to name the layer or the file with the places of the zones, found none; the project \
                 has {}",
                known()
            )]),
        };
    };
    let named = |name: fn(&Layer) -> &str| around.layers.iter().find(|layer| name(layer) == wanted);
    if let Some(layer) = named(|layer| &layer.id).or_else(|| named(|layer| &layer.title)) {
        return shared(layer).ok_or_else(|| {
            let kind = layer.data.kind();
            vec![format!(
                "expected zones as points or areas, found a layer of {kind}. Zones: \"{}\"",
                layer.title
            )]
        });
    }
    let file = around.file(wanted);
    if !file.is_file() {
        return Err(vec![format!(
            "expected the places of the zones in a layer ({}) or a file, found neither. Zones: {}",
            known(),
            file.display()
        )]);
    }
    let (states, mut faults) =
        load::read_more(&[file.display().to_string()], around.crs, &[], &Progress::default())
            .map_err(|error| vec![error.to_string()])?;
    let mut found: Vec<_> = states.iter().filter_map(|state| shared(&state.layer)).collect();
    if found.len() != 1 {
        let names = listed(found.iter().map(|(title, _)| title.as_str()));
        faults.push(format!(
            "expected one layer of points or areas, found {names}; add the file to the project and name one of its \
             layers. Zones: {}",
            file.display()
        ));
        return Err(faults);
    }
    Ok(found.remove(0))
}

/// The column that has the ids, where another one than that which was looked at has more of them.
fn advice(matrix: &OdMatrix, zones: &Zones, looked_at: Option<&str>) -> String {
    let wanted: BTreeSet<&str> = matrix.zones.iter().map(String::as_str).collect();
    let common = |places: &[(String, [f64; 2])]| {
        places
            .iter()
            .map(|(id, _)| id.as_str())
            .filter(|id| wanted.contains(id))
            .collect::<BTreeSet<_>>()
            .len()
    };
    let now = common(&zones.places);
    let columns = zones.layer.attributes.columns().iter().map(|column| column.name.as_str());
    columns
        .filter(|&column| Some(column) != looked_at)
        .filter_map(|column| Some((common(&zone_places(&zones.layer, Some(column))?), column)))
        .filter(|&(ids, _)| ids > now)
        .max_by_key(|&(ids, _)| ids)
        .map(|(ids, column)| {
            let all = wanted.len();
            format!(
                "; the column \"{column}\" has {ids} of the {all} ids: name it as \"id_field\" (--zone-field)"
            )
        })
        .unwrap_or_default()
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let told: Vec<String> = all.iter().take(TOLD).map(|name| format!("\"{name}\"")).collect();
    match (all.len(), all.len() - told.len()) {
        (0, _) => "none".to_owned(),
        (_, 0) => told.join(", "),
        (_, more) => format!("{} and {more} more", told.join(", ")),
    }
}
