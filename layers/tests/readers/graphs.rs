//! Street graphs (GraphML) and emission sources on roads (AERIUS IMAER).

use layers::{
    crs::Epsg,
    model::{FeatureLayer, FeatureRole, LayerData, Modes, StreetNetwork},
    readers::{ReadError, ReadOutcome},
};

use crate::support::{Scratch, assert_near, counts, read, read_ok, shared};

fn features(outcome: &ReadOutcome) -> &FeatureLayer {
    let found = outcome.layers.iter().find_map(|layer| match &layer.data {
        LayerData::Features(layer) => Some(&**layer),
        _ => None,
    });
    found.expect("features")
}

fn streets(outcome: &ReadOutcome) -> &StreetNetwork {
    let found = outcome.layers.iter().find_map(|layer| match &layer.data {
        LayerData::Streets(network) => Some(&**network),
        _ => None,
    });
    found.expect("streets")
}

fn sum(layer: &FeatureLayer, column: &str) -> f64 {
    (0..layer.features.len()).filter_map(|row| layer.attributes.get(row, column).as_f64()).sum()
}

#[test]
fn the_rotterdam_graph_has_its_nodes_edges_and_people() {
    let Some(path) = shared("osm-roads/rotterdam_roads_osmnx.graphml") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found["nodes"], found["edges"]), (1226, 2836));
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:32631"));
    assert_eq!(outcome.crs, Epsg(32631));
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
    let zones = features(&outcome);
    assert_eq!((zones.role, zones.features.len()), (FeatureRole::Zones, 1226));
    assert_eq!(sum(zones, "population"), 1_361_028.0);
    let [x0, y0, _, x1, y1, _] = zones.bounds().to_array().unwrap();
    assert_near(&[x0, y0, x1, y1], &[585718.7631, 5730088.9752, 624107.9528, 5764803.8664], 1e-3);
    let network = streets(&outcome);
    assert_eq!((network.nodes.len(), network.links.len()), (1226, 2836));
    let kilometres: f64 = network.links.iter().map(|link| link.length_m).sum::<f64>() / 1000.0;
    assert!((kilometres / 2136.0 - 1.0).abs() < 0.005, "{kilometres}");
    let mut ids: Vec<&str> = network.links.iter().map(|link| link.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2836, "link ids are unique");
    for link in &network.links {
        assert!(!link.backward.contains(Modes::CAR), "{}", link.id);
        assert!((2.0..40.0).contains(&link.speed_limit_mps), "{link:?}");
        let (from, to) = (&network.nodes[link.from as usize], &network.nodes[link.to as usize]);
        let ends = [link.geometry[0], link.geometry[link.geometry.len() - 1]];
        assert_near(&ends[0], &from.position, 0.01);
        assert_near(&ends[1], &to.position, 0.01);
    }
    // One ramp is closed to all ("access=no").
    let for_cars =
        network.links.iter().filter(|link| link.forward.contains(Modes::CAR) && link.lanes_forward >= 1);
    assert_eq!(for_cars.count(), 2835);
    assert!(network.nodes.iter().any(|node| node.has_signals));
}

#[test]
fn the_graph_lands_in_rd_when_the_project_is_in_rd() {
    let Some(path) = shared("osm-roads/rotterdam_roads_osmnx.graphml") else { return };
    let mut context = layers::readers::ReadContext { target: Some(Epsg::RD_NEW), ..Default::default() };
    let outcome = layers::readers::read(&layers::readers::Source::from_path(&path), &mut context).unwrap();
    assert!(layers::crs::looks_like_rd(&streets(&outcome).bounds()));
    assert!(layers::crs::looks_like_rd(&features(&outcome).bounds()));
}

#[test]
fn a_graph_without_places_is_refused_and_a_damaged_one_named() {
    let text =
        r#"<graphml><key id="d0" for="node" attr.name="label"/><graph><node id="a"/></graph></graphml>"#;
    let file = Scratch::new("plain.graphml", text.as_bytes());
    let error = read(&file.0).unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }) && error.to_string().contains("x and y"), "{error}");
    let text = r#"<graphml><key id="x" attr.name="x"/><key id="y" attr.name="y"/><key id="c" attr.name="crs"/><key id="g" attr.name="geometry"/>
        <graph edgedefault="directed"><data key="c">EPSG:28992</data>
        <node id="a"><data key="x">85000</data><data key="y">447000</data></node><node id="b"><data key="x">85100</data><data key="y">447000</data></node>
        <node id="c"><data key="x">nan</data><data key="y">447000</data></node>
        <edge id="0" source="a" target="b"><data key="g">LINESTRING (oops)</data></edge><edge id="1" source="a" target="z"/><edge id="2" source="b" target="c"/>
        </graph></graphml>"#;
    let file = Scratch::new("damaged.graphml", text.as_bytes());
    let outcome = read_ok(&file.0);
    let codes: Vec<&str> = outcome.inspection.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["node-without-place", "geometry", "node-unknown", "node-unknown"]);
    assert_eq!(streets(&outcome).links.len(), 1);
    assert_eq!(streets(&outcome).links[0].length_m, 100.0);
}

#[test]
fn aerius_roads_keep_their_vehicles_and_emissions() {
    for (name, roads, emissions, vehicles, title) in [
        (
            "reference",
            [283, 474],
            [435_425.5, 62_308.9, 37_700.8, 65_681.6],
            [8_319_924.0, 531_571.0, 560_417.0, 26_401.0],
            "Referentie",
        ),
        (
            "proposed",
            [293, 415],
            [438_794.0, 62_311.5, 37_514.6, 64_940.3],
            [7_850_747.0, 505_612.0, 553_425.0, 0.0],
            "",
        ),
    ] {
        let Some(path) = shared(&format!("traffic/aerius-waalwijk/scenario_traffic_network_{name}.gml"))
        else {
            return;
        };
        let outcome = read_ok(&path);
        assert_eq!(outcome.inspection.format, "imaer");
        assert_eq!(outcome.inspection.version.as_deref(), Some("6.0"));
        assert_eq!((outcome.inspection.crs.as_deref(), outcome.crs), (Some("EPSG:28992"), Epsg::RD_NEW));
        assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
        let found = counts(&outcome.inspection);
        assert_eq!([found["SRM1Road"], found["SRM2Road"]], roads);
        let layer = features(&outcome);
        assert!(title.is_empty() || layer.name == title, "{}", layer.name);
        let columns = ["emission_nox", "emission_no2", "emission_pm10", "emission_nh3"];
        assert_near(&columns.map(|column| sum(layer, column)), &emissions, 0.1);
        assert!(columns.iter().all(|c| layer.attributes.column(c).unwrap().unit.as_deref() == Some("kg/a")));
        let columns = ["light_per_day", "medium_freight_per_day", "heavy_freight_per_day", "bus_per_day"];
        assert_near(&columns.map(|column| sum(layer, column)), &vehicles, 0.5);
        assert_near(&[sum(layer, "vehicles_per_day")], &[vehicles.iter().sum()], 0.5);
        let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
        assert_near(&[x0, y0, x1, y1], &[130_428.0, 408_150.0, 150_858.0, 427_180.0], 1.0);
        assert!(layer.features.iter().all(|f| matches!(f.geometry, Some(geo::Geometry::LineString(_)))));
    }
}
