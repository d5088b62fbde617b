//! What one publication says, gathered while its elements pass.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    model::{Datastream, SensorLayer, Thing, observation::SensorCard},
    readers::{
        ReadContext, Report, Severity,
        draft::parse_time,
        feed_xml::{Open, Step},
    },
};

/// A site of the table.
#[derive(Debug, Default)]
struct Site {
    id: String,
    name: String,
    place: Place,
    /// What is measured, by index.
    meanings: BTreeMap<u32, Meaning>,
}

/// Latitude and longitude as far as they have passed.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    lat: Option<f64>,
    lon: Option<f64>,
}

impl Place {
    fn position(self) -> Option<[f64; 3]> {
        let (lon, lat) = (self.lon?, self.lat?);
        (lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some([lon, lat, 0.0])
    }
}

#[derive(Clone, Debug, Default)]
struct Meaning {
    /// "trafficFlow", "trafficSpeed" and so on.
    kind: String,
    lane: String,
    /// Vehicles, such as "< 5.6 m" or "car".
    vehicles: Vec<String>,
    operator: String,
}

/// What was measured at one site at one time.
#[derive(Debug, Default)]
struct Measured {
    site: String,
    time: Option<i64>,
    values: Vec<(u32, Quantity, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Flow,
    Speed,
    TravelTime,
    Occupancy,
}

impl Quantity {
    /// Observed property and unit.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Flow => ("traffic_intensity", "1/h"),
            Self::Speed => ("traffic_speed", "km/h"),
            Self::TravelTime => ("travel_time", "s"),
            Self::Occupancy => ("occupancy", "%"),
        }
    }

    fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            "trafficFlow" => Self::Flow,
            "trafficSpeed" => Self::Speed,
            "travelTimeInformation" => Self::TravelTime,
            "trafficConcentration" => Self::Occupancy,
            _ => return None,
        })
    }
}

#[derive(Debug, Default)]
struct Sign {
    id: String,
    name: String,
    kind: String,
    place: Place,
}

#[derive(Debug, Default)]
pub(super) struct Publication {
    /// `xsi:type` of the payload.
    pub kind: Option<String>,
    pub version: Option<String>,
    pub supplier: Option<String>,
    pub time: Option<i64>,
    sites: Vec<Site>,
    measured: Vec<Measured>,
    signs: Vec<Sign>,
    no_data: usize,
    errors: usize,

    // What is open now.
    site: Option<Site>,
    sign: Option<Sign>,
    now: Option<Measured>,
    meaning: Option<(u32, Meaning)>,
    /// Index of the measured value, and what it held until now.
    index: Option<u32>,
    value: Option<(Quantity, f64)>,
    is_error: bool,
    is_in_name: bool,
    is_in_time: bool,
}

impl Publication {
    pub fn has_measurements(&self) -> bool {
        !self.measured.is_empty()
    }

    pub fn has_sites(&self) -> bool {
        !self.sites.is_empty()
    }

    /// Sites that values or a table speak of: those of the values where there are any.
    pub fn sites(&self) -> usize {
        if self.measured.is_empty() { self.sites.len() } else { self.measured.len() }
    }

    pub fn signs(&self) -> usize {
        self.signs.len()
    }

    /// Takes the sites of tables; where two describe one site, they complete each other. Returns how many of the measured
    /// sites are described.
    pub fn take_sites(&mut self, tables: impl Iterator<Item = Self>) -> usize {
        let mut known: HashMap<String, usize> = HashMap::new();
        for site in tables.flat_map(|table| table.sites) {
            let position = *known.entry(site.id.clone()).or_insert(self.sites.len());
            match self.sites.get_mut(position) {
                None => self.sites.push(site),
                Some(other) => {
                    if other.place.position().is_none() {
                        other.place = site.place;
                    }
                    for (index, meaning) in site.meanings {
                        other.meanings.entry(index).or_insert(meaning);
                    }
                }
            }
        }
        self.measured.iter().filter(|measured| known.contains_key(&measured.site)).count()
    }

    pub fn step(&mut self, step: &Step<'_>, context: &mut ReadContext) {
        match step {
            Step::Open(open) => self.open(open),
            Step::Close { name, text } => self.close(name, text, context),
        }
    }

    fn open(&mut self, open: &Open<'_>) {
        match open.name {
            "d2LogicalModel" => self.version = open.attribute("modelBaseVersion"),
            "payloadPublication" | "payload" => {
                self.kind = open.attribute("type");
                if self.version.is_none() {
                    self.version = open.attribute("modelBaseVersion");
                }
            }
            "measurementSiteRecord" | "measurementSite" => {
                self.site = Some(Site { id: open.attribute("id").unwrap_or_default(), ..Site::default() });
            }
            "vmsUnitRecord" | "vmsController" => {
                self.sign = Some(Sign { id: open.attribute("id").unwrap_or_default(), ..Sign::default() });
            }
            "siteMeasurements" => self.now = Some(Measured::default()),
            "measurementSiteReference" => {
                if let (Some(now), Some(id)) = (&mut self.now, open.attribute("id")) {
                    now.site = id;
                }
            }
            "measurementSpecificCharacteristics" => {
                if let Some(index) = open.attribute("index").and_then(|text| text.parse().ok()) {
                    self.meaning = Some((index, Meaning::default()));
                }
            }
            "measuredValue" | "physicalQuantity" => {
                // The element holds another of its name; only the outer one has an index.
                if let Some(index) = open.attribute("index").and_then(|text| text.parse().ok()) {
                    self.index = Some(index);
                    self.value = None;
                    self.is_error = false;
                }
            }
            "measurementSiteName" | "vmsDescription" => self.is_in_name = true,
            "measurementTimeDefault" => self.is_in_time = true,
            _ => {}
        }
    }

    fn close(&mut self, name: &str, text: &str, context: &mut ReadContext) {
        match name {
            "publicationTime" => self.time = parse_time(text),
            "nationalIdentifier" => {
                self.supplier.get_or_insert_with(|| text.to_owned());
            }
            "measurementSiteName" | "vmsDescription" => self.is_in_name = false,
            "value" if self.is_in_name => {
                let slot = match (&mut self.site, &mut self.sign) {
                    (Some(site), _) => &mut site.name,
                    (None, Some(sign)) => &mut sign.name,
                    (None, None) => return,
                };
                if slot.is_empty() {
                    text.clone_into(slot);
                }
            }
            "latitude" | "longitude" => {
                let place = match (&mut self.site, &mut self.sign) {
                    (Some(site), _) => &mut site.place,
                    (None, Some(sign)) => &mut sign.place,
                    (None, None) => return,
                };
                // The first place is the one for display.
                let slot = if name == "latitude" { &mut place.lat } else { &mut place.lon };
                if slot.is_none() {
                    *slot = text.parse().ok().filter(|value: &f64| value.is_finite());
                }
            }
            "vmsType" => {
                if let Some(sign) = &mut self.sign {
                    text.clone_into(&mut sign.kind);
                }
            }
            "measurementTimeDefault" => {
                self.is_in_time = false;
                self.set_time(text);
            }
            "timeValue" if self.is_in_time => self.set_time(text),
            _ => {
                self.close_meaning(name, text);
                self.close_value(name, text);
                self.close_record(name, context);
            }
        }
    }

    fn set_time(&mut self, text: &str) {
        if let (Some(now), Some(time)) = (&mut self.now, parse_time(text)) {
            now.time = Some(time);
        }
    }

    fn close_meaning(&mut self, name: &str, text: &str) {
        let Some((index, meaning)) = &mut self.meaning else { return };
        match name {
            "specificMeasurementValueType" => text.clone_into(&mut meaning.kind),
            "specificLane" | "laneNumber" => text.clone_into(&mut meaning.lane),
            "comparisonOperator" => {
                match text {
                    "lessThan" => "<",
                    "lessThanOrEqualTo" => "≤",
                    "greaterThan" => ">",
                    "greaterThanOrEqualTo" => "≥",
                    _ => "=",
                }
                .clone_into(&mut meaning.operator);
            }
            "vehicleLength" => {
                let operator = std::mem::take(&mut meaning.operator);
                meaning.vehicles.push(format!("{operator} {text} m").trim().to_owned());
            }
            "vehicleType" => meaning.vehicles.push(text.to_owned()),
            "measurementSpecificCharacteristics" => {
                // The element holds another of its name; the inner one closes first and is the one with content.
                if let Some(site) = &mut self.site {
                    site.meanings.insert(*index, std::mem::take(meaning));
                }
                self.meaning = None;
            }
            _ => {}
        }
    }

    fn close_value(&mut self, name: &str, text: &str) {
        let Some(index) = self.index else { return };
        let quantity = match name {
            "vehicleFlowRate" => Quantity::Flow,
            "speed" => Quantity::Speed,
            "duration" => Quantity::TravelTime,
            "percentage" => Quantity::Occupancy,
            "dataError" => {
                self.is_error |= text == "true" || text == "1";
                return;
            }
            "basicData" => {
                if self.is_error {
                    self.errors += 1;
                } else if let (Some((quantity, value)), Some(now)) = (self.value, &mut self.now) {
                    if value < 0.0 {
                        self.no_data += 1;
                    } else {
                        now.values.push((index, quantity, value));
                    }
                }
                self.index = None;
                return;
            }
            _ => return,
        };
        if let Some(value) = text.parse().ok().filter(|value: &f64| value.is_finite()) {
            self.value = Some((quantity, value));
        }
    }

    fn close_record(&mut self, name: &str, context: &mut ReadContext) {
        match name {
            "measurementSiteRecord" | "measurementSite" => {
                if let Some(site) = self.site.take() {
                    if site.place.position().is_none() {
                        context.report.warn(
                            "site-without-place",
                            format!("site \"{}\"", site.id),
                            "expected latitude and longitude, found none or no place on Earth",
                        );
                    }
                    self.sites.push(site);
                }
            }
            "vmsUnitRecord" | "vmsController" => {
                if let Some(sign) = self.sign.take() {
                    if sign.place.position().is_none() {
                        context.report.warn(
                            "sign-without-place",
                            format!("sign \"{}\"", sign.id),
                            "expected latitude and longitude, found none or no place on Earth",
                        );
                    }
                    self.signs.push(sign);
                }
            }
            "siteMeasurements" => {
                if let Some(now) = self.now.take() {
                    if now.time.is_none() && !now.values.is_empty() {
                        context.report.warn(
                            "measurement-time",
                            format!("site \"{}\"", now.site),
                            "expected measurementTimeDefault, found none; its values are left out",
                        );
                    }
                    self.measured.push(now);
                }
            }
            _ => {}
        }
    }

    /// Sites and signs as Things, values as Datastreams.
    pub fn finish(self, report: &mut Report) -> SensorLayer {
        let Self { sites, measured, signs, no_data, errors, supplier, .. } = self;
        if no_data + errors > 0 {
            report.add(
                Severity::Info,
                "no-data",
                "measured values",
                format!("{no_data} values are -1 and {errors} are marked as wrong; they count as missing"),
            );
        }
        let card = SensorCard { owner: supplier, ..SensorCard::default() };
        let mut layer = SensorLayer::default();
        let mut of_site: HashMap<String, u32> = HashMap::new();
        let mut meanings: HashMap<u32, BTreeMap<u32, Meaning>> = HashMap::new();
        let wanted: HashSet<&str> = measured.iter().map(|now| now.site.as_str()).collect();
        for site in sites {
            // Of a national table, only what was measured is of use beside the measurements.
            if !wanted.is_empty() && !wanted.contains(site.id.as_str()) {
                continue;
            }
            let number = layer.things.len() as u32;
            if of_site.insert(site.id.clone(), number).is_some() {
                report.warn(
                    "duplicate-id",
                    format!("site \"{}\"", site.id),
                    "the id was used before; the last site is used",
                );
            }
            layer.things.push(Thing {
                name: if site.name.is_empty() { site.id.clone() } else { site.name },
                description: "measurement site".to_owned(),
                position: site.place.position(),
                card: card.clone(),
                id: site.id,
            });
            meanings.insert(number, site.meanings);
        }
        let has_values = !measured.is_empty();
        for now in measured {
            let number = *of_site.entry(now.site.clone()).or_insert_with(|| {
                layer.things.push(Thing {
                    id: now.site.clone(),
                    name: now.site.clone(),
                    description: "measurement site".to_owned(),
                    position: None,
                    card: card.clone(),
                });
                layer.things.len() as u32 - 1
            });
            let Some(time) = now.time else { continue };
            for (index, quantity, value) in now.values {
                let meaning = meanings.get(&number).and_then(|meanings| meanings.get(&index));
                layer.datastreams.push(stream(
                    &now.site,
                    number,
                    index,
                    quantity,
                    meaning,
                    Some((time, value)),
                ));
            }
        }
        if !has_values {
            for number in 0..layer.things.len() as u32 {
                let Some(thing) = layer.things.get(number as usize) else { continue };
                for (index, meaning) in meanings.get(&number).into_iter().flatten() {
                    if let Some(quantity) = Quantity::of_kind(&meaning.kind) {
                        layer.datastreams.push(stream(
                            &thing.id,
                            number,
                            *index,
                            quantity,
                            Some(meaning),
                            None,
                        ));
                    }
                }
            }
        }
        for sign in signs {
            layer.things.push(Thing {
                name: if sign.name.is_empty() { sign.id.clone() } else { sign.name },
                description: format!("variable sign {}", sign.kind).trim().to_owned(),
                position: sign.place.position(),
                card: card.clone(),
                id: sign.id,
            });
        }
        layer
    }
}

fn stream(
    site: &str,
    thing: u32,
    index: u32,
    quantity: Quantity,
    meaning: Option<&Meaning>,
    observation: Option<(i64, f64)>,
) -> Datastream {
    let (property, unit) = quantity.words();
    let name = match meaning {
        Some(Meaning { lane, vehicles, .. }) if !(lane.is_empty() && vehicles.is_empty()) => {
            format!("{lane} {}", vehicles.join(" and ")).trim().to_owned()
        }
        _ => format!("value {index}"),
    };
    Datastream {
        id: format!("{site}#{index}"),
        thing,
        name,
        observed_property: property.to_owned(),
        unit: unit.to_owned(),
        times: observation.iter().map(|(time, _)| *time).collect(),
        values: observation.iter().map(|(_, value)| *value).collect(),
    }
}
