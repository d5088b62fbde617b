//! Draws the demo town from above as a PPM picture, to look at the plan without a graphics card:
//! `cargo run --release -p stadsmaquette-layers --example demo_map -- out.ppm [x y half_width_m]`

use std::{env, fs, time::Instant};

use layers::{
    demo,
    model::{LayerData, LinkClass, SurfaceType},
};

struct Picture {
    size: usize,
    low: [f64; 2],
    scale: f64,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    fn fill(&mut self, ring: &[[f64; 2]], colour: [u8; 3]) {
        let points: Vec<[f64; 2]> = ring
            .iter()
            .map(|p| {
                let y = (p[1] - self.low[1]) * self.scale;
                [(p[0] - self.low[0]) * self.scale, self.size as f64 - y]
            })
            .collect();
        let top = points.iter().map(|p| p[1]).fold(f64::MAX, f64::min).max(0.0) as usize;
        let bottom = points.iter().map(|p| p[1]).fold(f64::MIN, f64::max).min(self.size as f64 - 1.0);
        if bottom < 0.0 {
            return;
        }
        for row in top..=bottom as usize {
            let y = row as f64 + 0.5;
            let mut cuts: Vec<f64> = (0..points.len())
                .filter_map(|i| {
                    let (a, b) = (points[i], points[(i + 1) % points.len()]);
                    ((a[1] > y) != (b[1] > y)).then(|| a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]))
                })
                .collect();
            cuts.sort_by(f64::total_cmp);
            for pair in cuts.chunks_exact(2) {
                let from = (pair[0] - 0.5).ceil().max(0.0) as usize;
                let to = (pair[1] - 0.5).ceil().clamp(0.0, self.size as f64) as usize;
                for column in from..to {
                    self.pixels[row * self.size + column] = colour;
                }
            }
        }
    }

    fn stroke(&mut self, line: &[[f64; 2]], width: f64, colour: [u8; 3]) {
        for pair in line.windows(2) {
            let d = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
            let length = d[0].hypot(d[1]).max(1e-9);
            let n = [-d[1] / length * width / 2.0, d[0] / length * width / 2.0];
            let e = [d[0] / length * width * 0.2, d[1] / length * width * 0.2];
            let (a, b) = (pair[0], pair[1]);
            let ring = [
                [a[0] - n[0] - e[0], a[1] - n[1] - e[1]],
                [b[0] - n[0] + e[0], b[1] - n[1] + e[1]],
                [b[0] + n[0] + e[0], b[1] + n[1] + e[1]],
                [a[0] + n[0] - e[0], a[1] + n[1] - e[1]],
            ];
            self.fill(&ring, colour);
        }
    }
}

fn ring_of(line: &geo::LineString<f64>) -> Vec<[f64; 2]> {
    line.0.iter().map(|c| [c.x, c.y]).collect()
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |i: usize, default: f64| arguments.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let start = Instant::now();
    let city = demo::build(demo::DEMO_SEED);
    println!("built in {:.3} s", start.elapsed().as_secs_f64());
    let (x, y, half) = (number(1, 0.0), number(2, 0.0), number(3, 2400.0));
    let size = 1600;
    let mut picture = Picture {
        size,
        low: [demo::ORIGIN[0] + x - half, demo::ORIGIN[1] + y - half],
        scale: size as f64 / (2.0 * half),
        pixels: vec![[238, 240, 236]; size * size],
    };
    for id in ["surfaces", "streets", "rail", "buildings", "trees", "transit", "sensors"] {
        let Some(layer) = city.layer(id) else { continue };
        match &layer.data {
            LayerData::Features(features) => {
                for (row, feature) in features.features.iter().enumerate() {
                    match &feature.geometry {
                        Some(geo::Geometry::Polygon(polygon)) => {
                            let colour = match features.attributes.get(row, "surface").to_text().as_str() {
                                "water" => [185, 211, 218],
                                "grass" => [222, 232, 214],
                                "park" => [205, 224, 192],
                                "forest" => [188, 212, 176],
                                "farmland" => [232, 234, 214],
                                "square" => [240, 232, 216],
                                "quay" | "pavement" => [233, 229, 221],
                                "parking" => [214, 214, 212],
                                "sport" => [190, 220, 170],
                                "playground" => [240, 220, 180],
                                "rail-bed" => [215, 208, 200],
                                _ => [255, 0, 255],
                            };
                            picture.fill(&ring_of(polygon.exterior()), colour);
                        }
                        Some(geo::Geometry::LineString(line)) => {
                            picture.stroke(&ring_of(line), 1.6, [120, 116, 110]);
                        }
                        Some(geo::Geometry::Point(point)) => {
                            let r = features.attributes.get(row, "crown_radius_m").as_f64().unwrap_or(2.0);
                            let ring: Vec<[f64; 2]> = (0..9)
                                .map(|k| {
                                    let a = f64::from(k) * 0.7;
                                    [point.x() + r * a.cos(), point.y() + r * a.sin()]
                                })
                                .collect();
                            picture.fill(&ring, [150, 186, 138]);
                        }
                        _ => {}
                    }
                }
                println!("{id}: {}", features.features.len());
            }
            LayerData::Streets(streets) => {
                for link in &streets.links {
                    let colour = match link.class {
                        LinkClass::Footway | LinkClass::Path => [246, 240, 228],
                        LinkClass::Cycleway => [240, 214, 204],
                        _ if link.is_bridge => [250, 236, 210],
                        _ if link.is_tunnel => [225, 225, 225],
                        _ => [253, 253, 251],
                    };
                    picture.stroke(&link.geometry, link.width_m, colour);
                }
                println!("links: {}, nodes: {}", streets.links.len(), streets.nodes.len());
            }
            LayerData::City(model) => {
                let (mut residents, mut jobs, mut dwellings) = (0.0, 0.0, 0.0);
                for (row, object) in model.objects.iter().enumerate() {
                    let get = |name: &str| model.attributes.get(row, name).as_f64().unwrap_or(0.0);
                    residents += get("residents");
                    jobs += get("jobs");
                    dwellings += get("dwellings");
                    let function = model.attributes.get(row, "function").to_text();
                    let Some(solid) = object.geometries.get(1) else { continue };
                    for surface in 0..solid.surface_count() {
                        if solid.surface_types[surface] != SurfaceType::Roof {
                            continue;
                        }
                        let Some(ring) = solid.rings(surface).next() else { continue };
                        let points: Vec<[f64; 3]> =
                            ring.iter().map(|&index| model.vertices.at(index)).collect();
                        let (a, b, c) = (points[0], points[1], points[2]);
                        let (u, v) = (
                            [b[0] - a[0], b[1] - a[1], b[2] - a[2]],
                            [c[0] - a[0], c[1] - a[1], c[2] - a[2]],
                        );
                        let n =
                            [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
                        let size = (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt().max(1e-9);
                        let light = 0.78 + 0.22 * (-0.5 * n[0] + 0.55 * n[1] + 0.6 * n[2]) / size;
                        let base = match function.as_str() {
                            "winkelfunctie" => [222.0, 190.0, 160.0],
                            "kantoorfunctie" => [190.0, 196.0, 214.0],
                            "woonfunctie" => [200.0, 190.0, 175.0],
                            "industriefunctie" => [190.0, 190.0, 190.0],
                            _ => [222.0, 178.0, 178.0],
                        };
                        let colour = [0, 1, 2].map(|k: usize| (base[k] * light).clamp(0.0, 255.0) as u8);
                        let flat: Vec<[f64; 2]> = points.iter().map(|p| [p[0], p[1]]).collect();
                        picture.fill(&flat, colour);
                    }
                }
                println!(
                    "buildings: {}, residents {residents}, jobs {jobs}, dwellings {dwellings}",
                    model.objects.len()
                );
            }
            LayerData::Transit(table) => {
                let mut shapes: Vec<_> = table.shapes.iter().collect();
                shapes.sort_by_key(|(id, _)| id.as_str());
                for (_, shape) in shapes {
                    picture.stroke(shape, 3.0, [11, 92, 75]);
                }
                for stop in &table.stops {
                    let [x, y] = stop.position;
                    let r = 7.0;
                    picture.fill(
                        &[[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]],
                        [11, 92, 75],
                    );
                }
                println!("stops {}, trips {}", table.stops.len(), table.trips.len());
            }
            LayerData::Sensors(sensors) => {
                for [x, y, _] in sensors.things.iter().filter_map(|thing| thing.position) {
                    let r = 9.0;
                    picture.fill(&[[x - r, y], [x, y - r], [x + r, y], [x, y + r]], [194, 86, 45]);
                }
                println!("things {}, observations {}", sensors.things.len(), sensors.observation_count());
            }
            LayerData::Terrain(_) | LayerData::Meshes(_) | LayerData::Points(_) => {}
        }
    }
    let mut bytes = format!("P6\n{size} {size}\n255\n").into_bytes();
    bytes.extend(picture.pixels.iter().flatten());
    let path = arguments.first().map_or("demo_map.ppm", String::as_str);
    fs::write(path, bytes).expect("the picture can be written");
}
