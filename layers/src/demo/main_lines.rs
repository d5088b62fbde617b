//! The lines that everything else hangs on: river, railway, ring road, singel; and main streets that meet in nodes.

use super::{
    geometry::{P2, Polyline},
    streets::{Profile, Streets},
};

/// Centre line of the river Mere, west to east.
pub fn river() -> Polyline {
    Polyline::spline(
        &[
            [-2900.0, -1290.0],
            [-2300.0, -1120.0],
            [-1700.0, -850.0],
            [-1100.0, -700.0],
            [-500.0, -560.0],
            [0.0, -510.0],
            [480.0, -500.0],
            [900.0, -400.0],
            [1350.0, -250.0],
            [1850.0, 30.0],
            [2400.0, 200.0],
            [2900.0, 480.0],
        ],
        15.0,
    )
}

/// Middle of the two tracks, west to east.
pub fn rail() -> Polyline {
    Polyline::spline(
        &[[-2900.0, 560.0], [-1400.0, 745.0], [0.0, 840.0], [1300.0, 905.0], [2900.0, 860.0]],
        20.0,
    )
}

/// The ring road, closed, clockwise from the west.
pub fn ring() -> Polyline {
    Polyline::spline(
        &[
            [-1270.0, -330.0],
            [-1330.0, 50.0],
            [-1310.0, 450.0],
            [-1240.0, 880.0],
            [-1010.0, 1260.0],
            [-520.0, 1420.0],
            [50.0, 1440.0],
            [620.0, 1462.0],
            [1120.0, 1370.0],
            [1390.0, 1060.0],
            [1450.0, 620.0],
            [1430.0, 200.0],
            [1370.0, -280.0],
            [1230.0, -770.0],
            [830.0, -1110.0],
            [250.0, -1240.0],
            [-380.0, -1290.0],
            [-900.0, -1210.0],
            [-1190.0, -880.0],
            [-1270.0, -330.0],
        ],
        15.0,
    )
}

/// The street inside the singel, from the river around the north to the river again.
pub fn inner_ring(foot_west: P2, foot_east: P2) -> Polyline {
    Polyline::spline(
        &[
            foot_west,
            [-418.0, -330.0],
            [-440.0, -170.0],
            [-432.0, 0.0],
            [-378.0, 165.0],
            [-262.0, 288.0],
            [-110.0, 345.0],
            [60.0, 352.0],
            [215.0, 318.0],
            [345.0, 232.0],
            [425.0, 105.0],
            [455.0, -60.0],
            [446.0, -240.0],
            foot_east,
        ],
        10.0,
    )
}

/// A main street with its number and line.
pub struct Main {
    pub id: usize,
    pub line: Polyline,
}

impl Main {
    pub fn draw(streets: &mut Streets, name: &str, profile: Profile, line: Polyline) -> Self {
        let id = streets.add(name, profile, line.clone());
        Self { id, line }
    }

    /// A node at the point of this street nearest to `p`; gives its place on the line.
    pub fn node(&self, streets: &mut Streets, p: P2) -> f64 {
        streets.split(self.id, self.line.nearest(p), 2.0)
    }
}

/// A street of its own between two main streets: nodes at both ends.
pub fn join(
    streets: &mut Streets,
    name: &str,
    profile: Profile,
    from: (&Main, P2),
    through: &[P2],
    to: (&Main, P2),
) -> (Main, f64, f64) {
    let (a, b) = (from.0.node(streets, from.1), to.0.node(streets, to.1));
    let mut controls = vec![from.0.line.point(a)];
    controls.extend_from_slice(through);
    controls.push(to.0.line.point(b));
    (Main::draw(streets, name, profile, Polyline::spline(&controls, 10.0)), a, b)
}
