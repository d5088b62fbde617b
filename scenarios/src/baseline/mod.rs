//! The immutable state of the city, a fingerprint of it, and what is computed from it once.

pub mod areas;
pub mod buildings;
pub mod cordon;
pub mod facts;
pub(crate) mod fingerprint;

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError, TryLockError},
    time::Duration,
};

use layers::model::{FeatureLayer, FeatureRole, Layer, LayerData, StreetNetwork, Timetable};

use crate::{
    apply::City,
    assumptions::Assumptions,
    edit::NetworkEdit,
    engine::Engine,
    evaluate::Cancel,
    models::{
        access::{DailyNeedsAccess, daily_needs},
        demand::{ZoneTable, ZoneTrips},
        routing::{SlowMode, SlowNetwork},
        traffic::{BaselineTraffic, TrafficError},
    },
};
use buildings::Building;
use facts::CityFacts;

/// Why there is no baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    #[error(
        "expected a layer of streets to compare scenarios on, found {found}; add streets (OpenStreetMap or NWB)"
    )]
    NoStreets { found: String },
    #[error(
        "link \"{link}\" points at node {node}, but the network has {nodes} nodes; read the streets again"
    )]
    BrokenNetwork { link: String, node: u32, nodes: usize },
}

/// The city as it is. Nothing changes it; what is computed from it is kept.
#[derive(Debug)]
pub struct Baseline {
    network: Arc<StreetNetwork>,
    assumptions: Assumptions,
    facts: CityFacts,
    buildings: Arc<[Building]>,
    timetables: Vec<Arc<Timetable>>,
    /// What covers the ground, layer by layer.
    surfaces: Vec<Arc<FeatureLayer>>,
    /// Trips that are known; else they are made from people and jobs.
    known_trips: Option<Arc<ZoneTrips>>,
    data_date: String,
    remarks: Vec<String>,
    fingerprint: String,
    cache: BaselineCache,
    engine: Arc<Engine>,
}

/// Results that depend on the baseline alone.
#[derive(Debug, Default)]
struct BaselineCache {
    traffic: Mutex<Option<Result<Arc<BaselineTraffic>, TrafficError>>>,
    walking: OnceLock<SlowNetwork>,
    needs: OnceLock<Option<DailyNeedsAccess>>,
}

impl Baseline {
    /// From the layers of a project; all coordinates in one metric CRS. Of several street layers the largest counts, and
    /// a remark says so. Cost: linear in the data; models run at the first evaluation.
    pub fn from_layers(layers: &[Layer], assumptions: &Assumptions) -> Result<Self, BaselineError> {
        let streets: Vec<(&Layer, &Arc<StreetNetwork>)> = layers
            .iter()
            .filter_map(|layer| match &layer.data {
                LayerData::Streets(network) => Some((layer, network)),
                _ => None,
            })
            .collect();
        let mut chosen: Option<(&Layer, &Arc<StreetNetwork>)> = None;
        for &(layer, network) in &streets {
            if chosen.is_none_or(|(_, best)| network.links.len() > best.links.len()) {
                chosen = Some((layer, network));
            }
        }
        let network = match chosen {
            Some((_, network)) if !network.links.is_empty() => network.clone(),
            _ => {
                let kinds: Vec<&str> = layers.iter().map(|layer| layer.data.kind()).collect();
                let found = if kinds.is_empty() {
                    "no layers".to_owned()
                } else {
                    format!("layers of {}", kinds.join(", "))
                };
                return Err(BaselineError::NoStreets { found });
            }
        };
        for link in &network.links {
            for node in [link.from, link.to] {
                if node as usize >= network.nodes.len() {
                    return Err(BaselineError::BrokenNetwork {
                        link: link.id.clone(),
                        node,
                        nodes: network.nodes.len(),
                    });
                }
            }
        }
        let (facts, buildings) = CityFacts::with_buildings(layers, assumptions);
        let timetables: Vec<Arc<Timetable>> = layers
            .iter()
            .filter_map(|layer| match &layer.data {
                LayerData::Transit(timetable) => Some(timetable.clone()),
                _ => None,
            })
            .collect();
        let surfaces = layers
            .iter()
            .filter_map(|layer| match &layer.data {
                LayerData::Features(features) if features.role == FeatureRole::Surfaces => {
                    Some(features.clone())
                }
                _ => None,
            })
            .collect();
        let mut remarks = facts.remarks.clone();
        if let (Some((layer, _)), true) = (chosen, streets.len() > 1) {
            remarks.push(format!(
                "of {} street layers the largest is used: \"{}\"",
                streets.len(),
                layer.title
            ));
        }
        let data_date = layers.iter().map(|layer| layer.provenance.date.clone()).max().unwrap_or_default();
        let fingerprint =
            fingerprint::fingerprint(layers, &network, &facts, &buildings, &timetables, assumptions);
        Ok(Self {
            network,
            assumptions: assumptions.clone(),
            facts,
            buildings: buildings.into(),
            timetables,
            surfaces,
            known_trips: None,
            data_date,
            remarks,
            fingerprint,
            cache: BaselineCache::default(),
            engine: Arc::default(),
        })
    }

    /// The same city with known trips, such as an OD matrix of the municipality, instead of those made from people and
    /// jobs. Another baseline: it has its own fingerprint and nothing computed yet.
    #[must_use]
    pub fn with_trips(mut self, trips: ZoneTrips) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.fingerprint.as_bytes());
        let numbers = trips.zones.iter().flatten().chain(&trips.trips);
        for number in numbers {
            hasher.update(&number.to_bits().to_le_bytes());
        }
        self.fingerprint = hasher.finalize().to_hex().to_string();
        self.known_trips = Some(Arc::new(trips));
        self.cache = BaselineCache::default();
        self.engine = Arc::default();
        self
    }

    /// The zones of the demand: those of the known trips, or made of the places.
    pub fn zone_table(&self) -> ZoneTable {
        match &self.known_trips {
            Some(known) => ZoneTable::around(&known.zones, &self.facts.places),
            None => ZoneTable::new(&self.facts.places, self.assumptions.max_zones),
        }
    }

    /// The OD matrix that the trips come from; `None` where they are made from people and jobs.
    pub fn known_trips(&self) -> Option<&ZoneTrips> {
        self.known_trips.as_deref()
    }

    /// BLAKE3 over sources, network, people, places and assumptions, hexadecimal. Equal inputs give equal fingerprints.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub fn network(&self) -> &Arc<StreetNetwork> {
        &self.network
    }

    pub fn assumptions(&self) -> &Assumptions {
        &self.assumptions
    }

    pub fn facts(&self) -> &CityFacts {
        &self.facts
    }

    /// All buildings, in the order of the layers.
    pub fn buildings(&self) -> &Arc<[Building]> {
        &self.buildings
    }

    /// All timetables, in the order of the layers.
    pub fn timetables(&self) -> &[Arc<Timetable>] {
        &self.timetables
    }

    /// Layers of what covers the ground, in the order of the layers.
    pub fn surfaces(&self) -> &[Arc<FeatureLayer>] {
        &self.surfaces
    }

    /// What measures resolve against. Cost: linear in links and buildings.
    pub fn city(&self) -> City<'_> {
        City::new(&self.network, &self.timetables, &self.buildings, &self.assumptions)
    }

    /// Latest date of the layers, ISO 8601; empty when none says.
    pub fn data_date(&self) -> &str {
        &self.data_date
    }

    /// What had to be assumed when the layers were joined.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The solved baseline traffic; the first call computes it, others wait for it or are cancelled meanwhile.
    pub fn traffic(&self, cancel: &Cancel) -> Result<Arc<BaselineTraffic>, TrafficError> {
        loop {
            let mut slot = match self.cache.traffic.try_lock() {
                Ok(slot) => slot,
                Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
                Err(TryLockError::WouldBlock) => {
                    if cancel.is_cancelled() {
                        return Err(TrafficError::Cancelled);
                    }
                    std::thread::sleep(Duration::from_millis(2));
                    continue;
                }
            };
            if let Some(known) = &*slot {
                return known.clone();
            }
            let solved = BaselineTraffic::solve(
                &self.network,
                &self.facts,
                self.known_trips.as_deref(),
                &self.assumptions,
                cancel,
            )
            .map(Arc::new);
            // A cancelled run says nothing about the city.
            if solved.as_ref().err() != Some(&TrafficError::Cancelled) {
                *slot = Some(solved.clone());
            }
            return solved;
        }
    }

    /// The walking network.
    pub fn walking(&self) -> &SlowNetwork {
        self.cache.walking.get_or_init(|| {
            let edit = NetworkEdit::none(self.network.links.len());
            SlowNetwork::new(&self.network, &edit, SlowMode::Walk, &self.assumptions)
        })
    }

    /// Residents within a walk of daily needs; `None` when the data do not tell.
    pub fn daily_needs(&self) -> Option<&DailyNeedsAccess> {
        self.cache
            .needs
            .get_or_init(|| daily_needs(&self.facts, &self.facts.needs, self.walking(), &self.assumptions))
            .as_ref()
    }

    /// What was computed for scenarios on this baseline.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}
