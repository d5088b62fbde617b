//! OpenStreetMap XML and PBF.

use layers::{
    crs::Epsg,
    model::{FeatureLayer, FeatureRole, LayerData, LinkClass, Modes, StreetNetwork},
    readers::ReadOutcome,
};

use crate::support::{assert_near, city, counts, read_ok, shared};

fn streets(outcome: &ReadOutcome) -> &StreetNetwork {
    let streets = |data: &LayerData| matches!(data, LayerData::Streets(_));
    let layer = outcome.layers.iter().find(|layer| streets(&layer.data)).expect("streets");
    let LayerData::Streets(network) = &layer.data else { unreachable!() };
    network
}

#[test]
fn real_extracts_have_the_counts_that_others_found() {
    for (name, [nodes, ways, relations, highways, buildings], bbox, crs) in [
        (
            "porto_alegre.osm.pbf",
            [43264, 16032, 23, 15886, 12],
            [-51.2664, -30.1133, -51.1322, -29.9876],
            Epsg(32722),
        ),
        (
            "helsinki_centre.osm.pbf",
            [24260, 5130, 620, 2650, 433],
            [24.9352, 60.1642, 24.9534, 60.1791],
            Epsg(32635),
        ),
        (
            "liechtenstein.osm.pbf",
            [142832, 15247, 358, 4660, 8992],
            [9.3978, 46.7863, 9.6715, 47.5258],
            Epsg(32632),
        ),
        ("heemserveen_nl.osm.pbf", [42, 20, 79, 20, 0], [6.5624, 52.5941, 6.5706, 52.6007], Epsg::RD_NEW),
        (
            "amsterdam_bicycle_parking.osm",
            [1198, 170, 0, 0, 11],
            [4.7336, 52.2782, 5.0741, 52.4295],
            Epsg::RD_NEW,
        ),
    ] {
        let Some(path) = shared(&format!("osm-roads/{name}")) else { return };
        let outcome = read_ok(&path);
        let found = counts(&outcome.inspection);
        let expected = [
            ("buildings", buildings),
            ("highways", highways),
            ("nodes", nodes),
            ("relations", relations),
            ("ways", ways),
        ];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{name}");
        let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
        assert_near(&[x0, y0, x1, y1], &bbox, 6e-5);
        assert_eq!(outcome.crs, crs, "{name}");
        assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:4326"));
        println!("{name}: {:?}", outcome.inspection.faults);
    }
}

#[test]
fn a_network_is_sound_and_made_of_metres() {
    let Some(path) = shared("osm-roads/porto_alegre.osm.pbf") else { return };
    let outcome = read_ok(&path);
    let network = streets(&outcome);
    assert!(network.links.len() > 15_000, "{}", network.links.len());
    let mut ids: Vec<&str> = network.links.iter().map(|link| link.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), network.links.len(), "link ids are unique");
    for link in &network.links {
        let (from, to) = (&network.nodes[link.from as usize], &network.nodes[link.to as usize]);
        assert_ne!(link.from, link.to, "{}", link.id);
        assert_eq!((link.geometry[0], link.geometry[link.geometry.len() - 1]), (from.position, to.position));
        assert_eq!(link.id.split('-').nth(1), Some(from.id.as_str()));
        assert!(link.length_m > 0.0 && link.length_m < 5_000.0, "{} {}", link.id, link.length_m);
        assert!(
            (1.0..45.0).contains(&link.speed_limit_mps) && (1.0..60.0).contains(&link.width_m),
            "{link:?}"
        );
        if link.forward.contains(Modes::CAR) {
            assert!(link.lanes_forward >= 1, "{}", link.id);
        }
    }
    // UTM and the sphere agree to the scale factor of the zone.
    let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
    let size = network.bounds().size();
    let width = (x1 - x0).to_radians() * 6_378_137.0 * (f64::midpoint(y0, y1)).to_radians().cos();
    assert!((size[0] / width - 1.0).abs() < 0.03, "{} {width}", size[0]);
    let named = network.links.iter().filter(|link| link.name == "Avenida Ipiranga").count();
    assert!(named > 10, "{named}");
    assert!(network.links.iter().any(|link| link.class == LinkClass::Primary));
    assert!(network.nodes.iter().any(|node| node.has_signals));
}

fn layer_named<'a>(outcome: &'a ReadOutcome, name: &str) -> &'a FeatureLayer {
    let named = outcome.layers.iter().find_map(|layer| match &layer.data {
        LayerData::Features(features) if features.name == name => Some(&**features),
        _ => None,
    });
    named.unwrap_or_else(|| panic!("no layer {name}"))
}

#[test]
fn buildings_places_and_ground_come_along() {
    let Some(path) = shared("osm-roads/helsinki_centre.osm.pbf") else { return };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    let buildings = model.objects.iter().filter(|object| object.object_type.name() == "Building").count();
    assert!(buildings >= 433, "{buildings}");
    let pois = layer_named(&outcome, "points-of-interest");
    assert_eq!(pois.role, FeatureRole::PointsOfInterest);
    let amenity = |row| pois.attributes.get(row, "amenity").to_text();
    assert!((0..pois.features.len()).all(|row| !amenity(row).is_empty()));
    for word in ["supermarket", "pharmacy"] {
        assert!((0..pois.features.len()).any(|row| amenity(row) == word), "{word}");
    }
    let surfaces = layer_named(&outcome, "surfaces");
    assert_eq!(surfaces.role, FeatureRole::Surfaces);
    let words: std::collections::BTreeSet<String> =
        (0..surfaces.features.len()).map(|row| surfaces.attributes.get(row, "surface").to_text()).collect();
    println!("{} surfaces: {words:?}", surfaces.features.len());
    for word in ["grass", "park", "square", "water"] {
        assert!(words.contains(word), "{word}: {words:?}");
    }
    assert_eq!(layer_named(&outcome, "rail").role, FeatureRole::Rail);
    assert!(layer_named(&outcome, "trees").features.len() > 10);
}

#[test]
fn heights_make_blocks_and_parts_stand_in_their_building() {
    let Some(path) = shared("osm-roads/helsinki_centre.osm.pbf") else { return };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    let (mut blocks, mut parts) = (0, 0);
    for (row, object) in model.objects.iter().enumerate() {
        let height = model.attributes.get(row, "height_m").as_f64();
        let base = model.attributes.get(row, "min_height_m").as_f64().unwrap_or(0.0);
        let block = object.geometries.iter().find(|geometry| geometry.lod.is_some_and(|lod| lod.major == 1));
        parts += object.children.len();
        assert!(!object.geometries.is_empty(), "{}", object.id);
        let Some(block) = block else {
            assert!(
                height.is_none_or(|height| height <= base) || !object.children.is_empty(),
                "{}",
                object.id
            );
            continue;
        };
        blocks += 1;
        let heights: Vec<f64> = block.indices.iter().map(|&vertex| model.vertices.at(vertex)[2]).collect();
        let (low, high) = heights.iter().fold((f64::MAX, f64::MIN), |(l, h), &z| (l.min(z), h.max(z)));
        assert_eq!((Some(low), Some(high)), (Some(base), height), "{}", object.id);
        let source = model.attributes.get(row, "height_source").to_text();
        assert!(source == "height" || source == "levels", "{}: {source}", object.id);
    }
    println!(
        "{} buildings and parts, {blocks} with a height, {parts} parts in a building",
        model.objects.len()
    );
    assert!(blocks > 200, "{blocks}");
}

#[test]
fn turn_restrictions_name_links_that_meet() {
    let mut all = 0;
    for name in ["helsinki_centre", "liechtenstein", "porto_alegre", "heemserveen_nl"] {
        let Some(path) = shared(&format!("osm-roads/{name}.osm.pbf")) else { return };
        let outcome = read_ok(&path);
        let network = streets(&outcome);
        for turn in &network.turn_restrictions {
            let ends = |link: u32| [network.links[link as usize].from, network.links[link as usize].to];
            assert!(ends(turn.from).contains(&turn.node), "{name} {}", turn.id);
            let mut path: Vec<u32> = vec![turn.from];
            path.extend(&turn.via);
            path.push(turn.to);
            for pair in path.windows(2) {
                assert!(ends(pair[0]).iter().any(|node| ends(pair[1]).contains(node)), "{name} {}", turn.id);
            }
            assert!(!turn.modes.is_empty());
        }
        let outside = outcome.inspection.faults.iter().find(|fault| fault.code == "restriction-outside");
        println!("{name}: {} turn restrictions; {outside:?}", network.turn_restrictions.len());
        all += network.turn_restrictions.len();
    }
    assert!(all > 50, "{all}");
}
