//! An invented window: every panel filled, with the long Dutch words and the odd numbers that break layouts.

use app::commands::{Language, Mode, StreetExtent};
use app::ui::WindowView;
use app::ui::egui::{Color32, pos2};
use app::ui::theme::LIGHT;
use app::ui::view::*;

/// 16 June 2026 15:00 in the Netherlands.
pub const AFTERNOON: i64 = 1_781_614_800;

pub fn compare(language: Language) -> WindowView {
    let dutch = language == Language::Dutch;
    let word = |nl: &str, en: &str| if dutch { nl.to_owned() } else { en.to_owned() };
    let mut view = WindowView {
        mode: Mode::Compare,
        language,
        text_scale: 1.0,
        heading_deg: 30.0,
        project: Some(ProjectView {
            title: word("Stad van de maquette", "City of the model"),
            is_fictional: true,
            ..ProjectView::default()
        }),
        history: HistoryView { can_undo: true, can_redo: false },
        layers: layers(&word),
        legend: Some(LegendView::TrafficDifference { end: 1.0, noise_vehicles_per_hour: 10.0 }),
        scenario: Some(scenario(&word)),
        indicators: IndicatorsView {
            state: IndicatorsState::Ready { seconds: 0.8 },
            rows: indicators(),
            is_demand_synthetic: true,
            evaporation: Some(0.18),
            ..IndicatorsView::default()
        },
        time: Some(TimeView {
            now: AFTERNOON,
            range: AFTERNOON - 6 * 86_400..=AFTERNOON + 86_400,
            is_playing: false,
            speed: 600.0,
            is_live: true,
            present: AFTERNOON,
            utc_offset_secs: 7200,
        }),
        status: StatusView {
            rd: Some([118_204.31, 486_553.12]),
            nap_m: Some(0.42),
            latitude_longitude: Some([52.36412, 4.84907]),
            scale: Some(ScaleView { length_m: 100.0, points: 42.0 }),
            crs: Some(CrsBadge::Exact),
            attribution: vec!["© 3DBAG".to_owned(), "© OpenStreetMap".to_owned(), "BGT CC0".to_owned()],
            tasks: vec![TaskView {
                id: 7,
                name: word("verkeer verfijnen", "refining traffic"),
                progress: Some(0.64),
                is_cancellable: true,
            }],
            ..StatusView::default()
        },
        ..WindowView::default()
    };
    view.map_labels = map_labels();
    view
}

/// Explore, with a sensor picked and messages.
pub fn explore(language: Language) -> WindowView {
    let dutch = language == Language::Dutch;
    let word = |nl: &str, en: &str| if dutch { nl.to_owned() } else { en.to_owned() };
    let mut view = compare(language);
    view.mode = Mode::Explore;
    view.inspector = Some(sensor(&word));
    view.messages = vec![
        MessageView {
            id: 1,
            severity: Severity::Success,
            text: word("Opgeslagen: nachtwachtlaan.stadsmaquette", "Saved: nachtwachtlaan.stadsmaquette"),
            details: Vec::new(),
        },
        MessageView {
            id: 2,
            severity: Severity::Warning,
            text: word(
                "delft_3dbag_2024.city.jsonl is gelezen, met 3 opmerkingen",
                "delft_3dbag_2024.city.jsonl was read, with 3 remarks",
            ),
            details: vec![
                "line 12: expected 3 coordinates, found 2 (NL.IMBAG.Pand.0503100000012869)".to_owned(),
                "line 48: ring with 2 vertices left out".to_owned(),
            ],
        },
    ];
    view
}

/// Scenario mode with a stop picked, and every kind of measure on stops and lines in the list.
pub fn stop_editing(language: Language) -> WindowView {
    let mut view = compare(language);
    view.mode = Mode::Scenario;
    view.inspector = Some(stop(language));
    let text = |words: &str| Argument::Text(words.to_owned());
    let sentence = |index, key, arguments, headway_minutes| MeasureRow {
        index,
        kind: MeasureView::Sentence { key, arguments, headway_minutes },
        is_highlighted: false,
    };
    if let Some(scenario) = &mut view.scenario {
        scenario.measures = vec![
            sentence(
                0,
                "measure-stop-moved-towards",
                vec![
                    ("stop", text("Nachtwachtlaan")),
                    ("towards", text("Schutterspark")),
                    ("way", Argument::Length(150.0)),
                    ("direction", Argument::Key("compass-north")),
                ],
                None,
            ),
            sentence(
                1,
                "measure-line-headway",
                vec![("line", text("5")), ("minutes", Argument::Number(7.5))],
                Some(7.5),
            ),
            sentence(
                2,
                "measure-stop-added",
                vec![
                    ("stop", text("Burgemeester van Karnebeekstraat")),
                    ("count", Argument::Number(2.0)),
                    ("lines", text("5, 12")),
                ],
                None,
            ),
        ];
    }
    view
}

/// Scenario mode with a street picked and nothing computed yet.
pub fn scenario_editing(language: Language) -> WindowView {
    let dutch = language == Language::Dutch;
    let word = |nl: &str, en: &str| if dutch { nl.to_owned() } else { en.to_owned() };
    let mut view = compare(language);
    view.mode = Mode::Scenario;
    view.inspector = Some(street(&word));
    view.indicators.state = IndicatorsState::Computing { task: 9, progress: Some(0.35) };
    view
}

type Word<'a> = &'a dyn Fn(&str, &str) -> String;

fn layers(word: Word<'_>) -> Vec<LayerRow> {
    let row = |id: &str, title: String, swatch: Color32, short: &str| LayerRow {
        id: id.to_owned(),
        title,
        swatch,
        is_visible: true,
        opacity: 1.0,
        short_licence: short.to_owned(),
        count_text: word("4.212 gebouwen", "4,212 buildings"),
        why_empty: None,
        is_loading: false,
        provenance: ProvenanceView {
            source: "Stadsmaquette demo city, fictional".to_owned(),
            licence: "CC0-1.0".to_owned(),
            date: "2026-06-15".to_owned(),
            file: "demo/buildings.city.json".to_owned(),
            crs: "EPSG:7415".to_owned(),
        },
        is_removable: true,
    };
    let mut rows = vec![
        row("buildings", word("Gebouwen · 3DBAG 2.2", "Buildings · 3DBAG 2.2"), LIGHT.wall_lit, "CC BY"),
        row("terrain", word("Maaiveld en groen · BGT", "Ground and green · BGT"), LIGHT.green, ""),
        row("streets", word("Straten · OpenStreetMap", "Streets · OpenStreetMap"), LIGHT.street, "ODbL"),
        row("difference", word("Verschil verkeer", "Traffic difference"), LIGHT.less, ""),
        row("transit", word("Bus en trein · GTFS", "Bus and train · GTFS"), LIGHT.brand, "12 s"),
        row("sensors", word("Lucht en geluid · live", "Air and noise · live"), LIGHT.sensor, "2 min"),
        row(
            "sun",
            word("Zonuren op de gevel op 21 maart", "Hours of sun on the façade on 21 March"),
            LIGHT.selected,
            "",
        ),
        row("pipes", word("Ondergrond · leidingen", "Underground · pipes"), LIGHT.water, ""),
    ];
    rows[5].why_empty = Some(word("Kom dichterbij om deze laag te zien", "Come closer to see this layer"));
    rows[6].is_visible = false;
    rows[7].is_visible = false;
    rows[7].opacity = 0.4;
    rows
}

fn scenario(word: Word<'_>) -> ScenarioView {
    ScenarioView {
        id: "b".to_owned(),
        name: word("Voorstraat autovrij", "Voorstraat without cars"),
        parent_name: None,
        measures: vec![
            MeasureRow {
                index: 0,
                kind: MeasureView::PedestrianStreet {
                    street_name: Some("Voorstraat".to_owned()),
                    link_count: 3,
                    allows_cycling: true,
                    allows_bus: false,
                    delivery_window: Some((420, 660)),
                },
                is_highlighted: false,
            },
            MeasureRow {
                index: 1,
                kind: MeasureView::PedestrianStreet {
                    street_name: Some("Burgemeester van Karnebeekstraat".to_owned()),
                    link_count: 1,
                    allows_cycling: false,
                    allows_bus: false,
                    delivery_window: None,
                },
                is_highlighted: false,
            },
        ],
        unresolved: Vec::new(),
        siblings: vec![
            ("a".to_owned(), word("Alleen fietsen", "Only cycling")),
            ("b".to_owned(), word("Voorstraat autovrij", "Voorstraat without cars")),
        ],
    }
}

pub fn indicators() -> Vec<IndicatorRow> {
    let row = |id: &str,
               unit: &str,
               baseline: f64,
               delta: [f64; 3],
               status: DeltaStatus,
               more: Option<bool>| {
        let [low, central, high] = delta;
        IndicatorRow {
            id: id.to_owned(),
            label: None,
            unit: unit.to_owned(),
            baseline,
            value: Some(BandView { low: baseline + low, central: baseline + central, high: baseline + high }),
            delta: Some(BandView { low, central, high }),
            shows_relative: matches!(unit, "veh/day" | "veh-km/day"),
            status,
            is_more_better: more,
            if_nobody_adapts: None,
            has_map: true,
            is_on_map: false,
            explanation: ExplanationView {
                formula: "Σ q · l".to_owned(),
                inputs: vec![("E".to_owned(), "−0,6 (−0,3 … −1,0)".to_owned())],
                sources: vec!["Goodwin, Dargay & Hanly 2004".to_owned()],
                causes: vec!["1 Voetgangersstraat Voorstraat".to_owned()],
            },
        }
    };
    let mut rows = vec![
        row("street-traffic", "veh/day", 4_180.0, [-4_050.0, -3_850.0, -3_680.0], DeltaStatus::Clear, None),
        row(
            "most-increased-street",
            "veh/day",
            2_950.0,
            [650.0, 1_120.0, 1_505.0],
            DeltaStatus::Clear,
            Some(false),
        ),
        row(
            "vehicle-km",
            "veh-km/day",
            184_500.0,
            [-3_100.0, -1_107.0, 900.0],
            DeltaStatus::Uncertain,
            Some(false),
        ),
        row("hours-lost", "h/day", 412.0, [2.0, 11.0, 25.0], DeltaStatus::Clear, Some(false)),
        row("travel-time", "min", 9.4, [0.1, 0.3, 0.4], DeltaStatus::Clear, Some(false)),
        row("detour", "min", 1.2, [-0.02, 0.01, 0.03], DeltaStatus::BelowNoise, Some(false)),
        row("daily-needs-15min", "%", 87.4, [0.8, 1.6, 2.1], DeltaStatus::Clear, Some(true)),
    ];
    rows[0].if_nobody_adapts = Some(-3_500.0);
    rows
}

fn sensor(word: Word<'_>) -> InspectorView {
    let points = (0..96)
        .map(|step| {
            let hour = f64::from(step) / 4.0;
            let value = 18.0
                + 9.0 * (-(hour - 8.5).powi(2) / 4.0).exp()
                + 12.0 * (-(hour - 17.2).powi(2) / 5.0).exp();
            [AFTERNOON as f64 - 54_000.0 + f64::from(step) * 900.0, value]
        })
        .collect();
    InspectorView {
        title: word("Meetpaal Nachtwachtlaan", "Sensor post Nachtwachtlaan"),
        type_name: word("Sensor", "Sensor"),
        layer_title: word("Lucht en geluid · live", "Air and noise · live"),
        rows: vec![
            AttributeRow { name: word("Kenmerk", "Id"), value: AttributeValue::Text("thing-17".to_owned()) },
            AttributeRow {
                name: word("Hoogte boven maaiveld", "Height above ground"),
                value: AttributeValue::Number { value: 3.5, unit: "m".to_owned(), decimals: 1 },
            },
            AttributeRow { name: word("Bouwjaar", "Year built"), value: AttributeValue::Missing },
        ],
        series: vec![SeriesView {
            name: "NO₂".to_owned(),
            unit: "µg/m³".to_owned(),
            points,
            current: Some((AFTERNOON, 23.4)),
            decimals: 0,
        }],
        departures: None,
        privacy: Some(PrivacyView {
            owner: Some(word("Gemeente (fictief)", "Municipality (fictional)")),
            purpose: Some(word(
                "Luchtkwaliteit volgen bij de herinrichting van de Nachtwachtlaan",
                "Follow air quality while the Nachtwachtlaan is rebuilt",
            )),
            measures: Some("NO₂, PM2,5".to_owned()),
            contact: None,
            processes_personal_data: Some(false),
        }),
        ..InspectorView::default()
    }
}

/// A bus stop with its departures.
pub fn stop(language: Language) -> InspectorView {
    let row = |line: &str, destination: &str, minutes: i64, delay_secs| DepartureRow {
        line: line.to_owned(),
        destination: destination.to_owned(),
        time: AFTERNOON + minutes * 60,
        delay_secs,
    };
    InspectorView {
        title: "Nachtwachtlaan".to_owned(),
        type_name: app::ui::text::Texts::new(language).get("type-stop"),
        departures: Some(vec![
            row("5", "Station", 0, Some(120)),
            row("5", "Ziekenhuis via Burgemeester van Karnebeekstraat", 8, None),
        ]),
        stop: Some(StopView {
            counted_hours: [7, 9],
            lines: Some(vec![
                StopLineView {
                    id: "mw-5".to_owned(),
                    name: "5".to_owned(),
                    towards: vec!["Ziekenhuis via Burgemeester van Karnebeekstraat".to_owned()],
                    departures_per_hour: 4.0,
                    headway_minutes: Some(15.0),
                    trains: vec![("SPR".to_owned(), "Station Merewaarde".to_owned(), 6.0)],
                    ..StopLineView::default()
                },
                StopLineView {
                    id: "mw-12".to_owned(),
                    name: "12".to_owned(),
                    towards: vec!["Station".to_owned(), "Schutterspark".to_owned()],
                    departures_per_hour: 1.5,
                    headway_minutes: Some(30.0),
                    planned_minutes: Some(20.0),
                    ..StopLineView::default()
                },
            ]),
            date: "2026-06-16".to_owned(),
            has_other_side: true,
            ..StopView::default()
        }),
        ..InspectorView::default()
    }
}

fn street(word: Word<'_>) -> InspectorView {
    let extent = |extent, link_count, length_m| StreetExtentView { extent, link_count, length_m };
    InspectorView {
        title: "Voorstraat".to_owned(),
        type_name: word("Straat", "Street"),
        layer_title: word("Straten · OpenStreetMap", "Streets · OpenStreetMap"),
        rows: vec![
            AttributeRow {
                name: word("Maximumsnelheid", "Speed limit"),
                value: AttributeValue::Number { value: 30.0, unit: "km/h".to_owned(), decimals: 0 },
            },
            AttributeRow {
                name: word("Verkeer nu (model)", "Traffic now (model)"),
                value: AttributeValue::Number { value: 4_180.0, unit: "veh/day".to_owned(), decimals: 0 },
            },
            AttributeRow { name: word("Eenrichting", "One way"), value: AttributeValue::Flag(false) },
        ],
        street: Some(StreetActionsView {
            extents: vec![
                extent(StreetExtent::Link, 1, 84.0),
                extent(StreetExtent::BetweenCrossings, 3, 212.0),
                extent(StreetExtent::WholeStreet, 9, 1_140.0),
            ],
            refusal: None,
        }),
        lines_nearby: vec![LineChoice {
            id: "mw-5".to_owned(),
            name: "5".to_owned(),
            towards: "Schutterspark".to_owned(),
        }],
        ..InspectorView::default()
    }
}

fn map_labels() -> Vec<MapLabel> {
    let label = |x: f32, y: f32, priority, kind| MapLabel { screen_pos: pos2(x, y), kind, priority };
    let change =
        |low: f64, central: f64, high: f64| MapLabelKind::TrafficChange(BandView { low, central, high });
    vec![
        label(700.0, 300.0, 0, change(-0.97, -0.92, -0.88)),
        label(620.0, 380.0, 1, change(0.22, 0.38, 0.51)),
        label(650.0, 380.0, 2, MapLabelKind::Stop("Bus 5 · 15:00 Nachtwachtlaan".to_owned())),
        label(
            420.0,
            480.0,
            3,
            MapLabelKind::Sensor {
                name: "NO₂".to_owned(),
                value: 17.0,
                unit: "µg/m³".to_owned(),
                decimals: 0,
            },
        ),
        label(430.0, 484.0, 4, MapLabelKind::Name("Grote Markt".to_owned())),
    ]
}
