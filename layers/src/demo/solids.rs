//! Closed solids in LoD 1.2 and 2.2 over four-sided footprints.

use super::{
    geometry::{P2, lerp},
    plots::Roof,
};
use crate::model::{CityModel, Geometry, GeometryKind, Lod, SurfaceType};

/// Heights of one building, metres NAP.
#[derive(Clone, Copy, Debug)]
pub struct Levels {
    pub ground: f64,
    pub eaves: f64,
    pub ridge: f64,
}

/// Adds the vertices and both geometries of one building to `model`; `ring` is anticlockwise with its front first.
/// Vertices in `model` are the project's coordinates: `origin` is added to the plan's.
pub fn add_building(
    model: &mut CityModel,
    ring: [P2; 4],
    roof: Roof,
    levels: Levels,
    origin: P2,
) -> Vec<Geometry> {
    // A ridge from front to back is a ridge parallel to a front that is one side further.
    let (p, roof) = match roof {
        Roof::FrontGable => ([ring[1], ring[2], ring[3], ring[0]], Roof::Gable),
        other => (ring, other),
    };
    let mut vertex = |at: P2, z: f64| {
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        model.vertices.push([round(at[0] + origin[0]), round(at[1] + origin[1]), round(z)])
    };
    let g = p.map(|at| vertex(at, levels.ground));
    let mut block = Geometry::new(GeometryKind::Solid, Some(Lod::new(1, 2)));
    // LoD 1.2 ends between eaves and ridge, as a block model of the same volume would.
    let top = levels.eaves + (levels.ridge - levels.eaves) * 0.5;
    let t = p.map(|at| vertex(at, top));
    prism(&mut block, g, t);

    let mut solid = Geometry::new(GeometryKind::Solid, Some(Lod::new(2, 2)));
    if roof == Roof::Flat {
        let e = if (levels.eaves - top).abs() < 1e-9 { t } else { p.map(|at| vertex(at, levels.eaves)) };
        prism(&mut solid, g, e);
        return vec![block, solid];
    }
    let e = p.map(|at| vertex(at, levels.eaves));
    let left_middle = lerp(p[3], p[0], 0.5);
    let right_middle = lerp(p[1], p[2], 0.5);
    ground(&mut solid, g);
    wall(&mut solid, &[g[0], g[1], e[1], e[0]]);
    wall(&mut solid, &[g[2], g[3], e[3], e[2]]);
    match roof {
        Roof::Spire => {
            wall(&mut solid, &[g[1], g[2], e[2], e[1]]);
            wall(&mut solid, &[g[3], g[0], e[0], e[3]]);
            let apex = vertex(lerp(left_middle, right_middle, 0.5), levels.ridge);
            for k in 0..4 {
                slope(&mut solid, model, &[e[k], e[(k + 1) % 4], apex]);
            }
        }
        Roof::Hip => {
            wall(&mut solid, &[g[1], g[2], e[2], e[1]]);
            wall(&mut solid, &[g[3], g[0], e[0], e[3]]);
            let width = super::geometry::distance(left_middle, right_middle);
            let depth = super::geometry::distance(p[1], p[2]);
            let part = (0.45 * depth / width.max(0.1)).min(0.38);
            let a = vertex(lerp(left_middle, right_middle, part), levels.ridge);
            let b = vertex(lerp(left_middle, right_middle, 1.0 - part), levels.ridge);
            slope(&mut solid, model, &[e[0], e[1], b, a]);
            slope(&mut solid, model, &[e[2], e[3], a, b]);
            slope(&mut solid, model, &[e[1], e[2], b]);
            slope(&mut solid, model, &[e[3], e[0], a]);
        }
        Roof::Gambrel => {
            let bend = levels.eaves + (levels.ridge - levels.eaves) * 0.66;
            let a = vertex(left_middle, levels.ridge);
            let b = vertex(right_middle, levels.ridge);
            let side = 0.2;
            let (front_a, front_b) =
                (vertex(lerp(p[0], p[3], side), bend), vertex(lerp(p[1], p[2], side), bend));
            let (back_a, back_b) =
                (vertex(lerp(p[3], p[0], side), bend), vertex(lerp(p[2], p[1], side), bend));
            wall(&mut solid, &[g[1], g[2], e[2], back_b, b, front_b, e[1]]);
            wall(&mut solid, &[g[3], g[0], e[0], front_a, a, back_a, e[3]]);
            slope(&mut solid, model, &[e[0], e[1], front_b, front_a]);
            slope(&mut solid, model, &[front_a, front_b, b, a]);
            slope(&mut solid, model, &[e[2], e[3], back_a, back_b]);
            slope(&mut solid, model, &[back_b, back_a, a, b]);
        }
        Roof::Gable | Roof::FrontGable | Roof::Flat => {
            let a = vertex(left_middle, levels.ridge);
            let b = vertex(right_middle, levels.ridge);
            wall(&mut solid, &[g[1], g[2], e[2], b, e[1]]);
            wall(&mut solid, &[g[3], g[0], e[0], a, e[3]]);
            slope(&mut solid, model, &[e[0], e[1], b, a]);
            slope(&mut solid, model, &[e[2], e[3], a, b]);
        }
    }
    close_shell(&mut solid);
    vec![block, solid]
}

fn ground(solid: &mut Geometry, g: [u32; 4]) {
    solid.push_surface([[g[3], g[2], g[1], g[0]].as_slice()], SurfaceType::Ground);
}

fn wall(solid: &mut Geometry, ring: &[u32]) {
    solid.push_surface([ring], SurfaceType::Wall);
}

/// A roof face; four corners that do not lie in one plane (houses in a bend) become two triangles.
fn slope(solid: &mut Geometry, model: &CityModel, ring: &[u32]) {
    if let &[a, b, c, d] = ring {
        let [pa, pb, pc, pd] = [a, b, c, d].map(|index| model.vertices.at(index));
        let minus = |p: [f64; 3], q: [f64; 3]| [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
        let (u, v, w) = (minus(pb, pa), minus(pc, pa), minus(pd, pa));
        let normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        let size = (normal[0].powi(2) + normal[1].powi(2) + normal[2].powi(2)).sqrt().max(1e-9);
        let away = (normal[0] * w[0] + normal[1] * w[1] + normal[2] * w[2]).abs() / size;
        if away > 0.003 {
            solid.push_surface([[a, b, c].as_slice()], SurfaceType::Roof);
            solid.push_surface([[a, c, d].as_slice()], SurfaceType::Roof);
            return;
        }
    }
    solid.push_surface([ring], SurfaceType::Roof);
}

fn prism(solid: &mut Geometry, g: [u32; 4], t: [u32; 4]) {
    ground(solid, g);
    for k in 0..4 {
        let next = (k + 1) % 4;
        wall(solid, &[g[k], g[next], t[next], t[k]]);
    }
    solid.push_surface([t.as_slice()], SurfaceType::Roof);
    close_shell(solid);
}

fn close_shell(solid: &mut Geometry) {
    solid.shell_ends.push(solid.surface_count() as u32);
}
