//! OpenStreetMap: streets as a routable network, buildings and points of interest, from XML and PBF.
//!
//! The file is read two or three times (elements, then the ways of multipolygons, then the places of the nodes that are
//! used), so that memory grows with what is kept and not with the file. Source of the formats:
//! <https://wiki.openstreetmap.org/wiki/OSM_XML> and <https://wiki.openstreetmap.org/wiki/PBF_Format>.

mod element;
mod network;
mod pbf;
mod places;
mod street;
mod xml;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use geo::Centroid;

use element::Element;
use network::{Points, StreetWay};
use places::{Area, LayerBuilder, Outline, Place};
use street::Street;

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Source,
    input::with_checksum,
    layer_id,
    placement::{Placement, Unlabelled, robust_bounds},
};
use crate::{
    crs::Epsg,
    model::{Bounds3, FeatureLayer, FeatureRole, Layer, LayerData, Provenance},
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

/// What the first pass keeps.
#[derive(Default)]
struct Collected {
    counts: BTreeMap<&'static str, u64>,
    bounds: Bounds3,
    streets: Vec<(i64, Vec<i64>, Street)>,
    areas: Vec<Area>,
    places: Vec<Place>,
    signals: Vec<i64>,
}

impl Collected {
    fn add(&mut self, element: Element<'_>) {
        let mut count = |name| *self.counts.entry(name).or_default() += 1;
        match element {
            Element::Node { id, lon, lat, tags } => {
                count("nodes");
                self.bounds.add([lon, lat, 0.0]);
                if tags.is_empty() {
                    return;
                }
                if tags.is("highway", "traffic_signals") || tags.is("crossing", "traffic_signals") {
                    self.signals.push(id);
                }
                if let Some(facts) = places::poi_facts(&tags) {
                    self.places.push(Place { id, position: [lon, lat, 0.0], facts });
                }
            }
            Element::Way { id, refs, tags } => {
                count("ways");
                if tags.get("building").is_some() {
                    count("buildings");
                }
                if tags.get("highway").is_some() {
                    count("highways");
                    if let Some(street) = street::street_from_tags(&tags) {
                        self.streets.push((id, refs, street));
                        return;
                    }
                }
                let building = places::building_facts(&tags);
                let is_closed = refs.len() >= 4 && refs.first() == refs.last();
                let poi = if is_closed { places::poi_facts(&tags) } else { None };
                if is_closed && (building.is_some() || poi.is_some()) {
                    self.areas.push(Area {
                        id: format!("way/{id}"),
                        outline: Outline::Way(refs),
                        building,
                        poi,
                    });
                }
            }
            Element::Relation { id, members, tags } => {
                count("relations");
                if !tags.is("type", "multipolygon") {
                    return;
                }
                let (building, poi) = (places::building_facts(&tags), places::poi_facts(&tags));
                if building.is_some() || poi.is_some() {
                    let outline = Outline::Members(members);
                    self.areas.push(Area { id: format!("relation/{id}"), outline, building, poi });
                }
            }
        }
    }
}

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
    let Collected { counts, bounds, streets, areas, mut places, signals } = collected?;
    let members = member_ways(context, pass, &areas)?;

    let ids = streets.iter().flat_map(|(_, refs, _)| refs).chain(members.values().flatten()).copied();
    let area_ids = areas.iter().flat_map(|area| match &area.outline {
        Outline::Way(refs) => &refs[..],
        Outline::Members(_) => &[],
    });
    let mut points = Points::from_ids(ids.chain(area_ids.copied()).collect());
    pass(context, [0.6, 0.8], &mut |element| {
        if let Element::Node { id, lon, lat, .. } = element
            && let Some(position) = points.position_of(id)
        {
            points.positions[position] = [lon, lat, 0.0];
        }
    })?;
    for id in signals {
        if let Some(position) = points.position_of(id) {
            points.has_signals[position] = true;
        }
    }

    let located: Vec<[f64; 2]> = points
        .positions
        .iter()
        .chain(places.iter().map(|place| &place.position))
        .map(|&[x, y, _]| [x, y])
        .collect();
    let center = robust_bounds(&located);
    let placement = Placement::decide(source, Some(Epsg::WGS84), &center, Unlabelled::Metric, context)?;
    placement.apply(&mut points.positions);
    let mut place_positions: Vec<[f64; 3]> = places.iter().map(|place| place.position).collect();
    placement.apply(&mut place_positions);
    for (place, position) in places.iter_mut().zip(place_positions) {
        place.position = position;
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
    let (network, incomplete) = network::split(&ways, &points);
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
    let (buildings, pois) = feature_layers(areas, places, &members, &points, context);
    let fields = [&buildings, &pois].into_iter().flatten().flat_map(|layer| layer.attributes.columns());
    let mut fields: Vec<String> = fields.map(|column| column.name.clone()).collect();
    fields.sort_unstable();
    fields.dedup();
    for layer in [buildings, pois].into_iter().flatten() {
        let name =
            if layer.role == FeatureRole::PointsOfInterest { "points-of-interest" } else { "buildings" };
        layers.push((name, LayerData::Features(Arc::new(layer))));
    }

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
            wanted
                .extend(members.iter().filter(|member| member.is_way).map(|member| (member.id, Vec::new())));
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

fn feature_layers(
    areas: Vec<Area>,
    places: Vec<Place>,
    members: &HashMap<i64, Vec<i64>>,
    points: &Points,
    context: &mut ReadContext,
) -> (Option<FeatureLayer>, Option<FeatureLayer>) {
    let mut buildings = LayerBuilder::new("buildings", FeatureRole::Generic);
    let mut pois = LayerBuilder::new("points-of-interest", FeatureRole::PointsOfInterest);
    for place in places {
        if place.position[0].is_finite() {
            let point = geo::Point::new(place.position[0], place.position[1]);
            pois.push(format!("node/{}", place.id), point.into(), place.facts);
        }
    }
    for Area { id, outline, building, poi } in areas {
        let polygons = match outline {
            Outline::Way(refs) => places::polygons_of(&[refs], &[], points),
            Outline::Members(list) => {
                let ways_of = |is_inner: bool| {
                    let ways = list.iter().filter(|member| member.is_way && member.is_inner == is_inner);
                    places::rings_of(
                        ways.filter_map(|member| members.get(&member.id))
                            .filter(|refs| refs.len() > 1)
                            .cloned()
                            .collect(),
                    )
                };
                places::polygons_of(&ways_of(false), &ways_of(true), points)
            }
        };
        let geometry: geo::Geometry<f64> = match polygons.len() {
            0 => {
                context.report.add(
                    super::Severity::Info,
                    "area-open",
                    id,
                    "its outline is not closed within the extract; the area is left out",
                );
                continue;
            }
            1 => polygons.into_iter().next().map_or_else(|| geo::MultiPolygon::empty().into(), Into::into),
            _ => geo::MultiPolygon(polygons).into(),
        };
        if let Some(facts) = poi
            && let Some(center) = geometry.centroid()
        {
            pois.push(id.clone(), center.into(), facts);
        }
        if let Some(facts) = building {
            buildings.push(id, geometry, facts);
        }
    }
    (buildings.finish(), pois.finish())
}
