//! The road model after a scenario: closed arcs, other costs, cut crossings, zones that must park elsewhere.

use layers::model::StreetNetwork;

use super::{RoadModel, chains::link_cost};
use crate::{
    assumptions::Assumptions,
    edit::{NetworkEdit, NodeSplit},
};

/// What a scenario makes of a road model. Arcs of the baseline keep their numbers; new ones come after them.
#[derive(Clone, Debug)]
pub struct EditedRoad {
    /// `None` where only arcs were closed: then the baseline's model serves.
    pub model: Option<RoadModel>,
    pub is_closed: Vec<bool>,
    /// Zones that had to be joined to farther streets.
    pub rejoined_zones: Vec<usize>,
    /// Whether crossings were cut: ways of the baseline may lead over turns that are gone.
    pub has_splits: bool,
    /// Arcs that cars drive at another cost, ascending.
    pub changed_arcs: Vec<u32>,
}

impl EditedRoad {
    /// Whether cars notice anything.
    pub fn is_changed(&self) -> bool {
        self.has_splits || !self.changed_arcs.is_empty() || self.is_closed.contains(&true)
    }
}

impl RoadModel {
    /// Applies a scenario. `zones` are the positions of the zones, without gateways. Cost: linear in arcs where anything
    /// but a speed changes, else in what changes.
    pub fn edited(
        &self,
        streets: &StreetNetwork,
        zones: &[[f64; 2]],
        edit: &NetworkEdit,
        assumptions: &Assumptions,
    ) -> EditedRoad {
        let mut is_closed = self.closed_arcs(edit);
        let mut changed_arcs = self.arcs_with_other_costs(edit);
        let inner_cuts = self.cut_chains(streets, edit.splits());
        for &arc in &inner_cuts {
            is_closed[arc as usize] = true;
        }
        changed_arcs.retain(|&arc| !is_closed[arc as usize]);
        let splits: Vec<(u32, &NodeSplit)> = edit
            .splits()
            .iter()
            .filter_map(|split| self.node(split.node).map(|node| (node, split)))
            .collect();
        let mut model: Option<RoadModel> = None;
        if !changed_arcs.is_empty() {
            model.get_or_insert_with(|| self.clone()).change_costs(streets, edit, &changed_arcs, assumptions);
        }
        if !splits.is_empty() {
            let model = model.get_or_insert_with(|| self.clone());
            for (node, split) in &splits {
                model.split_node(*node, split);
            }
            model.finish_keeping_costs();
        }
        let closes = is_closed.contains(&true);
        let mut rejoined_zones = Vec::new();
        if closes
            && let Some((joined, zones)) =
                model.as_ref().unwrap_or(self).with_connectors_for(streets, zones, edit)
        {
            model = Some(joined);
            rejoined_zones = zones;
        }
        if let Some(model) = &model {
            is_closed.resize(model.arcs(), false);
        }
        EditedRoad { model, is_closed, rejoined_zones, has_splits: !splits.is_empty(), changed_arcs }
    }

    /// `costs` as emergency services meet them: where signals turn green for them, they are spared a part of the delay
    /// by traffic. Seconds by arc.
    pub fn with_signal_priority(&self, mut costs: Vec<f64>, edit: &NetworkEdit) -> Vec<f64> {
        for (link, change) in edit.changed_links().filter(|(_, change)| change.emergency_delay_cut > 0.0) {
            for &arc in self.arcs_over(link) {
                let arc = arc as usize;
                let links = self.directed_links_of(arc).count().max(1) as f64;
                let delay = costs[arc] - self.costs.free_flow(arc);
                if delay.is_finite() && delay > 0.0 {
                    costs[arc] -= delay * change.emergency_delay_cut / links;
                }
            }
        }
        costs
    }

    /// Arcs over links that cars drive faster or slower, or that carry more or less; ascending.
    fn arcs_with_other_costs(&self, edit: &NetworkEdit) -> Vec<u32> {
        let mut arcs: Vec<u32> = edit
            .changed_links()
            .filter(|(_, change)| change.car_speed.is_some() || change.car_capacity_per_lane.is_some())
            .flat_map(|(link, _)| self.arcs_over(link).iter().copied())
            .collect();
        arcs.sort_unstable();
        arcs.dedup();
        arcs
    }

    fn change_costs(
        &mut self,
        streets: &StreetNetwork,
        edit: &NetworkEdit,
        arcs: &[u32],
        assumptions: &Assumptions,
    ) {
        for &arc in arcs {
            let arc = arc as usize;
            let (mut secs, mut slope, mut capacity) = (0.0, 0.0, f64::INFINITY);
            for (index, is_forward) in self.directed_links_of(arc) {
                let link = &streets.links[index];
                let lanes = if is_forward { link.lanes_forward } else { link.lanes_backward };
                let cost = link_cost(link, lanes, &edit.link(index), assumptions);
                secs += cost.secs;
                slope += cost.slope;
                capacity = f64::min(capacity, cost.capacity);
            }
            self.network.free_flow_time[arc] = secs;
            self.network.capacity[arc] = capacity;
            self.network.b[arc] =
                if secs > 0.0 { slope * capacity.powf(self.network.power[arc]) / secs } else { 0.0 };
            self.costs.set(arc, secs, slope);
        }
    }

    /// Chains that lead over a cut crossing inside them, from one side to the other.
    fn cut_chains(&self, streets: &StreetNetwork, splits: &[NodeSplit]) -> Vec<u32> {
        let mut cut = Vec::new();
        for split in splits {
            for &link in &split.apart {
                for &arc in self.arcs_over(link) {
                    let links: Vec<(usize, bool)> = self.directed_links_of(arc as usize).collect();
                    let crosses = links.windows(2).any(|pair| {
                        let ((first, is_forward), (second, _)) = (pair[0], pair[1]);
                        let street = &streets.links[first];
                        let between = if is_forward { street.to } else { street.from };
                        between == split.node && split.apart.contains(&first) != split.apart.contains(&second)
                    });
                    if crosses {
                        cut.push(arc);
                    }
                }
            }
        }
        cut.sort_unstable();
        cut.dedup();
        cut
    }

    /// Gives the links of `split.apart` a node of their own. Zones at the crossing are joined to both.
    fn split_node(&mut self, node: u32, split: &NodeSplit) {
        let own = self.network.nodes as u32;
        self.network.nodes += 1;
        let place = self.positions.get((node as usize).wrapping_sub(self.network.zones)).copied();
        self.positions.push(place.unwrap_or_default());
        let mut joined = Vec::new();
        for arc in 0..self.arcs() {
            let mut ends = self.directed_links_of(arc).map(|(link, _)| link);
            let first = ends.next();
            let last = ends.last().or(first);
            let is_apart = |link: Option<usize>| link.is_some_and(|link| split.apart.contains(&link));
            if self.network.from[arc] == node && is_apart(first) {
                self.network.from[arc] = own;
            }
            if self.network.to[arc] == node && is_apart(last) {
                self.network.to[arc] = own;
            }
            if first.is_none() && (self.network.from[arc] == node || self.network.to[arc] == node) {
                joined.push(arc);
            }
        }
        for arc in joined {
            let (from, to) = (self.network.from[arc], self.network.to[arc]);
            let other = |end: u32| if end == node { own } else { end };
            self.push_connector(other(from), other(to), self.network.free_flow_time[arc]);
            self.costs.push(self.network.free_flow_time[arc], 0.0, 1.0);
        }
    }

    /// As `finish`, for costs that were changed arc by arc.
    fn finish_keeping_costs(&mut self) {
        self.star = super::ForwardStar::new(self.network.nodes, &self.network.from, &self.network.to);
        self.order_nodes();
    }
}
