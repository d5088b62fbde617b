//! Keys of inputs: BLAKE3 over what a node really reads.

use layers::model::Modes;

use crate::{
    baseline::fingerprint::timetable_key,
    edit::{CarSpeed, CityEdit, LinkEdit},
};

/// Names one computation with all its inputs. Equal keys mean equal outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputKey([u8; 32]);

/// Feeds inputs into a key. Every value is preceded by its length or has a fixed one, so that no two different lists of
/// inputs run together into the same bytes.
#[derive(Clone, Debug, Default)]
pub struct KeyHasher(blake3::Hasher);

impl KeyHasher {
    pub fn new(name: &str) -> Self {
        let mut hasher = Self::default();
        hasher.text(name);
        hasher
    }
    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }
    /// By bits: −0.0 and 0.0 are two numbers here, which costs a computation at worst.
    pub fn number(&mut self, number: f64) {
        self.0.update(&number.to_bits().to_le_bytes());
    }
    pub fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_le_bytes());
    }
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }
    pub fn key(&mut self, key: InputKey) {
        self.0.update(&key.0);
    }
    pub fn finish(&self) -> InputKey {
        InputKey(*self.0.finalize().as_bytes())
    }
}

/// A part of what a scenario changes. A node names the parts that it reads; a change of another part leaves it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All that car traffic depends on: streets as cars see them, and the buildings and hubs where trips begin and end.
    Cars,
    Cycling,
    Walking,
    /// Streets that lose the bus, and with it their stops.
    Stops,
    /// Which links are under a measure, with delivery windows.
    Treated,
    Timetable,
    /// People, jobs and places of daily needs.
    Buildings,
    /// How fast help gets through.
    Help,
    /// What the ground of streets is for.
    Space,
    /// How fast traffic drives.
    Speeds,
}

impl Part {
    pub const ALL: [Self; 10] = [
        Self::Cars,
        Self::Cycling,
        Self::Walking,
        Self::Stops,
        Self::Treated,
        Self::Timetable,
        Self::Buildings,
        Self::Help,
        Self::Space,
        Self::Speeds,
    ];

    /// Kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cars => "cars",
            Self::Cycling => "cycling",
            Self::Walking => "walking",
            Self::Stops => "stops",
            Self::Treated => "treated",
            Self::Timetable => "timetable",
            Self::Buildings => "buildings",
            Self::Help => "help",
            Self::Space => "space",
            Self::Speeds => "speeds",
        }
    }

    /// The key of this part of an edit. Links in ascending order, so that the order of measures with the same outcome
    /// does not matter.
    pub fn key(self, edit: &CityEdit) -> InputKey {
        let mut hasher = KeyHasher::new(self.name());
        match self {
            Self::Cars => hasher.bytes(&edit.road_hash()),
            Self::Cycling | Self::Walking | Self::Stops | Self::Help | Self::Space | Self::Speeds => {
                for (link, change) in edit.streets.changed_links() {
                    self.link(link, change, &mut hasher);
                }
            }
            Self::Treated => {
                for &(link, window) in edit.streets.treated() {
                    hasher.count(link);
                    let (from, to) = window.map_or((0, 0), |(from, to)| (from + 1, to + 1));
                    hasher.count(usize::from(from));
                    hasher.count(usize::from(to));
                }
            }
            Self::Timetable => {
                // Timetables that nobody wrote to are the baseline's own, which is in every key.
                if edit.timetable.is_changed() {
                    for timetable in edit.timetable.timetables() {
                        hasher.bytes(&timetable_key(timetable));
                    }
                }
                for ids in [edit.timetable.treated_stops(), edit.timetable.treated_routes()] {
                    hasher.count(ids.len());
                    for id in ids {
                        hasher.text(id);
                    }
                }
            }
            Self::Buildings => {
                // Every field, as its shortest exact text.
                for change in edit.buildings.all_changes() {
                    hasher.text(&format!("{change:?}"));
                }
                hasher.text(&format!("{:?} {:?}", edit.buildings.hubs(), edit.buildings.green()));
            }
        }
        hasher.finish()
    }

    /// The key of a part of the streets that no measure touches.
    pub fn untouched(self) -> InputKey {
        KeyHasher::new(self.name()).finish()
    }

    /// What this part reads of the change of a link; nothing where it reads nothing of it.
    fn link(self, link: usize, change: &LinkEdit, hasher: &mut KeyHasher) {
        // All fields by name: a new one does not compile until it is said here who reads it.
        let LinkEdit {
            removed_forward,
            removed_backward,
            car_speed,
            car_capacity_per_lane: _,
            is_slow_for_cycling,
            cycle_gain_kmh,
            class,
            emergency_delay_cut,
            is_for_foot,
            parking_places,
        } = change;
        let removed = |modes: Modes| {
            usize::from((*removed_forward & modes).0) << 8 | usize::from((*removed_backward & modes).0)
        };
        let numbers = match self {
            Self::Walking => [removed(Modes::WALK), 0, 0],
            Self::Stops => [removed(Modes::BUS), 0, 0],
            Self::Cycling => {
                let own = usize::from(*is_slow_for_cycling) | class.map_or(0, |class| 2 + 4 * class as usize);
                [removed(Modes::CYCLE), own, cycle_gain_kmh.to_bits() as usize]
            }
            Self::Speeds => match car_speed {
                None => [0; 3],
                Some(CarSpeed::Factor(factor)) => [1, 0, factor.to_bits() as usize],
                Some(CarSpeed::Kmh(kmh)) => [2, 0, kmh.to_bits() as usize],
            },
            Self::Help => [0, 0, emergency_delay_cut.to_bits() as usize],
            Self::Space => {
                let own = usize::from(*is_for_foot) | class.map_or(0, |class| 2 + 4 * class as usize);
                [0, own, parking_places.to_bits() as usize]
            }
            Self::Cars | Self::Treated | Self::Timetable | Self::Buildings => [0; 3],
        };
        if numbers != [0; 3] {
            hasher.count(link);
            for number in numbers {
                hasher.count(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use layers::model::StreetNetwork;

    use super::*;
    use crate::{apply::City, assumptions::Assumptions, baseline::buildings::Building, edit::NetworkEdit};

    #[test]
    fn each_part_answers_to_its_own_changes_only() {
        let (network, assumptions) = (StreetNetwork::default(), Assumptions::default());
        let mut none = CityEdit::none(&City::new(&network, &[], &[], &assumptions));
        none.streets = NetworkEdit::none(3);
        let keys = |edit: &CityEdit| Part::ALL.map(|part| part.key(edit));
        let changed = |change: &dyn Fn(&mut CityEdit)| {
            let mut edit = none.clone();
            change(&mut edit);
            let (before, after) = (keys(&none), keys(&edit));
            Part::ALL
                .into_iter()
                .zip(before.into_iter().zip(after))
                .filter(|(_, (a, b))| a != b)
                .map(|(part, _)| part.name())
                .collect::<Vec<_>>()
        };
        assert_eq!(changed(&|edit| edit.streets.remove_modes(1, Modes::CAR)), ["cars"]);
        assert_eq!(changed(&|edit| edit.streets.remove_modes_of(1, false, Modes::CAR)), ["cars"]);
        assert_eq!(changed(&|edit| edit.streets.remove_modes(1, Modes::CAR | Modes::BUS)), ["cars", "stops"]);
        assert_eq!(changed(&|edit| edit.streets.remove_modes(1, Modes::CYCLE)), ["cycling"]);
        assert_eq!(changed(&|edit| edit.streets.slow_cycling(2)), ["cycling"]);
        assert_eq!(changed(&|edit| edit.streets.remove_modes(1, Modes::WALK)), ["walking"]);
        assert_eq!(changed(&|edit| edit.streets.treat(0, None)), ["treated"]);
        assert_eq!(changed(&|edit| edit.timetable.treat_stop("a")), ["timetable"]);
        assert!(changed(&|edit| edit.streets.remove_modes(9, Modes::CAR)).is_empty(), "no such link");
        let speed = |edit: &mut CityEdit| {
            edit.streets.change(0).unwrap().car_speed = Some(CarSpeed::Factor(0.95));
        };
        assert_eq!(changed(&speed), ["cars", "speeds"]);
        assert_eq!(changed(&|edit| edit.streets.change(0).unwrap().cycle_gain_kmh = 1.0), ["cycling"]);
        assert_eq!(changed(&|edit| edit.streets.change(0).unwrap().emergency_delay_cut = 0.5), ["help"]);
        assert_eq!(changed(&|edit| edit.streets.change(0).unwrap().parking_places = -5.0), ["space"]);
        assert_eq!(changed(&|edit| edit.streets.change(0).unwrap().is_for_foot = true), ["space"]);
        let block = |edit: &mut CityEdit| {
            edit.buildings.add(Building { residents: 5.0, ..Building::default() });
        };
        assert_eq!(changed(&block), ["cars", "buildings"]);
        for part in [Part::Cycling, Part::Walking, Part::Stops, Part::Help, Part::Space, Part::Treated] {
            assert_eq!(part.key(&none), part.untouched());
        }
        let names: std::collections::BTreeSet<_> = Part::ALL.map(Part::name).into();
        assert_eq!(names.len(), Part::ALL.len());
    }

    #[test]
    fn lists_of_inputs_do_not_run_together() {
        let key = |texts: &[&str]| {
            let mut hasher = KeyHasher::new("test");
            for text in texts {
                hasher.text(text);
            }
            hasher.finish()
        };
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["ab"]), key(&["ab", ""]));
    }
}
