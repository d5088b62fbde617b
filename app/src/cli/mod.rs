//! The verbs of the command line. Data go to standard output, messages to standard error; exit code 0 is done, 1 means
//! that the work failed, 2 that the command was not understood.

mod assign;
mod demo;
mod doctor;
mod evaluate;
mod export;
mod inspect;
mod reach;
mod render;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use bevy::math::UVec2;
use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    commands::{AppCommand, Quality},
    jobs::{load, opening},
    project::Project,
    project_file::{EXTENSION, ProjectFile},
    script::{self, ScriptRun},
    window::{self, WindowOptions},
};

/// Digital-twin viewer for cities: open a city, change a street, compare.
#[derive(Debug, Parser)]
#[command(name = "stadsmaquette", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// A project, or data files to look at; nothing opens the built-in demo city
    paths: Vec<PathBuf>,
    /// Drive the window with this script (JSON commands) and end with it
    #[arg(long)]
    script: Option<PathBuf>,
    /// Size of the window in pixels
    #[arg(long, value_parser = parse_size)]
    size: Option<UVec2>,
    #[arg(long, value_enum)]
    quality: Option<QualityArg>,
    /// Start with an empty window
    #[arg(long)]
    empty: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum QualityArg {
    Low,
    Medium,
    High,
}

impl From<QualityArg> for Quality {
    fn from(quality: QualityArg) -> Self {
        match quality {
            QualityArg::Low => Self::Low,
            QualityArg::Medium => Self::Medium,
            QualityArg::High => Self::High,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write the built-in demo city as ordinary files, with its project
    Demo {
        /// Folder to write into; it is made when it is not there
        #[arg(long)]
        out: PathBuf,
    },
    /// Tell what is in files
    Inspect {
        #[arg(required = true)]
        uris: Vec<String>,
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a project from data
    New {
        /// The project file to write
        project: PathBuf,
        /// Data files, one or more
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        add: Vec<PathBuf>,
        #[arg(long)]
        name: Option<String>,
        /// Coordinate system of files that do not say theirs, such as EPSG:28992
        #[arg(long, value_parser = parse_crs)]
        assume_crs: Option<layers::crs::Epsg>,
        /// Coordinate system of the project; without it that of the first layer
        #[arg(long, value_parser = parse_crs)]
        crs: Option<layers::crs::Epsg>,
        /// Replace a project that is already there (the copy before is kept as .bak)
        #[arg(long)]
        force: bool,
    },
    /// Draw a picture without a window
    Render(render::RenderArgs),
    /// Compute the indicators of the baseline and of scenarios, and the differences
    Evaluate(evaluate::EvaluateArgs),
    /// Write a cut-out of a project or of data in an open format
    Export(export::ExportArgs),
    /// Solve a user-equilibrium traffic assignment on the public TNTP format
    Assign(assign::AssignArgs),
    /// Travel times and areas reached on foot, by bicycle, by car or by public transport
    Reach(reach::ReachArgs),
    /// Run a list of commands as menus and shortcuts give them, without a window
    ///
    /// FILE is a JSON array such as [{"do": "go-to-street", "name": "Voorstraat"}, {"do": "add-pedestrian-street",
    /// "extent": "whole-street"}, {"do": "assert", "pointer": "/scenario/evaluation", "equals": "ready"},
    /// {"do": "save", "path": "plan.stadsmaquette"}]; lines that begin with // are remarks.
    Script {
        project: PathBuf,
        file: PathBuf,
        /// Print the state at the end as JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether graphics, coordinates and readers work, and how to mend what does not
    Doctor {
        #[arg(long)]
        json: bool,
    },
}

fn parse_crs(text: &str) -> Result<layers::crs::Epsg, String> {
    let epsg: layers::crs::Epsg = text.parse().map_err(|error: layers::crs::CrsError| error.to_string())?;
    layers::crs::ensure_init();
    layers::crs::spatial_ref(epsg).map(|_| epsg).map_err(|error| error.to_string())
}

fn parse_size(text: &str) -> Result<UVec2, String> {
    let parts = text.split_once(['x', 'X', '×']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parts {
        Some((width @ 16..=16_384, height @ 16..=16_384)) => Ok(UVec2::new(width, height)),
        _ => Err(format!("expected WIDTHxHEIGHT such as 1280x720 (16 to 16384 pixels), found \"{text}\"")),
    }
}

pub fn run() -> ExitCode {
    // Before anything else is set up: this is the reader process of another run of the program.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == layers::isolation::VERB) {
        return layers::isolation::child::serve();
    }
    if let Ok(program) = std::env::current_exe() {
        layers::isolation::use_program(program);
    }
    opening::use_environment();
    let code = run_verb();
    opening::finish();
    code
}

fn run_verb() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", plain(&format!("{error:#}")));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// What was asked for does not exist or does not go together: exit code 2, as for options that are not understood.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Ends a verb with [`Usage`] unless a condition holds.
macro_rules! ensure_usage {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::cli::Usage(format!($($text)+)).into());
        }
    };
}
use ensure_usage;

fn dispatch(cli: Cli) -> anyhow::Result<()> {
    match cli.verb {
        None => open_window(cli),
        Some(Verb::Demo { out }) => demo::run(&out),
        Some(Verb::Inspect { uris, json }) => inspect::run(&uris, json),
        Some(Verb::New { project, add, name, assume_crs, crs, force }) => {
            let choices = load::LoadChoices { crs, assumed_crs: assume_crs };
            new_project(&project, &add, name, choices, force)
        }
        Some(Verb::Render(args)) => render::run(&args),
        Some(Verb::Evaluate(args)) => evaluate::run(&args),
        Some(Verb::Export(args)) => export::run(&args),
        Some(Verb::Assign(args)) => assign::run(&args),
        Some(Verb::Reach(args)) => reach::run(&args),
        Some(Verb::Script { project, file, json }) => run_script(&project, &file, json),
        Some(Verb::Doctor { json }) => doctor::run(json),
    }
}

fn open_window(cli: Cli) -> anyhow::Result<()> {
    for path in &cli.paths {
        ensure_usage!(
            path.exists(),
            "there is no file or verb \"{}\"; see stadsmaquette --help",
            path.display()
        );
    }
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if cfg!(target_os = "linux") && !has_display {
        anyhow::bail!(
            "there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set); \
             draw a picture instead: stadsmaquette render --out picture.png"
        );
    }
    let commands = match (cli.paths.is_empty(), cli.empty) {
        (true, true) => Vec::new(),
        (true, false) => vec![AppCommand::OpenDemo],
        (false, _) => vec![AppCommand::Open { paths: cli.paths }],
    };
    let script = cli.script.as_deref().map(script::read).transpose()?;
    window::run(WindowOptions { commands, script, size: cli.size, quality: cli.quality.map(Into::into) })
}

/// Opens a project or data files for a verb; what could not be read is said on standard error.
fn load_for_verb(paths: &[PathBuf]) -> anyhow::Result<Project> {
    load_for_verb_with(paths, load::LoadChoices::default())
}

fn load_for_verb_with(paths: &[PathBuf], choices: load::LoadChoices) -> anyhow::Result<Project> {
    let uris: Vec<String> = if paths.is_empty() {
        vec![crate::project::DEMO_URI.to_owned()]
    } else {
        paths.iter().map(|path| path.display().to_string()).collect()
    };
    let progress = layers::readers::Progress::default();
    let project = load::load_with(&uris, choices, &progress, None)?;
    for line in &project.missing {
        eprintln!("{}", plain(line));
    }
    Ok(project)
}

fn new_project(
    path: &Path,
    add: &[PathBuf],
    name: Option<String>,
    choices: load::LoadChoices,
    force: bool,
) -> anyhow::Result<()> {
    ensure_usage!(
        force || !path.exists(),
        "{} is already there; choose another name, or give --force to replace it",
        path.display()
    );
    if let Some(crs) = choices.crs {
        ensure_usage!(
            layers::crs::is_projected(crs),
            "expected --crs to be a projected system in metres, such as {} (RD New), found {crs}",
            layers::crs::Epsg::RD_NEW
        );
    }
    ensure_usage!(
        path.extension().is_some_and(|extension| extension == EXTENSION),
        "expected a project file name that ends in .{EXTENSION}, found \"{}\"",
        path.display()
    );
    let mut project = load_for_verb_with(add, choices)?;
    // Where things lie is decided here for good: what was assumed must be seen now.
    for state in &project.layers {
        for fault in state.layer.faults.iter().filter(|fault| fault.code.starts_with("crs")) {
            eprintln!(
                "{}",
                plain(&format!("{}: {}; --assume-crs says otherwise", state.layer.title, fault.message))
            );
        }
    }
    if let Some(name) = name.or_else(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())) {
        project.name = name;
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        eprintln!("the folder {} is made", folder.display());
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    ProjectFile::from_project(&project, folder, None).write(path)?;
    eprintln!(
        "{}: {} layers in {}, from {} files",
        path.display(),
        project.layers.len(),
        project.crs,
        add.len() - project.unread_sources.min(add.len())
    );
    if project.unread_sources > 0 {
        eprintln!("{} of {} files could not be read, see above", project.unread_sources, add.len());
    }
    Ok(())
}

fn run_script(project: &Path, file: &Path, json: bool) -> anyhow::Result<()> {
    let commands = script::read(file)?;
    let mut app = bevy::app::App::new();
    app.add_plugins(bevy::MinimalPlugins).add_plugins(crate::CorePlugins);
    app.finish();
    app.cleanup();
    app.insert_resource(ScriptRun::opening(vec![project.to_path_buf()], commands));
    loop {
        ScriptRun::step(app.world_mut());
        app.update();
        if let Some(outcome) =
            app.world_mut().get_resource_mut::<ScriptRun>().and_then(|mut script| script.outcome.take())
        {
            if json {
                say(&serde_json::to_string_pretty(&crate::snapshot::snapshot(app.world()))?)?;
            }
            eprintln!("{} commands carried out", outcome?);
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Text of files and names as a terminal may show it: no colours, titles or turned writing of somebody else.
fn plain(text: &str) -> String {
    let lines: Vec<_> =
        text.split('\n').map(|line| layers::readers::text::for_people(line, usize::MAX)).collect();
    lines.join("\n")
}

/// Writes a line of data to standard output. A reader that has gone away (`| head`) is no error of ours.
fn say(text: &str) -> anyhow::Result<()> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}
