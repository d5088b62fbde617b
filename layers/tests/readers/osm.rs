//! OpenStreetMap XML and PBF.

use layers::{
    crs::Epsg,
    model::{FeatureRole, LayerData, LinkClass, Modes, StreetNetwork},
    readers::ReadOutcome,
};

use crate::support::{assert_near, counts, read_ok, shared};

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

#[test]
fn buildings_and_places_come_along() {
    let Some(path) = shared("osm-roads/helsinki_centre.osm.pbf") else { return };
    let outcome = read_ok(&path);
    let features: Vec<_> = outcome
        .layers
        .iter()
        .filter_map(
            |layer| if let LayerData::Features(features) = &layer.data { Some(features) } else { None },
        )
        .collect();
    let buildings = features.iter().find(|layer| layer.name == "buildings").unwrap();
    assert!(buildings.features.len() >= 433, "{}", buildings.features.len());
    let pois = features.iter().find(|layer| layer.role == FeatureRole::PointsOfInterest).unwrap();
    let amenity = |row| pois.attributes.get(row, "amenity").to_text();
    assert!((0..pois.features.len()).all(|row| !amenity(row).is_empty()));
    for word in ["supermarket", "pharmacy"] {
        assert!((0..pois.features.len()).any(|row| amenity(row) == word), "{word}");
    }
}
