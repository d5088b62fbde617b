//! Forty sensors with a week of hourly observations that fit the town: peaks, a weekend, two market days.

use super::{
    DATE, ORIGIN,
    draft::Draft,
    geometry::{P2, add},
    relief::HOLLOW,
};
use crate::model::{Datastream, SensorLayer, Terrain, Thing, observation::SensorCard};

pub const HOURS: usize = 7 * 24;

/// Start of the week: Monday 2026-06-15 00:00 in Amsterdam, seconds UTC.
pub fn week_start() -> i64 {
    format!("{DATE}T00:00[Europe/Amsterdam]")
        .parse::<jiff::Zoned>()
        .map_or(1_781_474_400, |zoned| zoned.timestamp().as_second())
}

/// Share of a day's motor traffic in each hour of a weekday, after counts on Dutch urban main roads.
const WEEKDAY: [f64; 24] = [
    0.006, 0.004, 0.003, 0.003, 0.006, 0.016, 0.041, 0.075, 0.083, 0.058, 0.050, 0.051, 0.054, 0.054, 0.057,
    0.066, 0.082, 0.087, 0.062, 0.045, 0.034, 0.027, 0.021, 0.015,
];
const WEEKEND: [f64; 24] = [
    0.014, 0.010, 0.008, 0.006, 0.006, 0.009, 0.014, 0.022, 0.036, 0.052, 0.066, 0.075, 0.079, 0.081, 0.080,
    0.077, 0.073, 0.067, 0.059, 0.049, 0.041, 0.034, 0.025, 0.017,
];

fn is_weekend(hour: usize) -> bool {
    hour / 24 >= 5
}

/// Market on Wednesday and Saturday, 9 to 16 h.
fn is_market(hour: usize) -> bool {
    matches!(hour / 24, 2 | 5) && (9..16).contains(&(hour % 24))
}

/// Vehicles in an hour of the week on a street with so many on a working day.
fn vehicles(per_day: f64, hour: usize) -> f64 {
    let (shape, level) = match hour / 24 {
        5 => (&WEEKEND, 0.82),
        6 => (&WEEKEND, 0.64),
        4 => (&WEEKDAY, 1.05),
        _ => (&WEEKDAY, 1.0),
    };
    per_day * level * shape[hour % 24]
}

/// Slow noise: each hour keeps most of the hour before.
struct Drift<'a> {
    rng: &'a mut fastrand::Rng,
    value: f64,
    keep: f64,
}

impl Drift<'_> {
    fn next(&mut self, size: f64) -> f64 {
        let fresh = (self.rng.f64() + self.rng.f64() + self.rng.f64() - 1.5) * 1.15;
        self.value = self.value * self.keep + fresh * (1.0 - self.keep * self.keep).sqrt();
        self.value * size
    }
}

fn round(value: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (value * factor).round() / factor
}

struct Builder<'a> {
    layer: SensorLayer,
    terrain: &'a Terrain,
    rng: fastrand::Rng,
}

impl Builder<'_> {
    fn thing(
        &mut self,
        id: &str,
        name: String,
        description: &str,
        at: P2,
        above_m: f64,
        purpose: &str,
    ) -> u32 {
        let position = add(at, ORIGIN);
        let ground = self.terrain.height_at(position).unwrap_or(0.0);
        self.layer.things.push(Thing {
            id: id.to_owned(),
            name,
            description: description.to_owned(),
            position: Some([round(position[0], 2), round(position[1], 2), round(ground + above_m, 2)]),
            card: SensorCard {
                owner: Some("Gemeente Merewaarde (fictief)".to_owned()),
                purpose: Some(purpose.to_owned()),
                contact: Some("sensoren@merewaarde.example".to_owned()),
                processes_personal_data: Some(false),
            },
        });
        (self.layer.things.len() - 1) as u32
    }

    fn stream(
        &mut self,
        thing: u32,
        property: &str,
        unit: &str,
        digits: i32,
        keep: f64,
        mut value: impl FnMut(usize, f64) -> f64,
    ) {
        let start = week_start();
        let mut drift = Drift { rng: &mut self.rng, value: 0.0, keep };
        let values: Vec<f64> = (0..HOURS).map(|hour| round(value(hour, drift.next(1.0)), digits)).collect();
        let owner = &self.layer.things[thing as usize];
        self.layer.datastreams.push(Datastream {
            id: format!("{}-{property}", owner.id),
            thing,
            name: format!("{} {property}", owner.name),
            observed_property: property.to_owned(),
            unit: unit.to_owned(),
            times: (start..).step_by(3600).take(HOURS).collect(),
            values,
        });
    }
}

/// Counting places: street, near, motor vehicles on a working day.
const COUNTERS: [(&str, P2, f64); 13] = [
    ("Ringweg", [-1325.0, 250.0], 9400.0),
    ("Ringweg", [300.0, 1448.0], 7900.0),
    ("Ringweg", [1445.0, 400.0], 11300.0),
    ("Ringweg", [-100.0, -1270.0], 8100.0),
    ("Westerweg", [-800.0, -40.0], 8300.0),
    ("Oosterweg", [900.0, 100.0], 8700.0),
    ("Zuiderweg", [75.0, -800.0], 6800.0),
    ("Noorderweg", [66.0, 1150.0], 5900.0),
    ("Merebrug", [48.0, -510.0], 6900.0),
    ("Voorstraat", [-260.0, 18.0], 6500.0),
    ("Voorstraat", [240.0, 36.0], 5700.0),
    ("Buitensingel", [-420.0, 215.0], 4300.0),
    ("Oudegracht", [-230.0, -155.0], 600.0),
];

/// All sensors of the town.
pub fn sensors(draft: &Draft, terrain: &Terrain, seed: u64) -> SensorLayer {
    let mut b =
        Builder { layer: SensorLayer::default(), terrain, rng: fastrand::Rng::with_seed(seed ^ 0x0b5e_4ed5) };
    let at_street = |name: &str, near: P2| {
        draft.streets.named_near(name, near).map_or(near, |s| draft.streets.all[s].line.nearest_point(near))
    };
    for (number, (street, near, per_day)) in COUNTERS.into_iter().enumerate() {
        let id = format!("verkeer-{:02}", number + 1);
        let name = format!("Verkeerstelling {street} {}", number + 1);
        let at = at_street(street, near);
        let thing = b.thing(&id, name, "Inductielus in het wegdek", at, 0.2, "Verkeer tellen");
        // Market stalls close the Voorstraat for half of its traffic.
        b.stream(thing, "traffic_intensity", "vtg/h", 0, 0.5, |hour, noise| {
            let market = if street == "Voorstraat" && is_market(hour) { 0.45 } else { 1.0 };
            (vehicles(per_day, hour) * market * (1.0 + 0.06 * noise)).max(0.0)
        });
    }
    let air: [(&str, P2, f64, f64); 7] = [
        ("Voorstraat", [-120.0, 4.0], 1.0, 6500.0),
        ("Ringweg West", [-1312.0, -60.0], 1.25, 9400.0),
        ("Merebrug", [60.0, -600.0], 1.1, 6900.0),
        ("Stationsplein", [45.0, 780.0], 0.85, 5200.0),
        ("Merepark", [370.0, -760.0], 0.15, 200.0),
        ("Vogelwijk", [-260.0, -900.0], 0.2, 700.0),
        ("Schutterspark", [1010.0, 1150.0], 0.6, 4200.0),
    ];
    for (number, (place, at, near, per_day)) in air.into_iter().enumerate() {
        let id = format!("lucht-{:02}", number + 1);
        let thing = b.thing(
            &id,
            format!("Luchtmeting {place}"),
            "Meetkastje aan lantaarnpaal",
            at,
            3.5,
            "Luchtkwaliteit volgen",
        );
        b.stream(thing, "NO2", "µg/m³", 1, 0.9, |hour, noise| {
            // Little mixing at night and in the early morning keeps what the peak brings.
            let still = if (4..10).contains(&(hour % 24)) { 1.35 } else { 1.0 };
            (8.5 + near * 16.0 * vehicles(per_day, hour) / (per_day * 0.085) * 0.7 * still + 2.4 * noise)
                .max(1.0)
        });
        b.stream(thing, "PM2.5", "µg/m³", 1, 0.96, |hour, noise| {
            let evening = if (19..23).contains(&(hour % 24)) { 1.2 } else { 0.0 };
            (6.8 + near * 1.6 * vehicles(per_day, hour) / (per_day * 0.085) + evening + 2.0 * noise).max(0.8)
        });
    }
    for (number, (place, at, per_day, quiet)) in [
        ("Ringweg Oost", [1425.0, 320.0], 11300.0, 38.0),
        ("Voorstraat", [180.0, 40.0], 5700.0, 36.0),
        ("Spoorlaan", [300.0, 905.0], 1400.0, 39.0),
        ("Villapark", [-850.0, -900.0], 350.0, 31.0),
        ("Markt", [-70.0, 40.0], 1800.0, 35.0),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("geluid-{:02}", number + 1);
        let thing = b.thing(
            &id,
            format!("Geluidmeting {place}"),
            "Geluidmeter, alleen niveaus",
            at,
            4.0,
            "Geluidniveau volgen; geen opnamen",
        );
        b.stream(thing, "noise_laeq", "dB(A)", 1, 0.4, |hour, noise| {
            let traffic = 10.0 * (vehicles(per_day, hour) + 1.0).log10() + 34.0;
            let people = if place == "Markt" && is_market(hour) { 66.0 } else { 0.0 };
            let sum: f64 = [traffic, people, quiet].iter().map(|level| 10_f64.powf(level / 10.0)).sum();
            10.0 * sum.log10() + 0.8 * noise
        });
    }
    for (number, (place, at, depth)) in [
        ("Parkwijk, laagte", HOLLOW, 0.25),
        ("Merepark", [330.0, -700.0], 0.7),
        ("Tuindorp", [-900.0, -300.0], 1.0),
        ("Markt", [20.0, 30.0], 1.55),
        ("Noord", [-230.0, 1190.0], 0.5),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("grondwater-{:02}", number + 1);
        let thing = b.thing(
            &id,
            format!("Peilbuis {place}"),
            "Peilbuis met drukopnemer",
            at,
            0.1,
            "Grondwaterstand volgen",
        );
        let ground = b.terrain.height_at(add(at, ORIGIN)).unwrap_or(0.0);
        // A shower on Thursday evening; the level follows within hours and sinks for days.
        b.stream(thing, "groundwater_level", "m NAP", 3, 0.98, |hour, noise| {
            let since = hour as f64 - 92.0;
            let shower = if since > 0.0 { (1.0 - (-since / 5.0).exp()) * (-since / 90.0).exp() } else { 0.0 };
            ground - depth - 0.0006 * hour as f64 + 0.17 * shower + 0.006 * noise
        });
    }
    let garages: Vec<_> = draft.places.iter().filter(|place| place.amenity == "parking").take(5).collect();
    for (number, garage) in garages.into_iter().enumerate() {
        let id = format!("parkeren-{:02}", number + 1);
        let capacity = f64::from(garage.capacity.unwrap_or(200));
        let thing = b.thing(
            &id,
            format!("Parkeergarage {}", garage.name),
            "Telling bij in- en uitrit",
            garage.at,
            2.0,
            "Vrije plaatsen tonen",
        );
        let is_shopping = garage.at[0].hypot(garage.at[1]) < 600.0;
        b.stream(thing, "parking_occupancy", "voertuigen", 0, 0.7, |hour, noise| {
            let time = (hour % 24) as f64;
            let bell = |middle: f64, width: f64| (-((time - middle) / width).powi(2)).exp();
            let part = match (is_shopping, hour / 24) {
                (true, 5) => 0.14 + 0.78 * bell(14.0, 3.6),
                (true, 6) => 0.12 + 0.42 * bell(14.5, 2.8),
                (true, _) => 0.14 + 0.5 * bell(14.0, 4.2) + if is_market(hour) { 0.22 } else { 0.0 },
                (false, 5 | 6) => 0.12 + 0.1 * bell(14.0, 4.0),
                (false, _) => 0.1 + 0.74 * bell(12.8, 4.3),
            };
            (capacity * (part + 0.025 * noise)).clamp(0.0, capacity)
        });
    }
    for (number, (place, at, level)) in [
        ("Markt", [-60.0, 30.0], 900.0),
        ("Voorstraat", [120.0, 40.0], 700.0),
        ("Stationsplein", [60.0, 780.0], 620.0),
        ("Merepark", [400.0, -700.0], 180.0),
        ("Merekade", [-60.0, -455.0], 240.0),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("drukte-{:02}", number + 1);
        let thing = b.thing(
            &id,
            format!("Druktemeting {place}"),
            "Telling met lidar, geen beelden",
            at,
            4.5,
            "Drukte volgen; telt, herkent niet",
        );
        b.stream(thing, "crowd_density", "personen/h", 0, 0.6, |hour, noise| {
            let time = (hour % 24) as f64;
            let bell = |middle: f64, width: f64| (-((time - middle) / width).powi(2)).exp();
            let shape = match place {
                "Stationsplein" if is_weekend(hour) => 0.45 * bell(14.0, 5.0),
                "Stationsplein" => bell(8.0, 1.2) + 0.9 * bell(17.3, 1.5) + 0.3 * bell(13.0, 4.0),
                "Merepark" | "Merekade" if is_weekend(hour) => 1.2 * bell(15.0, 3.2),
                "Merepark" | "Merekade" => 0.35 * bell(12.5, 1.5) + 0.6 * bell(19.5, 2.0),
                _ if hour / 24 == 5 => 1.25 * bell(13.8, 3.0),
                _ if hour / 24 == 6 => 0.55 * bell(14.5, 2.6),
                // Late shopping on Thursday.
                _ => 0.55 * bell(13.5, 3.6) + if hour / 24 == 3 { 0.4 * bell(19.3, 1.4) } else { 0.0 },
            };
            let market = if place == "Markt" && is_market(hour) { 1.0 + 0.7 * bell(12.0, 3.0) } else { 1.0 };
            (level * (0.015 + shape) * market * (1.0 + 0.08 * noise)).max(0.0)
        });
    }
    b.layer
}
