//! The values of an indicator on the map, by object.

/// What a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Links of the network.
    Link,
    /// Places of the facts: buildings, or zones where no building has residents.
    Place,
    /// Zones of the demand.
    Zone,
    /// Stops of the facts.
    Stop,
}

/// Values before and after, indexed like the objects they belong to. `None` where there is no value.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLayer {
    /// Stable kebab-case name; indicators that show the same values share a layer.
    pub id: &'static str,
    pub per: Per,
    pub unit: &'static str,
    pub baseline: Vec<Option<f32>>,
    pub scenario: Vec<Option<f32>>,
    /// By object: differences up to this are no effect.
    pub noise_floor: Vec<f32>,
}

impl MapLayer {
    pub fn new(id: &'static str, per: Per, unit: &'static str) -> Self {
        Self { id, per, unit, baseline: Vec::new(), scenario: Vec::new(), noise_floor: Vec::new() }
    }

    /// Adds the next object. A number that is not finite is no value.
    pub fn push(&mut self, baseline: Option<f64>, scenario: Option<f64>, noise_floor: f64) {
        let finite = |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| v as f32);
        self.baseline.push(finite(baseline));
        self.scenario.push(finite(scenario));
        self.noise_floor.push(noise_floor as f32);
    }

    pub fn len(&self) -> usize {
        self.baseline.len()
    }

    pub fn is_empty(&self) -> bool {
        self.baseline.is_empty()
    }

    /// Scenario minus baseline, where both are known.
    pub fn change(&self, index: usize) -> Option<f64> {
        let (before, after) = (*self.baseline.get(index)?, *self.scenario.get(index)?);
        Some(f64::from(after?) - f64::from(before?))
    }

    /// Whether the change of an object is more than noise.
    pub fn is_effect(&self, index: usize) -> bool {
        let floor = self.noise_floor.get(index).copied().unwrap_or(0.0);
        // A float of 32 bits keeps 7 digits: what lies beyond is no change either.
        let digits = self.baseline.get(index).copied().flatten().unwrap_or(0.0).abs() * 1e-6;
        self.change(index).is_some_and(|change| change.abs() > f64::from(floor.max(digits)))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.len() * 20 + 64
    }
}
