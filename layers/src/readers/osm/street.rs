//! What the tags of one way say about a street: class, modes, lanes, width, speed.
//!
//! Sources: OSM wiki "Key:highway", "Key:access", "Key:oneway", "Key:maxspeed", "OSM tags for routing/Access restrictions"
//! (Netherlands column where the place is Dutch).

use super::element::Tags;
use crate::model::{LinkClass, Modes};

/// A street before it is split into links.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::readers) struct Street {
    pub name: String,
    pub class: LinkClass,
    pub forward: Modes,
    pub backward: Modes,
    pub lanes_forward: u8,
    pub lanes_backward: u8,
    pub width_m: f64,
    pub speed_limit_mps: f64,
    pub has_stated_speed: bool,
    pub is_bridge: bool,
    pub is_tunnel: bool,
    pub has_cycle_track: bool,
}

const KMH: f64 = 1.0 / 3.6;

/// `None` for ways that nobody travels on: proposed, under construction, platforms and the like.
pub(in crate::readers) fn street_from_tags(tags: &Tags<'_>) -> Option<Street> {
    let highway = tags.get("highway")?;
    let mut class = class_of(highway)?;
    if tags.is("cyclestreet", "yes") || tags.is("bicycle_road", "yes") {
        class = LinkClass::CycleStreet;
    }
    let mut base = default_modes(class, tags);
    if highway == "bridleway" {
        base = Modes::WALK;
    }
    let forward = apply_access(base, tags, "");
    let (mut forward, mut backward) =
        (apply_access(forward, tags, ":forward"), apply_access(forward, tags, ":backward"));
    apply_oneway(highway, tags, &mut forward, &mut backward);
    let (lanes_forward, lanes_backward) = lanes(class, tags, forward, backward);
    let stated = speed_limit(tags);
    let lanes = f64::from(lanes_forward.max(1))
        + if backward.contains(Modes::CAR) { f64::from(lanes_backward) } else { 0.0 };
    Some(Street {
        name: tags.first(&["name", "name:nl", "ref"]).unwrap_or_default().to_owned(),
        class,
        forward,
        backward,
        lanes_forward,
        lanes_backward,
        // A "600" is six metres in centimetres or a slip; no street is wider than 100 m.
        width_m: length_m(tags.first(&["width", "est_width"]))
            .filter(|width| (0.5..=100.0).contains(width))
            .unwrap_or_else(|| default_width_m(class, lanes)),
        speed_limit_mps: stated.unwrap_or_else(|| default_speed_mps(class)),
        has_stated_speed: stated.is_some(),
        is_bridge: tags.get("bridge").is_some_and(|value| value != "no"),
        is_tunnel: tags.get("tunnel").is_some_and(|value| value != "no") || tags.is("covered", "yes"),
        has_cycle_track: has_cycle_track(class, tags),
    })
}

fn class_of(highway: &str) -> Option<LinkClass> {
    Some(match highway.strip_suffix("_link").unwrap_or(highway) {
        "motorway" => LinkClass::Motorway,
        "trunk" => LinkClass::Trunk,
        "primary" => LinkClass::Primary,
        "secondary" => LinkClass::Secondary,
        "tertiary" => LinkClass::Tertiary,
        "unclassified" | "road" => LinkClass::Unclassified,
        "residential" => LinkClass::Residential,
        "living_street" => LinkClass::LivingStreet,
        "service" => LinkClass::Service,
        "busway" | "bus_guideway" => LinkClass::Busway,
        "pedestrian" => LinkClass::Pedestrian,
        "cycleway" => LinkClass::Cycleway,
        "footway" | "corridor" => LinkClass::Footway,
        "path" | "bridleway" => LinkClass::Path,
        "steps" => LinkClass::Steps,
        "track" => LinkClass::Track,
        _ => return None,
    })
}

fn default_modes(class: LinkClass, tags: &Tags<'_>) -> Modes {
    match class {
        LinkClass::Motorway => Modes::CAR | Modes::BUS,
        _ if tags.is("motorroad", "yes") => Modes::CAR | Modes::BUS,
        LinkClass::Busway => Modes::BUS,
        LinkClass::Pedestrian | LinkClass::Footway | LinkClass::Steps => Modes::WALK,
        LinkClass::Cycleway | LinkClass::Path | LinkClass::Track => Modes::CYCLE | Modes::WALK,
        _ => Modes::ALL,
    }
}

/// From the general key to the particular; a later key overrides. The flag says whether the key can also open a street
/// to a mode that its class does not have.
const ACCESS_KEYS: [(&str, Modes, bool); 10] = [
    ("access", Modes::ALL, false),
    ("vehicle", Modes(Modes::CAR.0 | Modes::CYCLE.0 | Modes::BUS.0), false),
    ("motor_vehicle", Modes(Modes::CAR.0 | Modes::BUS.0), true),
    ("motorcar", Modes::CAR, true),
    ("bicycle", Modes::CYCLE, true),
    ("foot", Modes::WALK, true),
    ("psv", Modes::BUS, true),
    ("bus", Modes::BUS, true),
    ("sidewalk:access", Modes::NONE, false),
    ("minibus", Modes::NONE, false),
];

fn apply_access(base: Modes, tags: &Tags<'_>, suffix: &str) -> Modes {
    let mut modes = base;
    for (key, affected, can_open) in ACCESS_KEYS {
        let value = if suffix.is_empty() { tags.get(key) } else { tags.get(&format!("{key}{suffix}")) };
        match value {
            Some(
                "no" | "private" | "use_sidepath" | "dismount" | "agricultural" | "forestry" | "military"
                | "emergency" | "delivery" | "permit" | "residents" | "employees",
            ) => modes = modes & !affected,
            Some(
                "yes" | "designated" | "permissive" | "destination" | "customers" | "official" | "public",
            ) => {
                // A road that "access=no" closed is opened again for the modes named after it.
                let opened = if can_open { affected } else { affected & base };
                modes = modes | opened;
            }
            _ => {}
        }
    }
    modes
}

fn apply_oneway(highway: &str, tags: &Tags<'_>, forward: &mut Modes, backward: &mut Modes) {
    const VEHICLES: Modes = Modes(Modes::CAR.0 | Modes::CYCLE.0 | Modes::BUS.0);
    let is_round = matches!(tags.get("junction"), Some("roundabout" | "circular"));
    let direction = |value: Option<&str>| match value {
        Some("yes" | "true" | "1") => Some(1),
        Some("-1" | "reverse") => Some(-1),
        Some("no" | "false" | "0") => Some(0),
        _ => None,
    };
    let general =
        direction(tags.get("oneway")).unwrap_or_else(|| i32::from(is_round || highway == "motorway"));
    let opposite = |keys: &[&str]| {
        keys.iter().any(|key| tags.get(key).is_some_and(|value| value.starts_with("opposite")))
    };
    let has_opposite_cycling = opposite(&["cycleway", "cycleway:left", "cycleway:right", "cycleway:both"]);
    let cycle = direction(tags.first(&["oneway:bicycle", "bicycle:oneway"]))
        .unwrap_or(if has_opposite_cycling { 0 } else { general });
    let bus = direction(tags.first(&["oneway:bus", "oneway:psv"]))
        .unwrap_or(if opposite(&["busway", "busway:left", "busway:right"]) { 0 } else { general });
    let (both_forward, both_backward) = (*forward, *backward);
    for (modes, way) in [(Modes::CAR, general), (Modes::CYCLE, cycle), (Modes::BUS, bus)] {
        if way > 0 {
            *backward = *backward & !modes;
        } else if way < 0 {
            *forward = *forward & !modes;
        }
    }
    debug_assert!(both_forward & !VEHICLES == *forward & !VEHICLES && both_backward.0 >= backward.0);
}

fn lanes(class: LinkClass, tags: &Tags<'_>, forward: Modes, backward: Modes) -> (u8, u8) {
    let count = |key: &str| {
        let value = tags.get(key)?.split(';').next()?.trim().parse::<f64>().ok()?;
        (value.is_finite() && value >= 0.0).then(|| value.round().min(12.0) as u8)
    };
    let drives = [forward, backward].map(|modes| modes.contains(Modes::CAR) || modes.contains(Modes::BUS));
    let default = u8::from(matches!(class, LinkClass::Motorway | LinkClass::Trunk)) + 1;
    let (mut ahead, mut back) = match (count("lanes"), count("lanes:forward"), count("lanes:backward")) {
        (_, Some(ahead), Some(back)) => (ahead, back),
        (Some(all), Some(ahead), None) => (ahead, all.saturating_sub(ahead)),
        (Some(all), None, Some(back)) => (all.saturating_sub(back), back),
        (Some(all), None, None) if drives[0] && drives[1] => (all.div_ceil(2), all / 2),
        (Some(all), None, None) => (all, all),
        (None, ahead, back) => (ahead.unwrap_or(default), back.unwrap_or(default)),
    };
    for (lanes, drives) in [(&mut ahead, drives[0]), (&mut back, drives[1])] {
        *lanes = if drives { (*lanes).max(1) } else { 0 };
    }
    (ahead, back)
}

/// The stated speed limit in m/s. The lower of several; signs that say "walking pace" or a zone get their legal value.
pub(super) fn speed_limit(tags: &Tags<'_>) -> Option<f64> {
    tags.get("maxspeed")
        .and_then(parse_speed)
        .or_else(|| {
            let both =
                ["maxspeed:forward", "maxspeed:backward"].map(|key| tags.get(key).and_then(parse_speed));
            both.into_iter().flatten().reduce(f64::max)
        })
        .or_else(|| {
            ["maxspeed:type", "zone:maxspeed", "source:maxspeed", "zone:traffic"]
                .iter()
                .find_map(|key| tags.get(key).and_then(parse_zone))
        })
}

fn parse_speed(text: &str) -> Option<f64> {
    text.split([';', '|']).filter_map(|part| parse_one_speed(part.trim())).reduce(f64::min)
}

fn parse_one_speed(text: &str) -> Option<f64> {
    match text {
        "walk" => return Some(6.0 * KMH),
        "none" => return Some(130.0 * KMH),
        _ => {}
    }
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let Ok(number) = number.parse::<f64>() else { return parse_zone(text) };
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "km/h" | "kmh" | "kph" => KMH,
        "mph" => 0.44704,
        "knots" => 0.514_444,
        _ => return None,
    };
    let speed = number * factor;
    (speed > 0.5 && speed < 100.0).then_some(speed)
}

/// "NL:urban", "NL:zone30", "DE:30" and the like.
fn parse_zone(text: &str) -> Option<f64> {
    let (country, zone) = text.split_once(':')?;
    let is_dutch = country.eq_ignore_ascii_case("nl");
    let kmh = match zone.to_ascii_lowercase().as_str() {
        "urban" | "city" => 50.0,
        "rural" => {
            if is_dutch {
                80.0
            } else {
                90.0
            }
        }
        "motorway" => {
            if is_dutch {
                100.0
            } else {
                120.0
            }
        }
        "trunk" | "expressway" => 100.0,
        "living_street" => 15.0,
        "walk" | "pedestrian_zone" => 6.0,
        "bicycle_road" | "cyclestreet" => 30.0,
        other => {
            let digits = other.trim_start_matches("zone").trim_start_matches([':', '_']);
            digits.parse::<f64>().ok().filter(|kmh| (3.0..=140.0).contains(kmh))?
        }
    };
    Some(kmh * KMH)
}

/// Limits where nothing is stated: Dutch practice inside built-up areas, m/s.
fn default_speed_mps(class: LinkClass) -> f64 {
    let kmh = match class {
        LinkClass::Motorway | LinkClass::Trunk => 100.0,
        LinkClass::Primary
        | LinkClass::Secondary
        | LinkClass::Tertiary
        | LinkClass::Unclassified
        | LinkClass::Busway => 50.0,
        LinkClass::Residential | LinkClass::CycleStreet => 30.0,
        LinkClass::Service | LinkClass::LivingStreet | LinkClass::Track => 15.0,
        LinkClass::Cycleway | LinkClass::Path => 25.0,
        LinkClass::Pedestrian | LinkClass::Footway | LinkClass::Steps => 6.0,
    };
    kmh * KMH
}

/// Lanes and what usually lies beside them (verges, parking, pavements), metres.
fn default_width_m(class: LinkClass, lanes: f64) -> f64 {
    match class {
        LinkClass::Motorway | LinkClass::Trunk => 3.5 * lanes + 4.0,
        LinkClass::Primary => 3.25 * lanes + 9.0,
        LinkClass::Secondary => 3.25 * lanes + 8.0,
        LinkClass::Tertiary => 3.0 * lanes + 7.0,
        LinkClass::Unclassified => 3.0 * lanes + 4.0,
        LinkClass::Residential | LinkClass::CycleStreet => 2.75 * lanes + 6.0,
        LinkClass::LivingStreet | LinkClass::Pedestrian => 8.0,
        LinkClass::Busway => 7.0,
        LinkClass::Service => 5.0,
        LinkClass::Cycleway | LinkClass::Steps | LinkClass::Track => 3.0,
        LinkClass::Footway | LinkClass::Path => 2.0,
    }
}

/// "5.5", "5.5 m", "5,5", "18 ft", "18'6\"" in metres.
pub(super) fn length_m(text: Option<&str>) -> Option<f64> {
    let text = text?.split(';').next()?.trim().replace(',', ".");
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let number: f64 = number.parse().ok()?;
    let metres = match unit.trim() {
        "" | "m" | "metre" | "meter" => number,
        "ft" | "feet" => number * 0.3048,
        "cm" => number / 100.0,
        "km" => number * 1000.0,
        feet if feet.starts_with('\'') => {
            let inches: f64 = feet.trim_matches(['\'', '"']).trim().parse().unwrap_or(0.0);
            number * 0.3048 + inches * 0.0254
        }
        _ => return None,
    };
    (metres > 0.0 && metres < 1000.0).then_some(metres)
}

fn has_cycle_track(class: LinkClass, tags: &Tags<'_>) -> bool {
    class == LinkClass::Cycleway
        || tags.is("bicycle", "use_sidepath")
        || ["cycleway", "cycleway:left", "cycleway:right", "cycleway:both"].iter().any(|key| {
            tags.get(key).is_some_and(|value| {
                matches!(value, "lane" | "track" | "separate" | "sidepath") || value.starts_with("opposite_")
            })
        })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn street(text: &str) -> Option<Street> {
        let pairs = text.split_whitespace().filter_map(|pair| pair.split_once('='));
        street_from_tags(&Tags(pairs.map(|(k, v)| (Cow::Borrowed(k), Cow::Borrowed(v))).collect()))
    }

    fn modes(text: &str) -> (Modes, Modes) {
        street(text).map(|street| (street.forward, street.backward)).unwrap()
    }

    const VEHICLES: Modes = Modes(11);

    #[test]
    fn oneway_binds_vehicles_and_never_walkers() {
        assert_eq!(modes("highway=residential"), (Modes::ALL, Modes::ALL));
        assert_eq!(modes("highway=residential oneway=yes"), (Modes::ALL, Modes::WALK));
        assert_eq!(modes("highway=residential oneway=-1"), (Modes::WALK, Modes::ALL));
        assert_eq!(modes("highway=tertiary junction=roundabout"), (Modes::ALL, Modes::WALK));
        assert_eq!(modes("highway=tertiary junction=roundabout oneway=no"), (Modes::ALL, Modes::ALL));
        assert_eq!(modes("highway=motorway"), (Modes::CAR | Modes::BUS, Modes::NONE));
        assert_eq!(
            modes("highway=motorway_link").1,
            Modes::CAR | Modes::BUS,
            "links are two-way unless tagged"
        );
    }

    #[test]
    fn bicycles_and_buses_may_go_against_the_arrow_where_a_sign_says_so() {
        for text in ["oneway:bicycle=no", "cycleway=opposite", "cycleway:left=opposite_lane"] {
            let (forward, backward) = modes(&format!("highway=residential oneway=yes {text}"));
            assert_eq!((forward, backward), (Modes::ALL, Modes::WALK | Modes::CYCLE), "{text}");
        }
        assert_eq!(modes("highway=primary oneway=yes oneway:bus=no").1, Modes::WALK | Modes::BUS);
        assert_eq!(modes("highway=primary oneway=yes busway=opposite_lane").1, Modes::WALK | Modes::BUS);
        assert_eq!(modes("highway=cycleway oneway:bicycle=yes"), (Modes::CYCLE | Modes::WALK, Modes::WALK));
    }

    #[test]
    fn particular_access_keys_override_general_ones() {
        assert_eq!(modes("highway=residential access=private").0, Modes::NONE);
        assert_eq!(modes("highway=residential motor_vehicle=no").0, Modes::CYCLE | Modes::WALK);
        assert_eq!(
            modes("highway=tertiary motor_vehicle=no bus=yes").0,
            Modes::CYCLE | Modes::WALK | Modes::BUS
        );
        assert_eq!(modes("highway=service access=no psv=yes").0, Modes::BUS);
        assert_eq!(
            modes("highway=service access=no foot=yes bicycle=designated").0,
            Modes::CYCLE | Modes::WALK
        );
        assert_eq!(modes("highway=pedestrian bicycle=yes").0, Modes::CYCLE | Modes::WALK);
        assert_eq!(
            modes("highway=footway access=yes").0,
            Modes::WALK,
            "access=yes does not let cars on a pavement"
        );
        assert_eq!(modes("highway=primary bicycle=use_sidepath").0, Modes::CAR | Modes::BUS | Modes::WALK);
        assert_eq!(modes("highway=trunk motorroad=yes").0, Modes::CAR | Modes::BUS);
        assert_eq!(modes("highway=residential vehicle=destination").0, Modes::ALL);
        assert_eq!(modes("highway=residential vehicle:backward=no").1, Modes::WALK);
        assert_eq!(
            modes("highway=residential vehicle:backward=no bicycle:backward=yes").1,
            Modes::WALK | Modes::CYCLE
        );
        assert!(VEHICLES.contains(Modes::CAR));
    }

    #[test]
    fn speeds_are_read_in_their_units_and_zones() {
        let kmh = |text: &str| {
            street(text)
                .map(|s| ((s.speed_limit_mps * 3.6 * 10.0).round() / 10.0, s.has_stated_speed))
                .unwrap()
        };
        assert_eq!(kmh("highway=primary maxspeed=70"), (70.0, true));
        assert_eq!(kmh("highway=primary maxspeed=50;30"), (30.0, true));
        assert_eq!(kmh("highway=primary maxspeed=NL:urban"), (50.0, true));
        assert_eq!(kmh("highway=residential maxspeed=NL:zone30"), (30.0, true));
        assert_eq!(kmh("highway=residential zone:maxspeed=NL:30"), (30.0, true));
        assert_eq!(kmh("highway=unclassified source:maxspeed=NL:rural"), (80.0, true));
        assert_eq!(kmh("highway=living_street maxspeed=walk"), (6.0, true));
        assert_eq!(kmh("highway=motorway maxspeed=none"), (130.0, true));
        assert_eq!(kmh("highway=motorway maxspeed=variable"), (100.0, false));
        assert_eq!(kmh("highway=residential"), (30.0, false));
        assert_eq!(kmh("highway=residential maxspeed=0"), (30.0, false));
        let mph = street_from_tags(&Tags(vec![
            ("highway".into(), "primary".into()),
            ("maxspeed".into(), "30 mph".into()),
        ]))
        .unwrap();
        assert!((mph.speed_limit_mps - 13.4112).abs() < 1e-9);
    }

    #[test]
    fn lanes_are_shared_out_over_the_directions_that_drive() {
        let lanes = |text: &str| street(text).map(|s| (s.lanes_forward, s.lanes_backward)).unwrap();
        assert_eq!(lanes("highway=residential"), (1, 1));
        assert_eq!(lanes("highway=primary lanes=4"), (2, 2));
        assert_eq!(lanes("highway=primary lanes=3"), (2, 1));
        assert_eq!(lanes("highway=primary lanes=3 lanes:backward=2"), (1, 2));
        assert_eq!(lanes("highway=primary lanes=2 oneway=yes"), (2, 0));
        assert_eq!(lanes("highway=primary lanes=1"), (1, 1));
        assert_eq!(lanes("highway=motorway"), (2, 0));
        assert_eq!(lanes("highway=footway"), (0, 0));
        assert_eq!(lanes("highway=primary lanes=many"), (1, 1));
    }

    #[test]
    fn widths_come_from_the_source_or_the_class() {
        assert_eq!(length_m(Some("5.5")), Some(5.5));
        assert_eq!(length_m(Some("5,5 m")), Some(5.5));
        assert_eq!(length_m(Some("10 ft")), Some(3.048));
        assert!((length_m(Some("10'6\"")).unwrap() - 3.2004).abs() < 1e-9);
        assert_eq!(length_m(Some("wide")), None);
        assert_eq!(street("highway=residential width=9").unwrap().width_m, 9.0);
        assert!(
            street("highway=primary lanes=4").unwrap().width_m > street("highway=primary").unwrap().width_m
        );
    }

    #[test]
    fn odd_highways_are_no_streets() {
        for text in ["highway=construction", "highway=platform", "highway=proposed", "building=yes"] {
            assert!(street(text).is_none(), "{text}");
        }
        assert_eq!(street("highway=residential cyclestreet=yes").unwrap().class, LinkClass::CycleStreet);
        assert!(
            street("highway=secondary cycleway:right=track bridge=yes")
                .is_some_and(|s| s.has_cycle_track && s.is_bridge)
        );
    }
}
