//! `export`: a cut-out of a project or of data in an open format.

use std::path::PathBuf;

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use layers::{
    crs::{Epsg, Transform},
    cutout::{Area, cut, export::ExportFormat, losses::losses},
    model::{FeatureLayer, Layer, LayerData},
};

use super::{Usage, ensure_usage, load_for_verb};
use crate::project::feature_count;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// A project, or data files (nothing: the demo city)
    paths: Vec<PathBuf>,
    /// The file to write
    #[arg(long)]
    out: PathBuf,
    /// minx,miny,maxx,maxy in the project's coordinate system, or in that of --bbox-crs
    #[arg(long, allow_hyphen_values = true, value_parser = parse_box)]
    bbox: Option<[f64; 4]>,
    /// Coordinate system of --bbox, such as EPSG:4326 (longitude, latitude)
    #[arg(long, requires = "bbox", value_parser = super::parse_crs)]
    bbox_crs: Option<Epsg>,
    /// A vector file with the polygon to cut out (its first one)
    #[arg(long, conflicts_with = "bbox")]
    polygon: Option<PathBuf>,
    /// Id of a layer; give it as often as needed. Without it: all layers that the format holds
    #[arg(long)]
    layer: Vec<String>,
    /// cityjson, cityjson-seq, geopackage, geojson, csv, geotiff or gltf; without it by the name of the file
    #[arg(long, value_parser = parse_format)]
    format: Option<ExportFormat>,
    /// Replace a file that is already there
    #[arg(long)]
    force: bool,
}

fn parse_box(text: &str) -> Result<[f64; 4], String> {
    let parts: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    parts.ok().and_then(|parts| <[f64; 4]>::try_from(parts).ok()).ok_or_else(|| {
        format!("expected minx,miny,maxx,maxy such as 84900,445900,85200,446300, found \"{text}\"")
    })
}

fn parse_format(text: &str) -> Result<ExportFormat, String> {
    ExportFormat::from_word(text).ok_or_else(|| {
        let known: Vec<&str> = ExportFormat::ALL.iter().map(|(_, word, ..)| *word).collect();
        format!("expected one of {}, found \"{text}\"", known.join(", "))
    })
}

pub fn run(args: &ExportArgs) -> anyhow::Result<()> {
    ensure_usage!(
        args.force || !args.out.exists(),
        "{} is already there; choose another name, or give --force to replace it",
        args.out.display()
    );
    // Writing over what is read would replace a source by a piece of it.
    let target = args.out.canonicalize().ok();
    if let Some(input) = args.paths.iter().find(|path| target.is_some() && path.canonicalize().ok() == target)
    {
        anyhow::bail!("--out is the file that is read, {}; choose another name", input.display());
    }
    let format = args.format.or_else(|| ExportFormat::from_path(&args.out)).ok_or_else(|| {
        let known: Vec<&str> = ExportFormat::ALL.iter().map(|(.., extension)| *extension).collect();
        Usage(format!(
            "expected a file name that ends in .{}, or --format; found \"{}\"",
            known.join(", ."),
            args.out.display()
        ))
    })?;
    let project = load_for_verb(&args.paths)?;
    let area = area_of(args, project.crs)?;
    let known = || project.layers.iter().map(|state| state.layer.id.as_str()).collect::<Vec<_>>().join(", ");
    let mut chosen: Vec<&Layer> = Vec::new();
    for id in &args.layer {
        let state = project
            .layer(id)
            .ok_or_else(|| Usage(format!("expected --layer to be one of {}, found \"{id}\"", known())))?;
        chosen.push(&state.layer);
    }
    if args.layer.is_empty() {
        chosen.extend(project.layers.iter().map(|state| &state.layer).filter(|l| format.takes(&l.data)));
        ensure!(!chosen.is_empty(), "no layer fits in {}; there are {}", format.title(), known());
        ensure_usage!(
            chosen.len() == 1 || format.holds_many(),
            "{} holds one layer and {} would fit; choose with --layer: {}",
            format.title(),
            chosen.len(),
            chosen.iter().map(|layer| layer.id.as_str()).collect::<Vec<_>>().join(", ")
        );
    }
    let cuts: Vec<Layer> = chosen.iter().map(|layer| cut(layer, &area)).collect();
    let count: usize = cuts.iter().map(|layer| count_of(&layer.data)).sum();
    if count == 0 {
        let home = project.home_bounds();
        ensure!(!home.is_empty(), "there is nothing to cut out: no layer has a thing with a place");
        anyhow::bail!(
            "there is nothing in that area; the project lies in {:.0},{:.0},{:.0},{:.0} ({})",
            home.min[0],
            home.min[1],
            home.max[0],
            home.max[1],
            project.crs
        );
    }
    layers::cutout::export::export(&cuts.iter().collect::<Vec<_>>(), project.crs, format, &args.out)?;
    for loss in losses(&cuts.iter().collect::<Vec<_>>(), format) {
        eprintln!("{}: {}", loss.location, loss.message);
    }
    eprintln!("{}: {count} things of {} layers as {}", args.out.display(), cuts.len(), format.title());
    for layer in &cuts {
        let p = &layer.provenance;
        if !p.source.is_empty() || !p.licence.is_empty() {
            eprintln!("source of {}: {} {} {}", layer.id, p.source, p.licence, p.date);
        }
    }
    Ok(())
}

fn count_of(data: &LayerData) -> usize {
    match data {
        LayerData::Terrain(terrain) => terrain.heights.iter().filter(|height| height.is_finite()).count(),
        LayerData::Points(cloud) => cloud.len(),
        LayerData::Meshes(model) => model.triangle_count(),
        other => feature_count(other),
    }
}

fn area_of(args: &ExportArgs, crs: Epsg) -> anyhow::Result<Area> {
    if let Some([x0, y0, x1, y1]) = args.bbox {
        let Some(from) = args.bbox_crs.filter(|from| *from != crs) else {
            return Ok(Area::from_box([x0, y0, x1, y1]).map_err(|error| Usage(error.to_string()))?);
        };
        Area::from_box([x0, y0, x1, y1]).map_err(|error| Usage(error.to_string()))?;
        // A box in degrees is no box in metres: its sides are followed.
        const STEPS: usize = 16;
        let side = |a: [f64; 2], b: [f64; 2]| {
            (0..STEPS).map(move |step| {
                let t = step as f64 / STEPS as f64;
                [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
            })
        };
        let corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
        let mut points: Vec<[f64; 2]> =
            (0..4).flat_map(|corner| side(corners[corner], corners[(corner + 1) % 4])).collect();
        let failures = Transform::new(from, crs)?.apply_2d(&mut points);
        ensure!(failures == 0, "the box has no place in {crs}; is --bbox-crs {from} right?");
        return Ok(Area::from_corners(&points)?);
    }
    let Some(path) = &args.polygon else { return Ok(Area::Everything) };
    let uris = [path.display().to_string()];
    let (states, _) = crate::jobs::load::read_more(&uris, crs, &[], &layers::readers::Progress::default())
        .with_context(|| format!("--polygon {}", path.display()))?;
    let polygon = states.iter().find_map(|state| match &state.layer.data {
        LayerData::Features(data) => first_polygon(data),
        _ => None,
    });
    polygon.map(Area::Inside).ok_or_else(|| anyhow!("there is no polygon in {}", path.display()))
}

fn first_polygon(layer: &FeatureLayer) -> Option<geo::Polygon<f64>> {
    layer.features.iter().find_map(|feature| match feature.geometry.as_ref()? {
        geo::Geometry::Polygon(polygon) => Some(polygon.clone()),
        geo::Geometry::MultiPolygon(polygons) => polygons.0.first().cloned(),
        _ => None,
    })
}
