//! Sensors in the words of OGC SensorThings: Things, their Datastreams, and observations in time.

use super::Bounds3;

/// What the privacy card of a sensor shows; unknown stays `None` and is shown as "not stated".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SensorCard {
    pub owner: Option<String>,
    pub purpose: Option<String>,
    pub contact: Option<String>,
    pub processes_personal_data: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// `@iot.id` as text.
    pub id: String,
    pub name: String,
    pub description: String,
    /// Project CRS with height, metres; `None` without a Location.
    pub position: Option<[f64; 3]>,
    pub card: SensorCard,
}

/// One property of one Thing through time.
#[derive(Clone, Debug, PartialEq)]
pub struct Datastream {
    pub id: String,
    /// Position in [`SensorLayer::things`].
    pub thing: u32,
    pub name: String,
    /// ObservedProperty name, such as "NO2", "traffic_intensity", "noise_lden", "groundwater_level",
    /// "parking_occupancy", "crowd_density".
    pub observed_property: String,
    /// Unit symbol, such as "µg/m³".
    pub unit: String,
    /// Observations sorted by time: seconds since 1970-01-01T00:00:00Z and values of equal length.
    pub times: Vec<i64>,
    /// `NaN` never occurs: missing observations are left out.
    pub values: Vec<f64>,
}

impl Datastream {
    /// The last observation at or before `time` (seconds UTC), with its own time.
    pub fn at(&self, time: i64) -> Option<(i64, f64)> {
        let after = self.times.partition_point(|&t| t <= time);
        (after > 0).then(|| (self.times[after - 1], self.values[after - 1]))
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SensorLayer {
    pub things: Vec<Thing>,
    pub datastreams: Vec<Datastream>,
}

impl SensorLayer {
    pub fn bounds(&self) -> Bounds3 {
        Bounds3::from_points(self.things.iter().filter_map(|thing| thing.position))
    }

    pub fn observation_count(&self) -> usize {
        self.datastreams.iter().map(|stream| stream.times.len()).sum()
    }

    /// First and last observation time, seconds UTC.
    pub fn time_range(&self) -> Option<(i64, i64)> {
        let first = self.datastreams.iter().filter_map(|stream| stream.times.first()).min()?;
        let last = self.datastreams.iter().filter_map(|stream| stream.times.last()).max()?;
        Some((*first, *last))
    }
}
