//! The plan of the town: river, canals, railway, main streets and quarters, drawn by hand.

use super::{
    draft::Draft,
    geometry::{P2, Polyline},
    main_lines::{self, Main, join},
    patch::{Block, Patch, Quarter, Side},
    quarter_tables as tables,
    streets::{Profile, Streets},
};

pub const RIVER_HALF_M: f64 = 38.0;
pub const SINGEL_HALF_M: f64 = 11.0;
pub const CANAL_HALF_M: f64 = 6.5;

/// Half the size of the modelled land around the market: east-west and north-south, metres.
pub const LAND_HALF: P2 = [2350.0, 2050.0];

/// Centre lines of the water and the railway.
pub struct Lines {
    pub river: Polyline,
    pub singel: Polyline,
    pub canal: Polyline,
    pub rail: Polyline,
    pub ring: Polyline,
}

/// Quarters that share a name.
pub struct Neighbourhood {
    pub name: &'static str,
    /// Anticlockwise rings, one a quarter.
    pub outlines: Vec<Vec<P2>>,
}

pub struct Plan {
    pub lines: Lines,
    pub blocks: Vec<Block>,
    pub neighbourhoods: Vec<Neighbourhood>,
}

/// Draws everything that is fixed, then divides the quarters.
pub fn draw(draft: &mut Draft) -> Plan {
    let (river, rail, ring_line) = (main_lines::river(), main_lines::rail(), main_lines::ring());
    let s = &mut draft.streets;
    let north_quay = river.offset(62.0).cut(1250.0, river.length() - 1300.0);
    let south_quay = river.offset(-62.0).cut(1250.0, river.length() - 1300.0);
    let north_quay = Main::draw(s, "Merekade", Profile::QUAY, north_quay);
    let south_quay = Main::draw(s, "Zuiderkade", Profile::QUAY, south_quay);

    // The inner ring along the singel, from the river around the north to the river again.
    let foot_w = north_quay.line.nearest_point([-385.0, -470.0]);
    let foot_e = north_quay.line.nearest_point([425.0, -440.0]);
    let inner = main_lines::inner_ring(foot_w, foot_e);
    let singel = inner.offset(29.0);
    let outer = inner.offset(58.0);
    let outer_foot_w = north_quay.line.nearest_point(outer.first());
    let outer_foot_e = north_quay.line.nearest_point(outer.last());
    let outer = Polyline::new(
        std::iter::once(outer_foot_w)
            .chain(outer.points()[1..outer.points().len() - 1].iter().copied())
            .chain([outer_foot_e]),
    );
    let inner = Main::draw(s, "Binnensingel", Profile { width_m: 10.0, ..Profile::QUAY }, inner);
    let outer = Main::draw(s, "Buitensingel", Profile::DISTRIBUTOR, outer);
    let n_foot_w = north_quay.node(s, foot_w);
    let n_foot_e = north_quay.node(s, foot_e);
    let n_outer_w = north_quay.node(s, outer_foot_w);
    let n_outer_e = north_quay.node(s, outer_foot_e);

    let canal = Polyline::spline(
        &[
            singel.nearest_point([-470.0, -205.0]),
            [-330.0, -190.0],
            [-160.0, -158.0],
            [30.0, -168.0],
            [230.0, -205.0],
            singel.nearest_point([490.0, -190.0]),
        ],
        10.0,
    );
    let quay = |side: f64| {
        let line = canal.offset(side);
        let (a, b) = (
            line.crossing(&inner.line).map_or(0.0, |c| c.0),
            line.reversed().crossing(&inner.line).map_or(line.length(), |c| line.length() - c.0),
        );
        line.cut(a, b)
    };
    let quay_profile = Profile { width_m: 8.0, ..Profile::OLD_TOWN };
    let (gn_line, gs_line) = (quay(17.5), quay(-17.5));
    let canal_n = Main::draw(s, "Oudegracht", quay_profile, gn_line);
    let canal_s = Main::draw(s, "Oudegracht Zuidzijde", quay_profile, gs_line);
    let ends = |s: &mut Streets, street: &Main| {
        (inner.node(s, street.line.first()), inner.node(s, street.line.last()))
    };
    let (i_gn_w, i_gn_e) = ends(s, &canal_n);
    let (i_gs_w, i_gs_e) = ends(s, &canal_s);

    // The cross of the old town and its market.
    let market: P2 = [0.0, 15.0];
    let (voor_w, i_wgate) = {
        let a = inner.node(s, [-432.0, -15.0]);
        let line = Polyline::spline(
            &[inner.line.point(a), [-330.0, 22.0], [-210.0, 8.0], [-95.0, 0.0], market],
            10.0,
        );
        (Main::draw(s, "Voorstraat", Profile::SHOPPING, line), a)
    };
    let (voor_e, i_egate) = {
        let b = inner.node(s, [455.0, 0.0]);
        let line = Polyline::spline(
            &[market, [110.0, 42.0], [230.0, 38.0], [345.0, 2.0], inner.line.point(b)],
            10.0,
        );
        (Main::draw(s, "Voorstraat", Profile::SHOPPING, line), b)
    };
    let (toren, i_ngate) = {
        let a = inner.node(s, [30.0, 352.0]);
        let line = Polyline::spline(&[inner.line.point(a), [18.0, 250.0], [22.0, 130.0], market], 10.0);
        (Main::draw(s, "Torenstraat", Profile::OLD_TOWN, line), a)
    };
    let g_n = canal_n.node(s, [15.0, -150.0]);
    let g_s = canal_s.node(s, [18.0, -185.0]);
    let n_bridge = north_quay.node(s, [42.0, -445.0]);
    let s_bridge = south_quay.node(s, [52.0, -570.0]);
    let segment = |s: &mut Streets, name: &str, profile: Profile, points: &[P2]| {
        Main::draw(s, name, profile, Polyline::spline(points, 10.0))
    };
    let (p_gn, p_gs) = (canal_n.line.point(g_n), canal_s.line.point(g_s));
    let (p_nb, p_sb) = (north_quay.line.point(n_bridge), south_quay.line.point(s_bridge));
    let brug_n = segment(s, "Brugstraat", Profile::OLD_TOWN, &[market, [4.0, -70.0], p_gn]);
    segment(s, "Brugstraat", Profile::OLD_TOWN, &[p_gn, p_gs]);
    let brug_s = segment(s, "Brugstraat", Profile::OLD_TOWN, &[p_gs, [34.0, -320.0], p_nb]);
    segment(s, "Merebrug", Profile::DISTRIBUTOR, &[p_nb, p_sb]);

    // The ring road and the railway's two parallel roads.
    let ring = Main::draw(s, "Ringweg", Profile::RING, ring_line.clone());
    let (rail_s_line, rail_n_line) = (rail.offset(-40.0), rail.offset(40.0));
    let inside = |line: &Polyline| {
        let a = line.crossing(&ring_line).map_or(0.0, |c| c.0);
        let b = line.reversed().crossing(&ring_line).map_or(0.0, |c| c.0);
        line.cut(a, line.length() - b)
    };
    let rail_s = Main::draw(s, "Stationsweg", Profile::DISTRIBUTOR, inside(&rail_s_line));
    let rail_n = Main::draw(s, "Spoorlaan", Profile::DISTRIBUTOR, inside(&rail_n_line));
    let on_ring = |s: &mut Streets, p: P2| ring.node(s, p);
    let r_rs_w = on_ring(s, rail_s.line.first());
    let r_rs_e = on_ring(s, rail_s.line.last());
    let r_rn_w = on_ring(s, rail_n.line.first());
    let r_rn_e = on_ring(s, rail_n.line.last());
    let ring_quay = |s: &mut Streets, quay: &Main, near: P2| {
        // Two crossings, east and west: look near the wanted one.
        let around = quay.line.nearest(near);
        let piece = quay.line.cut((around - 300.0).max(0.0), (around + 300.0).min(quay.line.length()));
        let p = piece.crossing(&ring_line).map_or(near, |c| piece.point(c.0));
        (quay.node(s, p), ring.node(s, p))
    };
    let (n_ring_w, r_n_w) = ring_quay(s, &north_quay, [-1230.0, -660.0]);
    let (s_ring_w, r_s_w) = ring_quay(s, &south_quay, [-1230.0, -790.0]);
    let (n_ring_e, r_n_e) = ring_quay(s, &north_quay, [1380.0, -180.0]);
    let (s_ring_e, r_s_e) = ring_quay(s, &south_quay, [1330.0, -320.0]);

    // Gates over the singel, and the radial streets.
    let bridge = |s: &mut Streets, name: &str, profile: Profile, at: f64| {
        let a = inner.line.point(at);
        let b = outer.node(s, a);
        Main::draw(s, name, profile, Polyline::new([a, outer.line.point(b)]));
        b
    };
    let o_w = bridge(s, "Westerbrug", Profile::SHOPPING, i_wgate);
    let o_e = bridge(s, "Oosterbrug", Profile::SHOPPING, i_egate);
    let o_n = bridge(s, "Noorderbrug", Profile::OLD_TOWN, i_ngate);
    let i_nw = inner.node(s, [-300.0, 258.0]);
    let i_ne = inner.node(s, [320.0, 255.0]);
    let o_nw = bridge(s, "Bagijnebrug", Profile::ALLEY, i_nw);
    let o_ne = bridge(s, "Doelenbrug", Profile::OLD_TOWN, i_ne);

    let at = |street: &Main, place: f64| street.line.point(place);
    let west = join(
        s,
        "Westerweg",
        Profile::RADIAL,
        (&outer, at(&outer, o_w)),
        &[[-760.0, -38.0], [-1060.0, 20.0]],
        (&ring, [-1330.0, 40.0]),
    );
    let east = join(
        s,
        "Oosterweg",
        Profile::RADIAL,
        (&outer, at(&outer, o_e)),
        &[[780.0, 70.0], [1120.0, 150.0]],
        (&ring, [1432.0, 220.0]),
    );
    let north_west = join(
        s,
        "Bleekerslaan",
        Profile::RESIDENTIAL,
        (&outer, at(&outer, o_nw)),
        &[[-440.0, 450.0], [-520.0, 610.0]],
        (&rail_s, [-560.0, 760.0]),
    );
    let station = join(
        s,
        "Stationsstraat",
        Profile::DISTRIBUTOR,
        (&outer, at(&outer, o_n)),
        &[[48.0, 540.0], [40.0, 680.0]],
        (&rail_s, [45.0, 803.0]),
    );
    let north_east = join(
        s,
        "Doelenlaan",
        Profile::DISTRIBUTOR,
        (&outer, at(&outer, o_ne)),
        &[[500.0, 430.0], [610.0, 610.0]],
        (&rail_s, [660.0, 835.0]),
    );
    let south = {
        let b = ring.node(s, [150.0, -1250.0]);
        let line = Polyline::spline(&[p_sb, [66.0, -760.0], [120.0, -1000.0], ring.line.point(b)], 10.0);
        (Main::draw(s, "Zuiderweg", Profile::RADIAL, line), b)
    };
    let south_west = join(
        s,
        "Kastanjelaan",
        Profile::DISTRIBUTOR,
        (&south_quay, [-560.0, -640.0]),
        &[[-570.0, -830.0], [-530.0, -1060.0]],
        (&ring, [-500.0, -1285.0]),
    );
    let south_east = join(
        s,
        "Vijverlaan",
        Profile::DISTRIBUTOR,
        (&south_quay, [690.0, -530.0]),
        &[[668.0, -740.0], [640.0, -960.0]],
        (&ring, [640.0, -1170.0]),
    );
    let oaks = join(
        s,
        "Eikenlaan",
        Profile::DISTRIBUTOR,
        (&outer, at(&outer, o_nw)),
        &[[-640.0, 340.0], [-980.0, 400.0]],
        (&ring, [-1312.0, 420.0]),
    );
    let orchestra = join(
        s,
        "Orkestlaan",
        Profile::DISTRIBUTOR,
        (&outer, at(&outer, o_ne)),
        &[[680.0, 395.0], [1050.0, 500.0]],
        (&ring, [1450.0, 570.0]),
    );
    // Under the railway.
    let under = |s: &mut Streets, name: &str, profile: Profile, from: f64| {
        let a = rail_s.line.point(from);
        let b = rail_n.node(s, a);
        Main::draw(s, name, profile, Polyline::new([a, rail_n.line.point(b)]));
        b
    };
    let tn_nw = under(s, "Bleekerstunnel", Profile::RESIDENTIAL, north_west.2);
    let tn_n = under(s, "Stationstunnel", Profile::DISTRIBUTOR, station.2);
    let tn_ne = under(s, "Doelentunnel", Profile::DISTRIBUTOR, north_east.2);
    let north = join(
        s,
        "Noorderweg",
        Profile::RADIAL,
        (&rail_n, at(&rail_n, tn_n)),
        &[[60.0, 1080.0], [90.0, 1280.0]],
        (&ring, [90.0, 1441.0]),
    );
    let hospital = join(
        s,
        "Ziekenhuislaan",
        Profile::DISTRIBUTOR,
        (&rail_n, at(&rail_n, tn_nw)),
        &[[-590.0, 1000.0], [-560.0, 1220.0]],
        (&ring, [-530.0, 1418.0]),
    );
    let guard = join(
        s,
        "Kapiteinslaan",
        Profile::BUSINESS,
        (&rail_n, at(&rail_n, tn_ne)),
        &[[690.0, 1080.0], [705.0, 1280.0]],
        (&ring, [710.0, 1463.0]),
    );
    // Out of town.
    for (name, from, through, to) in [
        ("Provincialeweg", [-1330.0, 40.0], [-1800.0, 60.0], [-LAND_HALF[0], 20.0]),
        ("Provincialeweg", [1432.0, 220.0], [1900.0, 330.0], [LAND_HALF[0], 420.0]),
        ("Noorderrijksweg", [90.0, 1441.0], [110.0, 1750.0], [60.0, LAND_HALF[1]]),
        ("Zuiderrijksweg", [150.0, -1250.0], [210.0, -1600.0], [160.0, -LAND_HALF[1]]),
        ("Heuvelweg", [-900.0, -1210.0], [-1150.0, -1550.0], [-1500.0, -LAND_HALF[1]]),
    ] {
        let a = ring.node(s, from);
        let line = Polyline::spline(&[ring.line.point(a), through, to], 20.0);
        s.add(name, Profile::APPROACH, line);
    }

    let corner_nw = on_ring(s, [-1060.0, 1215.0]);
    let corner_ne = on_ring(s, [1240.0, 1270.0]);
    let corner_se = on_ring(s, [1130.0, -890.0]);
    let corner_sw = on_ring(s, [-1080.0, -1060.0]);

    // Sides as pieces of streets. The ring is closed: its numbers rise clockwise from the west.
    let whole = |street: &Main| (street.id, 0.0, street.line.length());
    let back = |street: &Main| (street.id, street.line.length(), 0.0);
    let part = |street: &Main, a: f64, b: f64| (street.id, a, b);
    let ring_end = ring.line.length();
    // Places before the start of the ring's line (south-west) come last on it.
    let around = |a: f64, b: f64| -> Vec<(usize, f64, f64)> {
        if a > b { vec![(ring.id, a, ring_end), (ring.id, 0.0, b)] } else { vec![(ring.id, a, b)] }
    };
    let mut plan = Plan {
        lines: Lines { river, singel, canal, rail, ring: ring_line },
        blocks: Vec::new(),
        neighbourhoods: Vec::new(),
    };
    let mut quarter = |draft: &mut Draft, table: &Quarter, sides: [Vec<(usize, f64, f64)>; 4]| {
        let [bottom, right, top, left] = sides.map(|parts| Side::new(&draft.streets, &parts));
        let patch = Patch { bottom, right, top, left };
        let number = plan.neighbourhoods.iter().position(|n| n.name == table.neighbourhood);
        let number = number.unwrap_or_else(|| {
            plan.neighbourhoods.push(Neighbourhood { name: table.neighbourhood, outlines: Vec::new() });
            plan.neighbourhoods.len() - 1
        });
        plan.neighbourhoods[number].outlines.push(patch.outline());
        let mut rng = fastrand::Rng::with_seed(draft.rng.u64(..));
        plan.blocks.extend(patch.divide(&mut draft.streets, table, number, &mut rng));
    };
    // Old town.
    quarter(
        draft,
        &tables::CHURCH_QUARTER,
        [
            vec![whole(&voor_w)],
            vec![back(&toren)],
            vec![part(&inner, i_nw, i_ngate)],
            vec![part(&inner, i_wgate, i_nw)],
        ],
    );
    quarter(
        draft,
        &tables::GUILD_QUARTER,
        [
            vec![whole(&voor_e)],
            vec![part(&inner, i_egate, i_ne)],
            vec![part(&inner, i_ngate, i_ne)],
            vec![back(&toren)],
        ],
    );
    quarter(
        draft,
        &tables::CANAL_WEST,
        [
            vec![part(&canal_n, 0.0, g_n)],
            vec![back(&brug_n)],
            vec![whole(&voor_w)],
            vec![part(&inner, i_gn_w, i_wgate)],
        ],
    );
    quarter(
        draft,
        &tables::CANAL_EAST,
        [
            vec![part(&canal_n, g_n, canal_n.line.length())],
            vec![part(&inner, i_gn_e, i_egate)],
            vec![whole(&voor_e)],
            vec![back(&brug_n)],
        ],
    );
    quarter(
        draft,
        &tables::HARBOUR_WEST,
        [
            vec![part(&north_quay, n_foot_w, n_bridge)],
            vec![back(&brug_s)],
            vec![part(&canal_s, 0.0, g_s)],
            vec![part(&inner, 0.0, i_gs_w)],
        ],
    );
    quarter(
        draft,
        &tables::HARBOUR_EAST,
        [
            vec![part(&north_quay, n_bridge, n_foot_e)],
            vec![part(&inner, inner.line.length(), i_gs_e)],
            vec![part(&canal_s, g_s, canal_s.line.length())],
            vec![back(&brug_s)],
        ],
    );
    // Around it, inside the ring.
    quarter(
        draft,
        &tables::GARDEN_CITY,
        [
            vec![part(&north_quay, n_ring_w, n_outer_w)],
            vec![part(&outer, 0.0, o_w)],
            vec![back(&west.0)],
            around(r_n_w, west.2),
        ],
    );
    quarter(
        draft,
        &tables::TREES_SOUTH,
        [vec![back(&west.0)], vec![part(&outer, o_w, o_nw)], vec![back(&oaks.0)], around(west.2, oaks.2)],
    );
    quarter(
        draft,
        &tables::TREES_NORTH,
        [
            vec![back(&oaks.0)],
            vec![whole(&north_west.0)],
            vec![part(&rail_s, 0.0, north_west.2)],
            around(oaks.2, r_rs_w),
        ],
    );
    quarter(
        draft,
        &tables::STATION_WEST,
        [
            vec![part(&outer, o_nw, o_n)],
            vec![whole(&station.0)],
            vec![part(&rail_s, north_west.2, station.2)],
            vec![whole(&north_west.0)],
        ],
    );
    quarter(
        draft,
        &tables::STATION_EAST,
        [
            vec![part(&outer, o_n, o_ne)],
            vec![whole(&north_east.0)],
            vec![part(&rail_s, station.2, north_east.2)],
            vec![whole(&station.0)],
        ],
    );
    quarter(
        draft,
        &tables::COMPOSERS_SOUTH,
        [
            vec![whole(&east.0)],
            vec![part(&ring, east.2, orchestra.2)],
            vec![whole(&orchestra.0)],
            vec![part(&outer, o_e, o_ne)],
        ],
    );
    quarter(
        draft,
        &tables::COMPOSERS_NORTH,
        [
            vec![whole(&orchestra.0)],
            vec![part(&ring, orchestra.2, r_rs_e)],
            vec![part(&rail_s, north_east.2, rail_s.line.length())],
            vec![whole(&north_east.0)],
        ],
    );
    quarter(
        draft,
        &tables::EAST_BANK,
        [
            vec![part(&north_quay, n_outer_e, n_ring_e)],
            vec![part(&ring, r_n_e, east.2)],
            vec![whole(&east.0)],
            vec![part(&outer, outer.line.length(), o_e)],
        ],
    );
    // North of the railway.
    quarter(
        draft,
        &tables::HOSPITAL,
        [
            vec![part(&rail_n, 0.0, tn_nw)],
            vec![whole(&hospital.0)],
            vec![part(&ring, corner_nw, hospital.2)],
            vec![part(&ring, r_rn_w, corner_nw)],
        ],
    );
    quarter(
        draft,
        &tables::NORTH,
        [
            vec![part(&rail_n, tn_nw, tn_n)],
            vec![whole(&north.0)],
            vec![part(&ring, hospital.2, north.2)],
            vec![whole(&hospital.0)],
        ],
    );
    quarter(
        draft,
        &tables::PAINTERS,
        [
            vec![part(&rail_n, tn_n, tn_ne)],
            vec![whole(&guard.0)],
            vec![part(&ring, north.2, guard.2)],
            vec![whole(&north.0)],
        ],
    );
    quarter(
        draft,
        &tables::BUSINESS_PARK,
        [
            vec![part(&rail_n, tn_ne, rail_n.line.length())],
            vec![part(&ring, r_rn_e, corner_ne)],
            vec![part(&ring, guard.2, corner_ne)],
            vec![whole(&guard.0)],
        ],
    );
    // South of the river.
    quarter(
        draft,
        &tables::VILLAS,
        [
            vec![part(&ring, corner_sw, south_west.2)],
            vec![back(&south_west.0)],
            vec![part(&south_quay, s_ring_w, south_west.1)],
            vec![part(&ring, corner_sw, r_s_w)],
        ],
    );
    quarter(
        draft,
        &tables::BIRDS,
        [
            vec![part(&ring, south_west.2, south.1)],
            vec![back(&south.0)],
            vec![part(&south_quay, south_west.1, s_bridge)],
            vec![back(&south_west.0)],
        ],
    );
    quarter(
        draft,
        &tables::SOUTH_PARK,
        [
            vec![part(&ring, south.1, south_east.2)],
            vec![back(&south_east.0)],
            vec![part(&south_quay, s_bridge, south_east.1)],
            vec![back(&south.0)],
        ],
    );
    quarter(
        draft,
        &tables::RIVERS,
        [
            vec![part(&ring, south_east.2, corner_se)],
            vec![part(&ring, corner_se, r_s_e)],
            vec![part(&south_quay, south_east.1, s_ring_e)],
            vec![back(&south_east.0)],
        ],
    );
    plan
}
