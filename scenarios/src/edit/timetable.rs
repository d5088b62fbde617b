//! What a scenario changes in the timetables: copies of those that a measure writes to.

use std::sync::Arc;

use layers::model::Timetable;

/// Timetables after a scenario. Those that no measure wrote to are the baseline's own, not copies.
#[derive(Clone, Debug)]
pub struct TimetableEdit {
    timetables: Vec<Arc<Timetable>>,
    is_changed: Vec<bool>,
    /// Stop ids under a measure, sorted.
    treated_stops: Vec<String>,
    /// Route ids under a measure, sorted.
    treated_routes: Vec<String>,
}

impl TimetableEdit {
    /// No change to `timetables`.
    pub fn none(timetables: &[Arc<Timetable>]) -> Self {
        Self {
            timetables: timetables.to_vec(),
            is_changed: vec![false; timetables.len()],
            treated_stops: Vec::new(),
            treated_routes: Vec::new(),
        }
    }

    /// In the order of the baseline's.
    pub fn timetables(&self) -> &[Arc<Timetable>] {
        &self.timetables
    }

    /// A timetable to write to: a copy, made at the first call. `None` where there is no such timetable.
    pub fn write(&mut self, timetable: usize) -> Option<&mut Timetable> {
        let written = self.timetables.get_mut(timetable)?;
        self.is_changed[timetable] = true;
        Some(Arc::make_mut(written))
    }

    /// Whether a measure wrote to any timetable.
    pub fn is_changed(&self) -> bool {
        self.is_changed.contains(&true)
    }

    /// Marks a stop as changed by a measure, by its GTFS id.
    pub fn treat_stop(&mut self, id: &str) {
        insert(&mut self.treated_stops, id);
    }

    /// Marks a line as changed by a measure, by its GTFS id.
    pub fn treat_route(&mut self, id: &str) {
        insert(&mut self.treated_routes, id);
    }

    pub fn treated_stops(&self) -> &[String] {
        &self.treated_stops
    }

    pub fn treated_routes(&self) -> &[String] {
        &self.treated_routes
    }
}

impl PartialEq for TimetableEdit {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&Arc<Timetable>, &Arc<Timetable>)| Arc::ptr_eq(a, b) || a == b;
        self.timetables.len() == other.timetables.len()
            && self.is_changed == other.is_changed
            && self.treated_stops == other.treated_stops
            && self.treated_routes == other.treated_routes
            && self.timetables.iter().zip(&other.timetables).all(same)
    }
}

fn insert(sorted: &mut Vec<String>, id: &str) {
    if let Err(position) = sorted.binary_search_by(|known| known.as_str().cmp(id)) {
        sorted.insert(position, id.to_owned());
    }
}
