//! Turn restrictions: relations of type "restriction" → links of the network.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/Relation:restriction>.

use std::collections::HashMap;

use super::element::{Member, MemberKind, Tags};
use crate::model::{Modes, StreetNetwork, TurnRestriction};

const VEHICLES: Modes = Modes(Modes::CAR.0 | Modes::CYCLE.0 | Modes::BUS.0);

/// A restriction before the network is made.
#[derive(Debug)]
pub(super) struct Restriction {
    pub id: i64,
    pub from: i64,
    pub via: Via,
    pub to: i64,
    pub is_only: bool,
    pub modes: Modes,
}

#[derive(Debug)]
pub(super) enum Via {
    Node(i64),
    Ways(Vec<i64>),
}

/// Vehicles that a key or value of access names.
fn modes_named(name: &str) -> Modes {
    match name.trim() {
        "motorcar" => Modes::CAR,
        "motor_vehicle" => Modes::CAR | Modes::BUS,
        "vehicle" => VEHICLES,
        "bicycle" => Modes::CYCLE,
        "bus" | "psv" | "tourist_bus" => Modes::BUS,
        "foot" => Modes::WALK,
        _ => Modes::NONE,
    }
}

/// `None` for what binds none of the modes that the program knows, binds only at times, or has not one way from, one
/// way to and something between.
pub(super) fn restriction_of(id: i64, members: &[Member], tags: &Tags<'_>) -> Option<Restriction> {
    let is_restriction =
        tags.get("type").is_some_and(|kind| kind == "restriction" || kind.starts_with("restriction:"));
    if !is_restriction {
        return None;
    }
    let mut sign: Option<(&str, Modes)> = None;
    for (key, value) in &tags.0 {
        let modes = match key.as_ref() {
            "restriction" => VEHICLES,
            other => other.strip_prefix("restriction:").map_or(Modes::NONE, modes_named),
        };
        if !modes.is_empty() {
            let (_, known) = sign.unwrap_or(("", Modes::NONE));
            sign = Some((value.as_ref(), known | modes));
        }
    }
    let (sign, mut modes) = sign?;
    for name in tags.get("except").unwrap_or_default().split(';') {
        modes = modes & !modes_named(name);
    }
    let is_only = sign.starts_with("only_");
    if modes.is_empty() || !(is_only || sign.starts_with("no_")) {
        return None;
    }
    let ways = |role: &'static str| {
        members.iter().filter(move |m| m.kind == MemberKind::Way && m.role == role).map(|m| m.id)
    };
    let one = |role: &'static str| {
        let mut ways = ways(role);
        ways.next().filter(|_| ways.next().is_none())
    };
    let mut nodes = members.iter().filter(|m| m.kind == MemberKind::Node && m.role == "via").map(|m| m.id);
    let via = match nodes.next() {
        Some(node) => Via::Node(node),
        None => Via::Ways(ways("via").collect()),
    };
    if matches!(&via, Via::Ways(ways) if ways.is_empty()) {
        return None;
    }
    Some(Restriction { id, from: one("from")?, via, to: one("to")?, is_only, modes })
}

/// Finds the links of each restriction. Returns how many have none, because their streets lie outside the extract, are
/// no streets, or do not meet.
pub(super) fn attach(restrictions: &[Restriction], network: &mut StreetNetwork) -> usize {
    if restrictions.is_empty() {
        return 0;
    }
    let mut of_way: HashMap<i64, Vec<u32>> = HashMap::new();
    for (index, link) in network.links.iter().enumerate() {
        if let Ok(way) = link.way_id.parse() {
            of_way.entry(way).or_default().push(index as u32);
        }
    }
    let node_of: HashMap<i64, u32> = network
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(index, node)| Some((node.id.parse().ok()?, index as u32)))
        .collect();
    let ends =
        |link: u32| network.links.get(link as usize).map_or([u32::MAX; 2], |link| [link.from, link.to]);
    // The only link of `way` at `node`: a way that runs on past it does not say which side is meant.
    let at = |way: i64, node: u32| {
        let mut links =
            of_way.get(&way).into_iter().flatten().copied().filter(|&link| ends(link).contains(&node));
        links.next().filter(|_| links.next().is_none())
    };
    let other_end = |link: u32, node: u32| {
        let [from, to] = ends(link);
        if from == node { to } else { from }
    };
    // Follows the links of `way` from `node` to the first node where `next` has a link too.
    let walk = |way: i64, node: u32, next: i64, path: &mut Vec<u32>| -> Option<u32> {
        let mut current = node;
        for _ in 0..=of_way.get(&way).map_or(0, Vec::len) {
            let mut links = of_way
                .get(&way)?
                .iter()
                .copied()
                .filter(|link| ends(*link).contains(&current) && !path.contains(link));
            let link = links.next().filter(|_| links.next().is_none())?;
            path.push(link);
            current = other_end(link, current);
            if at(next, current).is_some() {
                return Some(current);
            }
        }
        None
    };
    let mut found = Vec::new();
    for restriction in restrictions {
        let placed = match &restriction.via {
            Via::Node(node) => node_of.get(node).and_then(|&node| {
                Some((node, at(restriction.from, node)?, Vec::new(), at(restriction.to, node)?))
            }),
            Via::Ways(ways) => ways.first().and_then(|&first| {
                // The node at which the way from meets the first way between.
                let node =
                    of_way.get(&restriction.from)?.iter().flat_map(|&link| ends(link)).find(|&node| {
                        at(restriction.from, node).is_some()
                            && of_way
                                .get(&first)
                                .is_some_and(|links| links.iter().any(|&l| ends(l).contains(&node)))
                    })?;
                let (mut path, mut current) = (Vec::new(), node);
                for (position, &way) in ways.iter().enumerate() {
                    let next = ways.get(position + 1).copied().unwrap_or(restriction.to);
                    current = walk(way, current, next, &mut path)?;
                }
                Some((node, at(restriction.from, node)?, path, at(restriction.to, current)?))
            }),
        };
        if let Some((node, from, via, to)) = placed {
            found.push(TurnRestriction {
                id: restriction.id.to_string(),
                from,
                node,
                via,
                to,
                is_only: restriction.is_only,
                modes: restriction.modes,
            });
        }
    }
    let missing = restrictions.len() - found.len();
    network.turn_restrictions = found;
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::osm::{
        network::{Points, StreetWay, split},
        street::street_from_tags,
    };

    fn member(kind: MemberKind, id: i64, role: &str) -> Member {
        Member { kind, id, role: role.to_owned() }
    }

    fn tags(pairs: &[(&'static str, &'static str)]) -> Tags<'static> {
        Tags(pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect())
    }

    /// Points 0, 1, 2, … with OSM ids 100, 101, …; ways 1, 2, … over them.
    fn network(ways: &[&[u32]]) -> StreetNetwork {
        let mut points = Points::from_ids((100..120).collect());
        for (index, position) in points.positions.iter_mut().enumerate() {
            *position = [10.0 * index as f64, (index * index) as f64, 0.0];
        }
        let street = || street_from_tags(&tags(&[("highway", "residential")])).unwrap();
        let ways: Vec<StreetWay> = ways
            .iter()
            .zip(1..)
            .map(|(refs, id)| StreetWay { id, refs: refs.to_vec(), street: street() })
            .collect();
        split(&ways, &points).0
    }

    #[test]
    fn a_sign_at_a_node_binds_the_two_links_that_meet_there() {
        //       5
        //       |
        // 0-----2-----4     ways: 1 = 0-2, 2 = 2-4, 3 = 5-2
        let mut network = network(&[&[0, 2], &[2, 4], &[5, 2]]);
        let members = [
            member(MemberKind::Way, 1, "from"),
            member(MemberKind::Node, 102, "via"),
            member(MemberKind::Way, 3, "to"),
        ];
        let sign =
            tags(&[("type", "restriction"), ("restriction", "no_left_turn"), ("except", "bicycle;psv")]);
        let restriction = restriction_of(9, &members, &sign).unwrap();
        assert_eq!(attach(&[restriction], &mut network), 0);
        let turn = &network.turn_restrictions[0];
        assert_eq!((turn.from, turn.to, turn.modes, turn.is_only), (0, 2, Modes::CAR, false));
        assert_eq!(network.nodes[turn.node as usize].id, "102");
    }

    #[test]
    fn a_way_between_is_followed_over_its_links() {
        // 0---1---2---3---4 with 5 at 2: way 2 = 1-2-3 is two links.
        let mut network = network(&[&[0, 1], &[1, 2, 3], &[3, 4], &[5, 2]]);
        let members = [
            member(MemberKind::Way, 1, "from"),
            member(MemberKind::Way, 2, "via"),
            member(MemberKind::Way, 3, "to"),
        ];
        let sign = tags(&[("type", "restriction"), ("restriction", "no_u_turn")]);
        assert_eq!(attach(&[restriction_of(9, &members, &sign).unwrap()], &mut network), 0);
        assert_eq!(network.turn_restrictions[0].via, [1, 2]);
        assert_eq!(network.turn_restrictions[0].to, 3);
    }

    #[test]
    fn signs_for_lorries_and_incomplete_ones_bind_nobody() {
        let members = [
            member(MemberKind::Way, 1, "from"),
            member(MemberKind::Node, 102, "via"),
            member(MemberKind::Way, 3, "to"),
        ];
        let of = |pairs: &[(&'static str, &'static str)], members: &[Member]| {
            restriction_of(1, members, &tags(pairs))
        };
        assert!(of(&[("type", "restriction"), ("restriction:hgv", "no_left_turn")], &members).is_none());
        assert!(of(&[("type", "restriction"), ("restriction", "no_left_turn")], &members[..2]).is_none());
        assert!(
            of(
                &[("type", "restriction"), ("restriction:conditional", "no_left_turn @ (07:00-09:00)")],
                &members
            )
            .is_none()
        );
        assert!(of(&[("type", "multipolygon")], &members).is_none());
        let only =
            of(&[("type", "restriction"), ("restriction:bicycle", "only_straight_on")], &members).unwrap();
        assert!(only.is_only && only.modes == Modes::CYCLE);
        // Way 1 runs on past the node: which side is meant is not said.
        let mut network = network(&[&[0, 2, 4], &[9, 8], &[5, 2]]);
        let sign = of(&[("type", "restriction"), ("restriction", "no_left_turn")], &members).unwrap();
        assert_eq!(attach(&[sign], &mut network), 1);
    }
}
