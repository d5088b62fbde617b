//! The rows of the layer panel.

use bevy_egui::egui::Color32;
use layers::model::{FeatureRole, LayerData};

use crate::{
    jobs::{JobKind, Jobs},
    palette::palette,
    project::{LayerState, Project, feature_count},
    scene::camera::CameraRig,
    state::Settings,
    ui::{
        numbers::Numbers,
        text::Texts,
        view::{LayerRow, ProvenanceView},
    },
};

pub fn rows(
    project: &Project,
    settings: &Settings,
    _rig: &CameraRig,
    texts: Texts,
    jobs: &Jobs,
) -> Vec<LayerRow> {
    let numbers = Numbers::new(settings.language);
    let is_meshing = jobs.running().iter().any(|job| job.kind == JobKind::Tiles);
    project
        .layers
        .iter()
        .map(|state| {
            let provenance = &state.layer.provenance;
            LayerRow {
                id: state.layer.id.clone(),
                title: state.layer.title.clone(),
                swatch: swatch(settings, &state.layer.data),
                is_visible: state.is_visible,
                opacity: state.opacity,
                short_licence: short_licence(&provenance.licence),
                count_text: numbers.count(feature_count(&state.layer.data)),
                why_empty: why_empty(state).map(|key| texts.get(key)),
                is_loading: is_meshing
                    && !matches!(state.layer.data, LayerData::Transit(_) | LayerData::Sensors(_)),
                provenance: ProvenanceView {
                    source: provenance.source.clone(),
                    licence: provenance.licence.clone(),
                    date: provenance.date.clone(),
                    file: state.uri.clone(),
                    crs: project.crs.to_string(),
                },
                is_removable: true,
            }
        })
        .collect()
}

fn why_empty(state: &LayerState) -> Option<&'static str> {
    if feature_count(&state.layer.data) == 0 {
        Some("why-no-features")
    } else if state.is_visible && state.opacity < 0.02 {
        Some("why-transparent")
    } else {
        None
    }
}

/// "CC-BY-4.0" as people write it: "CC BY".
fn short_licence(licence: &str) -> String {
    match licence {
        l if l.starts_with("CC-BY-SA") => "CC BY-SA".to_owned(),
        l if l.starts_with("CC-BY") => "CC BY".to_owned(),
        l if l.starts_with("CC0") => "CC0".to_owned(),
        l if l.starts_with("ODbL") => "ODbL".to_owned(),
        l => l.chars().take(10).collect(),
    }
}

fn swatch(settings: &Settings, data: &LayerData) -> Color32 {
    let p = palette(settings.theme);
    match data {
        LayerData::City(_) | LayerData::Meshes(_) => p.roof_lit,
        LayerData::Points(_) => p.tree,
        LayerData::Streets(_) => p.street,
        LayerData::Transit(_) => p.brand,
        LayerData::Sensors(_) => p.sensor,
        LayerData::Terrain(_) => p.ground,
        LayerData::Features(layer) => match layer.role {
            FeatureRole::Surfaces => p.green,
            FeatureRole::Trees => p.tree,
            FeatureRole::Rail => p.line,
            _ => p.faint,
        },
    }
}
