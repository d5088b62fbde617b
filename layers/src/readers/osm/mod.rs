//! OpenStreetMap from XML and PBF: streets as a routable network with turn restrictions, buildings with heights, what
//! lies on the ground, rail, trees and points of interest.
//!
//! The file is read two or three times (elements, then the ways of multipolygons, then the places of the nodes that are
//! used), so that memory grows with what is kept and not with the file. Source of the formats:
//! <https://wiki.openstreetmap.org/wiki/OSM_XML> and <https://wiki.openstreetmap.org/wiki/PBF_Format>.

mod areas;
mod buildings;
mod collect;
pub(in crate::readers) mod element;
mod layers;
mod network;
mod pbf;
mod places;
mod restrictions;
pub(in crate::readers) mod street;
mod xml;

use std::{collections::HashMap, sync::Arc};

use collect::Collected;
use element::{Element, MemberKind};
use network::{Points, StreetWay};
use places::{Area, Outline};

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Source,
    input::with_checksum,
    layer_id,
    placement::{Placement, Unlabelled, robust_bounds},
};
use crate::{
    crs::Epsg,
    model::{Layer, LayerData, Provenance},
};

/// `.osm.pbf`
#[derive(Debug)]
pub struct OsmPbfReader;

/// `.osm`
#[derive(Debug)]
pub struct OsmXmlReader;

impl FormatReader for OsmPbfReader {
    fn id(&self) -> &'static str {
        "osm-pbf"
    }

    fn title(&self) -> &'static str {
        "OpenStreetMap PBF"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["osm.pbf", "pbf"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        // Length of the first blob header (big-endian), then a protobuf text field "OSMHeader".
        head.starts_with(&[0, 0])
            && head[..head.len().min(32)].windows(9).any(|window| window == b"OSMHeader")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let pass = |context: &mut ReadContext, part, each: &mut dyn FnMut(Element<'_>)| {
            pbf::for_each(source, context, part, each)
        };
        read(self.id(), source, context, &pass)
    }

    fn is_risky(&self) -> bool {
        // The crate below it panics on members that contradict themselves.
        true
    }
}

impl FormatReader for OsmXmlReader {
    fn id(&self) -> &'static str {
        "osm-xml"
    }

    fn title(&self) -> &'static str {
        "OpenStreetMap XML"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["osm", "osm.xml", "osm.gz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        text.contains("<osm ") || text.contains("<osm>")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let pass = |context: &mut ReadContext, part: [f64; 2], each: &mut dyn FnMut(Element<'_>)| {
            let mut bad: Vec<u64> = Vec::new();
            let mut bad_count = 0_usize;
            let mut note = |position| {
                bad_count += 1;
                if bad.len() < 20 {
                    bad.push(position);
                }
            };
            xml::for_each(source, context, part, &mut note, each)?;
            // The first pass tells; later ones meet the same elements again.
            if part[0] == 0.0 {
                for position in bad {
                    context.report.error(
                        "element-unreadable",
                        format!("byte {position}"),
                        "expected an id (and for nodes lat and lon as numbers); the element is left out",
                    );
                }
                if bad_count > 20 {
                    let message = format!("{bad_count} elements in all have no readable id or place");
                    context.report.error("element-unreadable", "the whole file", message);
                }
            }
            Ok(())
        };
        read(self.id(), source, context, &pass)
    }
}

type Pass<'a> = &'a dyn Fn(&mut ReadContext, [f64; 2], &mut dyn FnMut(Element<'_>)) -> Result<(), ReadError>;

fn read(
    format: &'static str,
    source: &Source,
    context: &mut ReadContext,
    pass: Pass<'_>,
) -> Result<ReadOutcome, ReadError> {
    let (collected, checksum) = with_checksum(source, || {
        let mut collected = Collected::default();
        pass(context, [0.0, 0.4], &mut |element| collected.add(element))?;
        Ok::<_, ReadError>(collected)
    });
    let Collected { counts, bounds, streets, areas, rails, mut places, mut trees, signals, restrictions } =
        collected?;
    let members = member_ways(context, pass, &areas)?;

    let ids = streets
        .iter()
        .map(|(_, refs, _)| refs)
        .chain(rails.iter().map(|(_, refs, _)| refs))
        .flatten()
        .copied();
    let area_ids = areas.iter().flat_map(|area| match &area.outline {
        Outline::Way(refs) => &refs[..],
        Outline::Members(_) => &[],
    });
    let mut points =
        Points::from_ids(ids.chain(members.values().flatten().copied()).chain(area_ids.copied()).collect());
    pass(context, [0.6, 0.8], &mut |element| {
        if let Element::Node { id, lon, lat, .. } = element
            && let Some(position) = points.position_of(id)
            && let Some(slot) = points.positions.get_mut(position)
        {
            *slot = [lon, lat, 0.0];
        }
    })?;
    for id in signals {
        if let Some(slot) = points.position_of(id).and_then(|position| points.has_signals.get_mut(position)) {
            *slot = true;
        }
    }

    let located: Vec<[f64; 2]> = points
        .positions
        .iter()
        .chain(places.iter().chain(&trees).map(|place| &place.position))
        .map(|&[x, y, _]| [x, y])
        .collect();
    let center = robust_bounds(&located);
    let placement = Placement::decide(source, Some(Epsg::WGS84), &center, Unlabelled::Metric, context)?;
    placement.apply(&mut points.positions);
    for places in [&mut places, &mut trees] {
        let mut positions: Vec<[f64; 3]> = places.iter().map(|place| place.position).collect();
        placement.apply(&mut positions);
        for (place, position) in places.iter_mut().zip(positions) {
            place.position = position;
        }
    }
    context.progress.set(0.85);
    context.check_cancelled()?;

    let ways: Vec<StreetWay> = streets
        .into_iter()
        .map(|(id, refs, street)| {
            let refs = refs.iter().filter_map(|&id| points.position_of(id)).map(|p| p as u32).collect();
            StreetWay { id, refs, street }
        })
        .collect();
    let (mut network, incomplete) = network::split(&ways, &points);
    let unplaced = restrictions::attach(&restrictions, &mut network);
    if unplaced > 0 {
        context.report.add(
            super::Severity::Info,
            "restriction-outside",
            "turn restrictions",
            format!(
                "{unplaced} of {} turn restrictions name streets that the extract does not hold whole or that do not meet; they are left out",
                restrictions.len()
            ),
        );
    }
    if incomplete > 0 {
        context.report.add(
            super::Severity::Info,
            "way-outside",
            "streets",
            format!("{incomplete} streets have nodes that the extract does not hold; they end at its border"),
        );
    }
    let mut layers: Vec<(&str, LayerData)> = Vec::new();
    if !network.links.is_empty() {
        layers.push(("streets", LayerData::Streets(Arc::new(network))));
    }
    let found = layers::layers_of(areas, rails, places, trees, &members, &points, context)?;
    let mut fields: Vec<String> = Vec::new();
    for (name, data) in found {
        let attributes = match &data {
            LayerData::City(model) => &model.attributes,
            LayerData::Features(layer) => &layer.attributes,
            _ => continue,
        };
        fields.extend(attributes.columns().iter().map(|column| column.name.clone()));
        layers.push((name, data));
    }
    fields.sort_unstable();
    fields.dedup();

    let faults = std::mem::take(&mut context.report).finish();
    let count = |name| counts.get(name).copied().unwrap_or(0);
    let names = ["nodes", "ways", "relations", "highways", "buildings"];
    let inspection = Inspection {
        uri: source.uri.clone(),
        format,
        version: Some("0.6".to_owned()),
        crs: placement.stated_text(),
        bbox: bounds.to_array(),
        counts: names.into_iter().map(|name| (name.to_owned(), count(name))).collect(),
        features: count("nodes") + count("ways") + count("relations"),
        lods: Vec::new(),
        fields,
        time: None,
        faults: faults.clone(),
    };
    let stem = layer_id(source);
    let provenance = provenance_of(&source.head().unwrap_or_default());
    let layers = layers
        .into_iter()
        .map(|(name, data)| Layer {
            id: format!("{stem}-{name}"),
            title: format!("{stem} {}", name.replace('-', " ")),
            data,
            provenance: Provenance { checksum: checksum.clone(), ..provenance.clone() },
            faults: faults.clone(),
        })
        .collect();
    context.progress.set(1.0);
    Ok(ReadOutcome { layers, inspection, crs: placement.target })
}

/// Source and licence that the `<osm>` tag states when the data are not OpenStreetMap's own; else OpenStreetMap's, whose
/// licence asks for credit.
fn provenance_of(head: &[u8]) -> Provenance {
    let head = String::from_utf8_lossy(head);
    let tag = head.split_once("<osm").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(tag, _)| tag);
    let attribute = |name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    match attribute("copyright").filter(|owner| !owner.contains("OpenStreetMap")) {
        Some(source) => {
            Provenance { source, licence: attribute("license").unwrap_or_default(), ..Provenance::default() }
        }
        None => Provenance {
            source: "© OpenStreetMap contributors".to_owned(),
            licence: "ODbL-1.0".to_owned(),
            ..Provenance::default()
        },
    }
}

/// Node ids of the ways that multipolygons are made of.
fn member_ways(
    context: &mut ReadContext,
    pass: Pass<'_>,
    areas: &[Area],
) -> Result<HashMap<i64, Vec<i64>>, ReadError> {
    let mut wanted: HashMap<i64, Vec<i64>> = HashMap::new();
    for area in areas {
        if let Outline::Members(members) = &area.outline {
            let ways = members.iter().filter(|member| member.kind == MemberKind::Way);
            wanted.extend(ways.map(|member| (member.id, Vec::new())));
        }
    }
    if !wanted.is_empty() {
        pass(context, [0.4, 0.6], &mut |element| {
            if let Element::Way { id, refs, .. } = element
                && let Some(slot) = wanted.get_mut(&id)
            {
                *slot = refs;
            }
        })?;
    }
    Ok(wanted)
}
