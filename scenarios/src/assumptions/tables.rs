//! Checks of settings that are tables.

use super::{Assumptions, StreetClassDefaults};

/// Shares in a row add up to 1 within this: published tables are rounded.
const ROUNDED: f64 = 0.02;

/// Says what is wrong with a table: path below it, expected, found.
pub(super) fn check(all: &Assumptions, name: &str, wrong: &mut dyn FnMut(&str, &str, String)) {
    let class = match name {
        "motorway" => Some(&all.motorway),
        "regional" => Some(&all.regional),
        "distributor" => Some(&all.distributor),
        "distributor_30" => Some(&all.distributor_30),
        "residential" => Some(&all.residential),
        "cycle_street" => Some(&all.cycle_street),
        "living_street" => Some(&all.living_street),
        "service" => Some(&all.service),
        _ => None,
    };
    if let Some(StreetClassDefaults { free_flow_kmh, usual_limit_kmh, capacity_per_lane }) = class {
        for (key, number) in [
            (".free_flow_kmh", *free_flow_kmh),
            (".usual_limit_kmh", *usual_limit_kmh),
            (".capacity_per_lane", *capacity_per_lane),
        ] {
            if !(number.is_finite() && number > 0.0) {
                wrong(key, "a number above 0", number.to_string());
            }
        }
    }
    let ascending = |distances: Vec<f64>, wrong: &mut dyn FnMut(&str, &str, String)| {
        if distances.is_empty() {
            wrong("", "at least one row", "none".to_owned());
        }
        let mut last = 0.0;
        for (row, km) in distances.into_iter().enumerate() {
            if km.is_nan() || km <= last {
                wrong(&format!("[{row}].up_to_km"), &format!("a distance above {last}"), km.to_string());
            }
            last = km;
        }
    };
    match name {
        "mode_split" => {
            ascending(all.mode_split.iter().map(|row| row.up_to_km).collect(), wrong);
            for (index, row) in all.mode_split.iter().enumerate() {
                let shares = [row.walk, row.cycle, row.car, row.transit];
                let sum: f64 = shares.iter().sum();
                if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
                    wrong(&format!("[{index}]"), "shares from 0 to 1", format!("{shares:?}"));
                } else if (sum - 1.0).abs() > ROUNDED {
                    wrong(&format!("[{index}]"), "shares that add up to 1", sum.to_string());
                }
            }
        }
        "journey_distances" => {
            ascending(all.journey_distances.iter().map(|row| row.up_to_km).collect(), wrong);
            let shares = all.journey_distances.iter().map(|row| row.share);
            if let Some(bad) = shares.clone().find(|share| !(0.0..=1.0).contains(share)) {
                wrong("", "shares from 0 to 1", bad.to_string());
            }
            let sum: f64 = shares.sum();
            if (sum - 1.0).abs() > ROUNDED {
                wrong("", "shares that add up to 1", sum.to_string());
            }
        }
        "purposes" => {
            if all.purposes.is_empty() {
                wrong("", "at least one purpose", "none".to_owned());
            }
            for (index, purpose) in all.purposes.iter().enumerate() {
                let numbers = [
                    ("rate", purpose.rate),
                    ("deterrence", purpose.deterrence),
                    ("jobs_weight", purpose.jobs_weight),
                    ("residents_weight", purpose.residents_weight),
                    ("shop_weight", purpose.shop_weight),
                    ("school_weight", purpose.school_weight),
                ];
                for (key, number) in numbers {
                    if !(number.is_finite() && number >= 0.0) {
                        wrong(&format!("[{index}].{key}"), "a number of 0 or more", number.to_string());
                    }
                }
                if all.purposes[..index].iter().any(|earlier| earlier.id == purpose.id) {
                    wrong(
                        &format!("[{index}].id"),
                        "an id that is not taken",
                        format!("\"{}\" twice", purpose.id),
                    );
                }
            }
        }
        "max_zones" if !(2..=2_000).contains(&all.max_zones) => {
            wrong("", "a whole number from 2 to 2000", all.max_zones.to_string());
        }
        _ => {}
    }
}
