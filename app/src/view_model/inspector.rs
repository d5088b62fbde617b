//! What the inspector says of the picked thing.

use layers::model::{
    LayerData, Modes, SensorLayer, StreetNetwork, Timetable, Value,
    building_facts::{BuildingFacts, BuildingFunction},
};

use crate::{
    commands::{BuildingMeasure, StreetExtent, Target, scenario::links_of_extent},
    project::{LayerState, Project},
    time,
    ui::{
        text::Texts,
        view::{
            AttributeRow, AttributeValue, DepartureRow, InspectorView, PrivacyView, SeriesView,
            StreetActionsView, StreetExtentView,
        },
    },
};

/// Departures listed at a stop.
const DEPARTURES: usize = 6;
/// Raw attributes listed after the known ones.
const RAW_ROWS: usize = 24;

pub fn view(project: &Project, target: &Target, texts: Texts) -> Option<InspectorView> {
    let (state, index) = project.find(target)?;
    let mut view = match &state.layer.data {
        LayerData::City(model) => building(model, index, texts),
        LayerData::Features(layer) => {
            let name = layer.attributes.first_of(index, &["name", "naam"]);
            let mut view = InspectorView {
                title: if name.is_null() { layer.features[index].id.clone() } else { name.to_text() },
                type_name: texts.get(match layer.role {
                    layers::model::FeatureRole::Trees => "type-tree",
                    layers::model::FeatureRole::Zones => "type-zone",
                    _ => "type-feature",
                }),
                ..InspectorView::default()
            };
            raw_rows(&mut view, &layer.attributes, index, &[]);
            view
        }
        LayerData::Streets(network) => street(project, state, network, index, texts),
        LayerData::Transit(timetable) => stop(project, timetable, index, texts),
        LayerData::Sensors(sensors) => sensor(project, sensors, index, texts),
        LayerData::Meshes(model) => {
            let mut view = InspectorView {
                title: model.features.get(index)?.id.clone(),
                type_name: texts.get("type-feature"),
                ..InspectorView::default()
            };
            raw_rows(&mut view, &model.attributes, index, &[]);
            view
        }
        LayerData::Terrain(_) | LayerData::Points(_) => return None,
    };
    view.layer_title.clone_from(&state.layer.title);
    Some(view)
}

fn text_row(texts: Texts, key: &str, value: impl Into<String>) -> AttributeRow {
    AttributeRow { name: texts.get(key), value: AttributeValue::Text(value.into()) }
}

fn number_row(texts: Texts, key: &str, value: f64, unit: &str, decimals: usize) -> AttributeRow {
    AttributeRow {
        name: texts.get(key),
        value: AttributeValue::Number { value, unit: unit.to_owned(), decimals },
    }
}

fn raw_rows(view: &mut InspectorView, table: &layers::model::AttributeTable, row: usize, known: &[&str]) {
    for (name, unit, value) in table.row(row).filter(|(name, ..)| !known.contains(name)).take(RAW_ROWS) {
        let value = match value {
            Value::Bool(flag) => AttributeValue::Flag(flag),
            Value::Integer(number) => AttributeValue::Number {
                value: number as f64,
                unit: unit.unwrap_or_default().to_owned(),
                decimals: 0,
            },
            Value::Real(number) => AttributeValue::Number {
                value: number,
                unit: unit.unwrap_or_default().to_owned(),
                decimals: 2,
            },
            other => AttributeValue::Text(other.to_text()),
        };
        view.rows.push(AttributeRow { name: name.to_owned(), value });
    }
}

fn building(model: &layers::model::CityModel, index: usize, texts: Texts) -> InspectorView {
    let object = &model.objects[index];
    let facts = BuildingFacts::from_row(&model.attributes, index);
    let address = facts
        .street
        .as_ref()
        .map(|street| format!("{street} {}", facts.house_number.as_deref().unwrap_or("")).trim().to_owned());
    let mut view = InspectorView {
        title: facts.name.clone().or(address.clone()).unwrap_or_else(|| object.id.clone()),
        type_name: if object.object_type.is_building() {
            texts.get("type-building")
        } else {
            object.object_type.to_string()
        },
        ..InspectorView::default()
    };
    let rows = &mut view.rows;
    if facts.name.is_some()
        && let Some(address) = address
    {
        rows.push(text_row(texts, "field-address", address));
    }
    if let Some(function) = facts.function {
        let key = match function {
            BuildingFunction::Housing => "function-housing",
            BuildingFunction::Office => "function-office",
            BuildingFunction::Shop => "function-shop",
            BuildingFunction::Education => "function-education",
            BuildingFunction::HealthCare => "function-health-care",
            BuildingFunction::Gathering => "function-gathering",
            BuildingFunction::Sport => "function-sport",
            BuildingFunction::Lodging => "function-lodging",
            BuildingFunction::Industry => "function-industry",
            BuildingFunction::Cell => "function-cell",
            BuildingFunction::Other => "function-other",
        };
        rows.push(text_row(texts, "field-function", texts.get(key)));
    }
    if let Some(year) = facts.year {
        rows.push(text_row(texts, "field-year", year.to_string()));
    }
    for (key, value, unit) in [
        ("field-floor-area", facts.floor_area_m2, "m²"),
        ("field-dwellings", facts.dwellings.filter(|n| *n > 0.0), ""),
        ("field-residents", facts.residents.filter(|n| *n > 0.0), ""),
        ("field-jobs", facts.jobs.filter(|n| *n > 0.0), ""),
    ] {
        if let Some(value) = value {
            rows.push(number_row(texts, key, value, unit, 0));
        }
    }
    let lods = object
        .children
        .iter()
        .filter_map(|&child| model.objects.get(child as usize))
        .chain([object])
        .flat_map(|o| &o.geometries)
        .filter_map(|geometry| geometry.lod)
        .collect::<std::collections::BTreeSet<_>>();
    if !lods.is_empty() {
        let text = lods.iter().map(ToString::to_string).collect::<Vec<_>>().join(" · ");
        rows.push(text_row(texts, "field-lod", text));
    }
    rows.push(text_row(texts, "field-id", object.id.clone()));
    if model.objects.get(model.root_of(index)).is_some_and(|root| root.object_type.is_building()) {
        let has_it = |measure: &BuildingMeasure| match measure {
            BuildingMeasure::ToHousing => facts.function == Some(BuildingFunction::Housing),
            BuildingMeasure::ToOffice => facts.function == Some(BuildingFunction::Office),
            BuildingMeasure::ToGreen | BuildingMeasure::Demolish => false,
        };
        view.building_measures = BuildingMeasure::ALL.into_iter().filter(|m| !has_it(m)).collect();
    }
    let known = [
        "function",
        "gebruiksdoel",
        "year",
        "oorspronkelijkbouwjaar",
        "floor_area_m2",
        "dwellings",
        "residents",
        "jobs",
        "name",
        "street",
        "house_number",
        "identificatie",
    ];
    raw_rows(&mut view, &model.attributes, index, &known);
    view
}

fn street(
    project: &Project,
    state: &LayerState,
    network: &StreetNetwork,
    index: usize,
    texts: Texts,
) -> InspectorView {
    let link = &network.links[index];
    let mut view = InspectorView {
        title: if link.name.is_empty() { texts.get("scenario-unnamed-street") } else { link.name.clone() },
        type_name: texts.get("type-street"),
        ..InspectorView::default()
    };
    let rows = &mut view.rows;
    let has_car = (link.forward | link.backward).contains(Modes::CAR);
    let outcome = project
        .street_layer()
        .filter(|streets| streets.layer.id == state.layer.id)
        .and_then(|_| project.active())
        .and_then(|active| active.evaluation.as_ref().map(|e| (active, e)))
        .and_then(|(active, evaluation)| evaluation.links.get(index).map(|outcome| (active, outcome)));
    if let Some((active, outcome)) = outcome.filter(|_| has_car) {
        let rounded = |value| crate::ui::numbers::significant(value, 2);
        rows.push(number_row(texts, "field-traffic-now", rounded(outcome.baseline), "veh/day", 0));
        if !active.scenario().measures.is_empty() {
            rows.push(number_row(texts, "field-traffic-scenario", rounded(outcome.central), "veh/day", 0));
        }
    }
    rows.push(text_row(
        texts,
        "field-class",
        texts.get(&format!("class-{}", link.class.name().replace('_', "-"))),
    ));
    rows.push(number_row(texts, "field-length", link.length_m, "m", 0));
    rows.push(number_row(texts, "field-width", link.width_m, "m", 1));
    if has_car {
        rows.push(number_row(texts, "field-speed", link.speed_limit_mps * 3.6, "km/h", 0));
        rows.push(number_row(
            texts,
            "field-lanes",
            f64::from(link.lanes_forward) + f64::from(link.lanes_backward),
            "",
            0,
        ));
        let is_one_way = !(link.forward.contains(Modes::CAR) && link.backward.contains(Modes::CAR));
        let key = if is_one_way { "direction-one-way" } else { "direction-both" };
        rows.push(text_row(texts, "field-direction", texts.get(key)));
    }
    let modes = link.forward | link.backward;
    let names: Vec<String> = [
        (Modes::WALK, "travel-mode-foot"),
        (Modes::CYCLE, "travel-mode-bicycle"),
        (Modes::BUS, "travel-mode-bus"),
        (Modes::CAR, "travel-mode-car"),
    ]
    .into_iter()
    .filter(|(mode, _)| modes.contains(*mode))
    .map(|(_, key)| texts.get(key))
    .collect();
    rows.push(text_row(texts, "field-modes", names.join(", ")));
    rows.push(text_row(texts, "field-id", link.id.clone()));
    let is_model_street = project.street_layer().is_some_and(|streets| streets.layer.id == state.layer.id);
    if is_model_street {
        let extents = [StreetExtent::Link, StreetExtent::BetweenCrossings, StreetExtent::WholeStreet]
            .into_iter()
            .map(|extent| {
                let links = links_of_extent(network, index, extent);
                StreetExtentView {
                    extent,
                    link_count: links.len(),
                    length_m: links.iter().map(|&l| network.links[l].length_m).sum(),
                }
            })
            .collect();
        let is_treated = project.active().is_some_and(|active| {
            active.scenario().measures.iter().any(|m| m.links().iter().any(|l| l.id == link.id))
        });
        let refusal = if is_treated {
            Some(texts.get("street-already-treated"))
        } else if !has_car {
            Some(texts.get("street-without-cars"))
        } else {
            None
        };
        view.street = Some(StreetActionsView { extents, refusal });
    }
    view
}

/// The next departures from a stop after a moment: line, headsign, time (seconds UTC), sorted by time.
pub fn departures(timetable: &Timetable, stop: usize, from: i64, limit: usize) -> Vec<(String, String, i64)> {
    let (today, weekday) = time::local_date(from, &timetable.timezone);
    let yesterday = time::day_before(today);
    // Trips of yesterday's service may run past midnight.
    let days = [(today, weekday), (yesterday, (weekday + 6) % 7)];
    let mut found = Vec::new();
    for (date, weekday) in days {
        let start = time::start_of_day(date, &timetable.timezone);
        for (number, trip) in timetable.trips.iter().enumerate() {
            let runs =
                timetable.services.get(trip.service as usize).is_some_and(|s| s.runs_on(date, weekday));
            if !runs {
                continue;
            }
            let calls = timetable.calls(number);
            // The last call of a trip is an arrival.
            for call in &calls[..calls.len().saturating_sub(1)] {
                let departure = start + i64::from(call.departure_secs);
                if call.stop as usize == stop && departure >= from && departure < from + 24 * 3600 {
                    let route = timetable.routes.get(trip.route as usize);
                    let line = route.map_or_else(String::new, |route| {
                        if route.short_name.is_empty() {
                            route.long_name.clone()
                        } else {
                            route.short_name.clone()
                        }
                    });
                    found.push((line, trip.headsign.clone(), departure));
                }
            }
        }
    }
    found.sort_by(|a, b| (a.2, &a.0, &a.1).cmp(&(b.2, &b.0, &b.1)));
    found.dedup();
    found.truncate(limit);
    found
}

/// Whether a line calls at a stop at exactly a moment (seconds UTC).
pub fn calls_at(timetable: &Timetable, stop: usize, line: &str, moment: i64) -> bool {
    departures(timetable, stop, moment, 50).iter().any(|(l, _, time)| l == line && *time == moment)
}

fn stop(project: &Project, timetable: &Timetable, index: usize, texts: Texts) -> InspectorView {
    let stop = &timetable.stops[index];
    InspectorView {
        title: stop.name.clone(),
        type_name: texts.get("type-stop"),
        rows: vec![text_row(texts, "field-id", stop.id.clone())],
        departures: Some(
            departures(timetable, index, project.time, DEPARTURES)
                .into_iter()
                .map(|(line, destination, time)| DepartureRow { line, destination, time, delay_secs: None })
                .collect(),
        ),
        ..InspectorView::default()
    }
}

fn sensor(project: &Project, sensors: &SensorLayer, index: usize, texts: Texts) -> InspectorView {
    const DAY: i64 = 86_400;
    let thing = &sensors.things[index];
    let series: Vec<SeriesView> = sensors
        .datastreams
        .iter()
        .filter(|stream| stream.thing as usize == index)
        .map(|stream| {
            let from = stream.times.partition_point(|&t| t < project.time - DAY);
            let to = stream.times.partition_point(|&t| t <= project.time);
            let range = if from < to { from..to } else { 0..stream.times.len() };
            let largest = stream.values.iter().fold(0.0_f64, |a, &b| a.max(b.abs()));
            SeriesView {
                name: stream.name.clone(),
                unit: stream.unit.clone(),
                points: range.map(|i| [stream.times[i] as f64, stream.values[i]]).collect(),
                current: stream.at(project.time),
                decimals: if largest >= 100.0 {
                    0
                } else if largest >= 2.0 {
                    1
                } else {
                    2
                },
            }
        })
        .collect();
    let measures = series.iter().map(|stream| stream.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut rows = Vec::new();
    if !thing.description.is_empty() {
        rows.push(text_row(texts, "field-description", thing.description.clone()));
    }
    rows.push(text_row(texts, "field-id", thing.id.clone()));
    InspectorView {
        title: thing.name.clone(),
        type_name: texts.get("type-sensor"),
        rows,
        series,
        privacy: Some(PrivacyView {
            owner: thing.card.owner.clone(),
            purpose: thing.card.purpose.clone(),
            measures: (!measures.is_empty()).then_some(measures),
            contact: thing.card.contact.clone(),
            processes_personal_data: thing.card.processes_personal_data,
        }),
        ..InspectorView::default()
    }
}
