//! `render`: a picture without a window.

use std::{path::PathBuf, time::Duration};

use bevy::math::UVec2;
use clap::{Args, ValueEnum};
use scenarios::indicators::INDICATORS;

use super::{QualityArg, Usage, ensure_usage, load_for_verb, parse_size};
use crate::{
    commands::{self, AppCommand, CameraPose, Language, Mode, ThemeKind, ViewKind},
    jobs::JobResult,
    picture,
    state::{CommandQueue, Messages, OpenProject, Settings},
};

#[derive(Debug, Args)]
pub struct RenderArgs {
    /// A project or data files; nothing draws the built-in demo city
    paths: Vec<PathBuf>,
    /// The picture to write (PNG)
    #[arg(long)]
    out: PathBuf,
    #[arg(long, value_parser = parse_size, default_value = "1600x900")]
    size: UVec2,
    /// X,Y[,Z],DISTANCE,HEADING,TILT: looks at a point (project metres) from a distance (m), heading in degrees from
    /// north, tilt in degrees from straight down (90 is level)
    #[arg(long, value_parser = parse_camera, allow_hyphen_values = true)]
    camera: Option<CameraPose>,
    /// The moment to show, such as 2026-06-16T15:00 (local) or with a zone
    #[arg(long, value_parser = crate::time::parse)]
    time: Option<i64>,
    /// Id of the scenario to show as a difference with the baseline
    #[arg(long)]
    scenario: Option<String>,
    /// Colour the map by what an indicator changes in the scenario, such as jobs-by-transit, instead of by the traffic
    #[arg(long, requires = "scenario")]
    indicator: Option<String>,
    #[arg(long, value_enum, default_value = "3d")]
    mode: ModeArg,
    #[arg(long, value_enum, default_value = "high")]
    quality: QualityArg,
    #[arg(long, value_enum, default_value = "light")]
    theme: ThemeArg,
    /// Draw the panels too
    #[arg(long)]
    ui: bool,
    #[arg(long, value_enum, default_value = "nl")]
    language: LanguageArg,
    /// Size of the letters in percent (80 to 200), with --ui
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(80..=200))]
    text_size: u32,
    /// Street to select, by name or link id, with --ui
    #[arg(long)]
    select: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    #[value(name = "3d")]
    ThreeD,
    #[value(name = "2d")]
    TwoD,
    /// At eye level
    Walk,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ThemeArg {
    Light,
    Dark,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LanguageArg {
    Nl,
    En,
}

fn parse_camera(text: &str) -> Result<CameraPose, String> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>().ok().filter(|n| n.is_finite()))
        .collect::<Option<_>>()
        .unwrap_or_default();
    let pose =
        |target, distance_m, heading_deg, tilt_deg| CameraPose { target, distance_m, heading_deg, tilt_deg };
    match numbers[..] {
        [x, y, distance, heading, tilt] => Ok(pose([x, y, 0.0], distance, heading, tilt)),
        [x, y, z, distance, heading, tilt] => Ok(pose([x, y, z], distance, heading, tilt)),
        _ => Err(format!(
            "expected X,Y,DISTANCE,HEADING,TILT or X,Y,Z,DISTANCE,HEADING,TILT as numbers, found \"{text}\""
        )),
    }
}

/// Says before the work what would fail after it.
fn check_out(path: &std::path::Path) -> anyhow::Result<()> {
    let is_png = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    ensure_usage!(is_png, "expected --out to end in .png, found \"{}\"", path.display());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    ensure_usage!(folder.is_dir(), "there is no folder \"{}\" to write the picture in", folder.display());
    Ok(())
}

/// Loading, meshing and models together.
const LIMIT: Duration = Duration::from_mins(10);

pub fn run(args: &RenderArgs) -> anyhow::Result<()> {
    check_out(&args.out)?;
    if let Some(id) = &args.indicator {
        let known: Vec<&str> = INDICATORS.iter().map(|definition| definition.id).collect();
        ensure_usage!(
            known.contains(&id.as_str()),
            "expected --indicator to be one of {}, found \"{id}\"",
            known.join(", ")
        );
    }
    let mut project = load_for_verb(&args.paths)?;
    let mut mode = Mode::Explore;
    if let Some(wanted) = &args.scenario {
        let index = project.scenarios.iter().position(|state| state.scenario().id == *wanted);
        let known: Vec<&str> = project.scenarios.iter().map(|s| s.scenario().id.as_str()).collect();
        project.active_scenario = index.ok_or_else(|| {
            Usage(format!("expected --scenario to be one of {}, found \"{wanted}\"", known.join(", ")))
        })?;
        mode = Mode::Compare;
    }
    if args.mode == ModeArg::Walk && args.camera.is_none() {
        project.camera = Some(street_view(&project));
    }
    let camera = args.camera.map(|mut pose| {
        if pose.target[2] == 0.0 {
            pose.target[2] = project.ground.height_at([pose.target[0], pose.target[1]]);
        }
        pose
    });
    let mut app = picture::headless_app(args.size, args.ui)?;
    let selected = match &args.select {
        Some(name) => Some(
            find_street(&project, name)
                .ok_or_else(|| Usage(format!("expected --select to name a street, found \"{name}\"")))?,
        ),
        None => None,
    };
    {
        let world = app.world_mut();
        let mut settings = world.resource_mut::<Settings>();
        settings.quality = args.quality.into();
        settings.mode = mode;
        settings.shown_indicator.clone_from(&args.indicator);
        settings.theme = match args.theme {
            ThemeArg::Light => ThemeKind::Light,
            ThemeArg::Dark => ThemeKind::Dark,
        };
        settings.language = match args.language {
            LanguageArg::Nl => Language::Dutch,
            LanguageArg::En => Language::English,
        };
        settings.text_scale = (args.text_size as f32 / 100.0).clamp(0.8, 2.0);
        world.resource_mut::<crate::jobs::Jobs>().give(JobResult::Loaded(Ok(Box::new(project))));
    }
    // One frame takes the project in; then the camera knows its frame.
    app.update();
    {
        let world = app.world_mut();
        if args.mode == ModeArg::TwoD {
            commands::run(world, AppCommand::SetViewKind { kind: ViewKind::TwoD });
        }
        if let Some(camera) = camera {
            commands::run(world, AppCommand::SetCamera { camera });
        }
        if let Some(time) = args.time {
            commands::run(world, AppCommand::SetTime { time });
        }
        if let Some(target) = selected {
            world.resource_mut::<CommandQueue>().0.push(AppCommand::Select { target });
        }
    }
    picture::run_until(&mut app, LIMIT, |app| picture::is_settled(app))?;
    if let Some(id) = &args.indicator {
        ensure_has_map(app.world(), id)?;
    }
    let errors: Vec<String> = app
        .world()
        .resource::<Messages>()
        .list
        .iter()
        .filter(|message| message.level == crate::state::MessageLevel::Error)
        .flat_map(|message| message.details.clone())
        .collect();
    anyhow::ensure!(errors.is_empty(), "{}", errors.join("\n"));
    picture::save_picture(&mut app, &args.out)?;
    eprintln!("{}", args.out.display());
    Ok(())
}

/// Says why an indicator colours nothing, where it has no map.
fn ensure_has_map(world: &bevy::prelude::World, id: &str) -> anyhow::Result<()> {
    let project = world.resource::<OpenProject>().0.as_ref();
    let evaluation = project.and_then(|project| project.active()?.evaluation.as_ref());
    let outcome = evaluation.and_then(|evaluation| evaluation.outcome(id));
    let Some(outcome) = outcome else {
        anyhow::bail!("expected the scenario to be computed, found no outcome; has it a measure?");
    };
    let reasons: Vec<&str> = outcome.explanation.iter().map(|reason| reason.text.as_str()).collect();
    anyhow::ensure!(
        outcome.value.is_some(),
        "\"{id}\" cannot be shown, as it cannot be computed: {}",
        reasons.join("; ")
    );
    anyhow::ensure!(
        outcome.layer.is_some(),
        "\"{id}\" is one number for the city and has no map; leave --indicator out for the traffic"
    );
    Ok(())
}

/// At eye level in the street nearest to the middle of the city, looking along it; where there are no streets, in the
/// middle, looking north.
fn street_view(project: &crate::project::Project) -> CameraPose {
    const AHEAD_M: f64 = 30.0;
    const SHORTEST_M: f64 = 60.0;
    let middle = project.camera.map_or_else(|| project.home_bounds().center(), |pose| pose.target);
    let mut best: Option<(f64, [f64; 2], f64)> = None;
    if let Some(layers::model::LayerData::Streets(network)) = project.street_layer().map(|s| &s.layer.data) {
        for link in network.links.iter().filter(|l| l.class.is_carriageway() && l.length_m > SHORTEST_M) {
            let (Some(&from), Some(&to)) = (link.geometry.first(), link.geometry.last()) else { continue };
            let eye = [from[0] + (to[0] - from[0]) * 0.2, from[1] + (to[1] - from[1]) * 0.2];
            let distance = (eye[0] - middle[0]).hypot(eye[1] - middle[1]);
            if best.is_none_or(|(nearest, ..)| distance < nearest) {
                best = Some((distance, eye, (to[0] - from[0]).atan2(to[1] - from[1])));
            }
        }
    }
    let (eye, heading) = best.map_or(([middle[0], middle[1]], 0.0), |(_, eye, heading)| (eye, heading));
    let ahead = [eye[0] + heading.sin() * AHEAD_M, eye[1] + heading.cos() * AHEAD_M];
    CameraPose {
        target: [ahead[0], ahead[1], project.ground.height_at(ahead)],
        distance_m: AHEAD_M,
        heading_deg: heading.to_degrees(),
        tilt_deg: 85.0,
    }
}

fn find_street(project: &crate::project::Project, name: &str) -> Option<commands::Target> {
    let state = project.street_layer()?;
    let layers::model::LayerData::Streets(network) = &state.layer.data else { return None };
    let index = network.links.iter().position(|link| link.id == name || link.name == name)?;
    project.target_of(state, index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_are_read_with_and_without_height() {
        assert_eq!(parse_camera("1,2,300,-10,60").unwrap().target, [1.0, 2.0, 0.0]);
        let pose = parse_camera("1,2,3,300,-10,60").unwrap();
        assert_eq!((pose.target, pose.heading_deg), ([1.0, 2.0, 3.0], -10.0));
        assert!(parse_camera("1,2").is_err() && parse_camera("a,b,c,d,e").is_err());
    }
}
