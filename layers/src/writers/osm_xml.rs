//! Streets as OSM XML, with the tags from which a reader gets the same links back.
//!
//! Links of one way that follow each other become one `<way>`. Coordinates have nine decimals, a tenth of a
//! millimetre, where OSM itself keeps seven.

use std::{collections::BTreeSet, fmt::Write as _, io::Write, path::Path};

use super::{WriteError, lon_lat, stream};
use crate::{
    crs::Epsg,
    model::{Link, LinkClass, Modes, Provenance, StreetNetwork},
};

/// Ids of bends and of ways that need a new one start here, above those of OSM and of the demo town.
const FREE_ID: u64 = 9_970_000_000;

pub fn write(
    path: &Path,
    network: &StreetNetwork,
    crs: Epsg,
    provenance: &Provenance,
) -> Result<(), WriteError> {
    let mut points: Vec<[f64; 2]> = network.nodes.iter().map(|node| node.position).collect();
    for link in &network.links {
        points.extend(bends(link));
    }
    let places = lon_lat(path, crs, &points)?;
    let (node_places, bend_places) = places.split_at(network.nodes.len());
    let ways = ways(network);
    stream(path, |out| {
        let mut put =
            |text: &str| out.write_all(text.as_bytes()).map_err(|error| WriteError::io(path, error));
        put(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<osm version=\"0.6\" generator=\"Stadsmaquette\" \
             copyright=\"{}\" license=\"{}\">\n",
            escaped(&provenance.source),
            escaped(&provenance.licence)
        ))?;
        for (node, [lon, lat]) in network.nodes.iter().zip(node_places) {
            let id = escaped(&node.id);
            put(&if node.has_signals {
                format!(
                    "<node id=\"{id}\" lat=\"{lat:.9}\" lon=\"{lon:.9}\"><tag k=\"highway\" v=\"traffic_signals\"/></node>\n"
                )
            } else {
                format!("<node id=\"{id}\" lat=\"{lat:.9}\" lon=\"{lon:.9}\"/>\n")
            })?;
        }
        for (number, [lon, lat]) in bend_places.iter().enumerate() {
            put(&format!("<node id=\"{}\" lat=\"{lat:.9}\" lon=\"{lon:.9}\"/>\n", FREE_ID + number as u64))?;
        }
        // Number of the first bend of each link.
        let mut first_bend = Vec::with_capacity(network.links.len());
        let mut count = 0_u64;
        for link in &network.links {
            first_bend.push(count);
            count += bends(link).count() as u64;
        }
        for way in &ways {
            let mut text = format!("<way id=\"{}\">", escaped(&way.id));
            for (position, &number) in way.links.iter().enumerate() {
                let link = &network.links[number];
                let mut put_ref = |id: &str| {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "<nd ref=\"{}\"/>", escaped(id));
                };
                let id_of = |node: u32| network.nodes.get(node as usize).map_or("0", |node| node.id.as_str());
                if position == 0 {
                    put_ref(id_of(link.from));
                }
                for bend in 0..bends(link).count() as u64 {
                    put_ref(&(FREE_ID + first_bend[number] + bend).to_string());
                }
                put_ref(id_of(link.to));
            }
            if let Some(link) = way.links.first().map(|&number| &network.links[number]) {
                for (key, value) in tags(link) {
                    let _ = write!(text, "<tag k=\"{key}\" v=\"{}\"/>", escaped(&value));
                }
            }
            text.push_str("</way>\n");
            put(&text)?;
        }
        put("</osm>\n")
    })
}

/// The points of a link between its two nodes.
fn bends(link: &Link) -> impl Iterator<Item = [f64; 2]> {
    let count = link.geometry.len();
    link.geometry.iter().copied().enumerate().filter(move |(i, _)| *i > 0 && i + 1 < count).map(|(_, p)| p)
}

struct Way {
    id: String,
    links: Vec<usize>,
}

/// Chains of links of the same way; a way that does not hang together gets new ids for its later pieces.
fn ways(network: &StreetNetwork) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut free = FREE_ID;
    for (number, link) in network.links.iter().enumerate() {
        if let Some(way) = ways.last_mut() {
            let continues = way.links.last().map(|&last| &network.links[last]).is_some_and(|last| {
                last.way_id == link.way_id && last.to == link.from && tags(last) == tags(link)
            });
            if continues {
                way.links.push(number);
                continue;
            }
        }
        let id = if used.insert(&link.way_id) {
            link.way_id.clone()
        } else {
            free += 1;
            free.to_string()
        };
        ways.push(Way { id, links: vec![number] });
    }
    ways
}

/// Modes that a class has without any access tag, as readers of OSM take them (Netherlands).
fn class_modes(class: LinkClass) -> Modes {
    match class {
        LinkClass::Motorway => Modes::CAR | Modes::BUS,
        LinkClass::Busway => Modes::BUS,
        LinkClass::Pedestrian | LinkClass::Footway | LinkClass::Steps => Modes::WALK,
        LinkClass::Cycleway | LinkClass::Path | LinkClass::Track => Modes::CYCLE | Modes::WALK,
        _ => Modes::ALL,
    }
}

/// OSM tags of a link, in a fixed order.
fn tags(link: &Link) -> Vec<(&'static str, String)> {
    let mut tags: Vec<(&'static str, String)> = Vec::new();
    let mut put = |key, value: &str| tags.push((key, value.to_owned()));
    if link.class == LinkClass::CycleStreet {
        put("highway", "residential");
        put("cyclestreet", "yes");
    } else {
        put("highway", link.class.name());
    }
    if !link.name.is_empty() {
        put("name", &link.name);
    }
    let yes_no = |yes: bool| if yes { "yes" } else { "no" };
    let all = link.forward | link.backward;
    let mut known = class_modes(link.class);
    if known.contains(Modes::CAR) != all.contains(Modes::CAR) {
        put("motor_vehicle", yes_no(all.contains(Modes::CAR)));
        // The tag speaks for buses too.
        known = if all.contains(Modes::CAR) { known | Modes::BUS } else { known & !Modes::BUS };
    }
    for (key, mode) in [("bus", Modes::BUS), ("bicycle", Modes::CYCLE), ("foot", Modes::WALK)] {
        if known.contains(mode) != all.contains(mode) {
            put(key, yes_no(all.contains(mode)));
        }
    }
    let direction = |mode: Modes| match (link.forward.contains(mode), link.backward.contains(mode)) {
        (true, false) => 1,
        (false, true) => -1,
        _ => 0,
    };
    let word = |direction: i32| match direction {
        1 => "yes",
        -1 => "-1",
        _ => "no",
    };
    let general = if all.contains(Modes::CAR) { direction(Modes::CAR) } else { 0 };
    // A motorway is one-way unless it says otherwise.
    if general != 0 || link.class == LinkClass::Motorway {
        put("oneway", word(general));
    }
    for (key, mode) in [("oneway:bicycle", Modes::CYCLE), ("oneway:bus", Modes::BUS)] {
        if all.contains(mode) && direction(mode) != general {
            put(key, word(direction(mode)));
        }
    }
    if direction(Modes::WALK) != 0 {
        let key = if direction(Modes::WALK) > 0 { "foot:backward" } else { "foot:forward" };
        put(key, "no");
    }
    if link.has_stated_speed {
        let kmh = (link.speed_limit_mps * 3.6 * 1e6).round() / 1e6;
        put("maxspeed", &kmh.to_string());
    }
    if all.contains(Modes::CAR) || all.contains(Modes::BUS) {
        put("lanes", &(u16::from(link.lanes_forward) + u16::from(link.lanes_backward)).to_string());
        put("lanes:forward", &link.lanes_forward.to_string());
        put("lanes:backward", &link.lanes_backward.to_string());
    }
    put("width", &link.width_m.to_string());
    if link.has_cycle_track && link.class != LinkClass::Cycleway {
        put("cycleway", "track");
    }
    if link.is_bridge {
        put("bridge", "yes");
        put("layer", "1");
    }
    if link.is_tunnel {
        put("tunnel", "yes");
        put("layer", "-1");
    }
    tags
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
