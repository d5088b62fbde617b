//! LAS, LAZ and COPC against real AHN tiles and files made here.

use std::collections::BTreeMap;

use layers::{
    crs::{Epsg, LocalFrame},
    mesh::{
        TileGrid,
        points::{PointStyle, mesh_points},
    },
    model::{LayerData, PointCloud},
    readers::{ReadContext, ReadError, ReadOutcome, Source, las::read_within},
};

use crate::support::{Scratch, assert_near, read, read_ok, shared};

fn cloud(outcome: &ReadOutcome) -> &PointCloud {
    let LayerData::Points(cloud) = &outcome.layers[0].data else { panic!("points") };
    cloud
}

#[test]
fn ahn_tiles_have_the_points_that_laspy_counts() {
    type Expected = (&'static str, u64, &'static [(u8, u64)], [f64; 6]);
    let tiles: [Expected; 2] = [
        (
            "pointcloud-terrain/delft_ahn3_1.laz",
            640_510,
            &[(1, 196_137), (2, 195_988), (6, 246_753), (9, 267), (26, 1365)],
            [84_808.3, 447_412.8, -0.57, 85_000.0, 447_641.3, 19.4],
        ),
        (
            "pointcloud-terrain/amsterdam_ahn_2386_9702.laz",
            43_536,
            &[(1, 4876), (2, 26_668), (6, 11_992)],
            [119_299.0, 485_099.0, -0.77, 119_351.0, 485_151.0, 21.07],
        ),
    ];
    for (name, points, classes, bbox) in tiles {
        let Some(path) = shared(name) else { continue };
        let outcome = read_ok(&path);
        assert_eq!(outcome.crs, Epsg::RD_NEW);
        assert_eq!(outcome.inspection.version.as_deref(), Some("1.2"));
        assert_eq!((outcome.inspection.counts["points"], outcome.inspection.features), (points, points));
        let cloud = cloud(&outcome);
        assert_eq!(cloud.class_counts, classes.iter().copied().collect::<BTreeMap<u8, u64>>());
        for (class, count) in classes {
            assert_eq!(outcome.inspection.counts[&format!("class {class}")], *count);
        }
        assert_eq!(cloud.len() as u64, points, "all fit the budget");
        assert_near(&outcome.inspection.bbox.unwrap(), &bbox, 0.06);
        assert_near(&cloud.bounds().to_array().unwrap(), &outcome.inspection.bbox.unwrap(), 1e-3);
        assert!(
            !outcome.inspection.faults.iter().any(|f| f.severity == layers::readers::Severity::Error),
            "{:?}",
            outcome.inspection.faults
        );
        // Each level is finer than the one before it and all together are the cloud.
        assert!(cloud.deepest_level() >= 4 && outcome.inspection.lods.len() >= 5);
    }
}

#[test]
fn a_budget_keeps_every_nth_point_and_counts_all() {
    let Some(path) = shared("pointcloud-terrain/amsterdam_ahn_2386_9702.laz") else { return };
    let outcome = read_within(&Source::from_path(&path), 10_000, &mut ReadContext::default()).unwrap();
    let cloud = cloud(&outcome);
    assert_eq!(cloud.len(), 43_536_usize.div_ceil(5));
    assert_eq!(cloud.class_counts[&2], 26_668);
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "points-thinned"));
    let center = cloud.bounds().center();
    let drawn = mesh_points(cloud, LocalFrame::new(center), TileGrid::default(), 0, PointStyle::default());
    assert_eq!(drawn.points_drawn, cloud.len());
    let first = drawn.tiles.values().next().unwrap();
    assert!(first.ranges.iter().any(|range| range.feature == 6), "buildings can be picked as class 6");
}

#[test]
fn a_cancel_ends_reading() {
    let Some(path) = shared("pointcloud-terrain/delft_ahn3_1.laz") else { return };
    let mut context = ReadContext::default();
    context.progress.cancel();
    let result = layers::readers::read(&Source::from_path(&path), &mut context);
    assert!(matches!(result, Err(ReadError::Cancelled)));
}

/// A plain LAS 1.2 file of format 3 with a CRS in GeoTIFF keys; `points` are millimetres from the offset, with a class.
pub fn plain_las(points: &[([i32; 3], u8)], epsg: u16) -> Vec<u8> {
    let mut keys: Vec<u8> = Vec::new();
    for value in [1_u16, 1, 0, 1, 3072, 0, 1, epsg] {
        keys.extend(value.to_le_bytes());
    }
    let offset = 227 + 54 + keys.len() as u32;
    let mut file = vec![0_u8; 227];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"LASF");
    put(24, &[1, 2]);
    put(90, &60_u16.to_le_bytes());
    put(92, &2024_u16.to_le_bytes());
    put(94, &227_u16.to_le_bytes());
    put(96, &offset.to_le_bytes());
    put(100, &1_u32.to_le_bytes());
    put(104, &[3]);
    put(105, &34_u16.to_le_bytes());
    put(107, &(points.len() as u32).to_le_bytes());
    for (axis, origin) in [155_000.0_f64, 463_000.0, 0.0].into_iter().enumerate() {
        put(131 + axis * 8, &0.001_f64.to_le_bytes());
        put(155 + axis * 8, &origin.to_le_bytes());
        let of = |index: usize| f64::from(points[index].0[axis]) * 0.001 + origin;
        let (low, high) =
            (0..points.len()).map(of).fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
        put(179 + axis * 16, &high.to_le_bytes());
        put(187 + axis * 16, &low.to_le_bytes());
    }
    file.extend([0, 0]);
    file.extend(*b"LASF_Projection\0");
    file.extend(34735_u16.to_le_bytes());
    file.extend((keys.len() as u16).to_le_bytes());
    file.extend([0; 32]);
    file.extend(keys);
    for (place, class) in points {
        let mut record = [0_u8; 34];
        for (axis, value) in place.iter().enumerate() {
            record[axis * 4..axis * 4 + 4].copy_from_slice(&value.to_le_bytes());
        }
        record[12..14].copy_from_slice(&77_u16.to_le_bytes());
        record[15] = *class;
        record[28..34].copy_from_slice(&[0, 0x80, 0, 0x40, 0, 0xff]);
        file.extend(record);
    }
    file
}

#[test]
fn plain_las_gives_positions_classes_colours_and_its_stated_crs() {
    let points = [([1000, 2000, 3000], 2), ([-500, 0, 12_345], 6), ([90_000, 10, 0], 26)];
    let file = Scratch::new("made.las", &plain_las(&points, 28992));
    let outcome = read_ok(&file.0);
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:7415"));
    assert_eq!(outcome.layers[0].provenance.date, "2024-02-29");
    let cloud = cloud(&outcome);
    assert_eq!(cloud.class_counts, BTreeMap::from([(2, 1), (6, 1), (26, 1)]));
    let mut found: Vec<([f64; 3], u8, [u8; 3], u16)> = cloud
        .chunks
        .iter()
        .flat_map(|chunk| {
            (0..chunk.len())
                .map(|i| (chunk.world(i).unwrap(), chunk.classes[i], chunk.colors[i], chunk.intensities[i]))
        })
        .collect();
    found.sort_by_key(|(_, class, ..)| *class);
    assert_near(&found[1].0, &[154_999.5, 463_000.0, 12.345], 1e-3);
    assert_eq!((found[1].1, found[1].2, found[1].3), (6, [0x80, 0x40, 0xff], 77));
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
}

#[test]
fn damaged_files_say_what_is_wrong_and_where() {
    let whole = plain_las(&[([1000, 2000, 3000], 2), ([0, 0, 0], 6)], 28992);
    let with = |at: usize, bytes: &[u8]| {
        let mut file = whole.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let cases: [(&str, Vec<u8>, &[&str]); 7] = [
        ("version", with(24, &[2, 0]), &["LAS 1.0 to 1.4", "2.0", "byte 24"]),
        ("format", with(104, &[11]), &["point format", "11", "byte 104"]),
        ("record", with(105, &[8, 0]), &["34 bytes or more", "found 8"]),
        ("offset", with(96, &9_999_999_u32.to_le_bytes()), &["points between", "9999999"]),
        ("scale", with(131, &f64::NAN.to_le_bytes()), &["finite scales"]),
        ("records", with(100, &u32::MAX.to_le_bytes()), &["records", "4294967295"]),
        ("packed", with(104, &[0x83]), &["laszip encoded"]),
    ];
    for (name, bytes, words) in cases {
        let file = Scratch::new("bad.las", &bytes);
        let message = read(&file.0).err().unwrap_or_else(|| panic!("{name} was read")).to_string();
        for word in words {
            assert!(message.contains(word), "{name}: \"{word}\" is not in {message}");
        }
    }
    let cut = Scratch::new("cut.las", &whole[..whole.len() - 20]);
    let outcome = read_ok(&cut.0);
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "points-missing"));
    assert_eq!(cloud(&outcome).len(), 1, "the first point is whole");
}

#[test]
fn a_laz_file_with_a_damaged_middle_keeps_its_other_chunks() {
    let Some(path) = shared("pointcloud-terrain/delft_ahn3_1.laz") else { return };
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0x5a);
    let file = Scratch::new("damaged.laz", &bytes);
    // Arithmetic coding cannot notice most damage; what it reads then may be anywhere, but nothing breaks.
    let outcome = read_ok(&file.0);
    let all: u64 = cloud(&outcome).class_counts.values().sum();
    assert!(all >= 500_000, "{all}");
}

/// A COPC file (LAS 1.4, format 6) with a root of 50 points, one child of 200 and a page of its own for a grandchild of
/// 400, made with the LAZ coder.
pub fn copc() -> Vec<u8> {
    use laz::{
        LazItemRecordBuilder, LazVlrBuilder,
        record::{LayeredPointRecordCompressor, RecordCompressor},
    };
    let items = LazItemRecordBuilder::default_for_point_format_id(6, 0).unwrap();
    let packed = |points: u32, level: u32| {
        let mut coder = LayeredPointRecordCompressor::new(std::io::Cursor::new(Vec::new()));
        coder.set_fields_from(&items).unwrap();
        for point in 0..points {
            let mut record = [0_u8; 30];
            let place = [(point % 20) * 1000, (point / 20) * 1000, level * 1000 + point % 7];
            for (axis, value) in place.into_iter().enumerate() {
                record[axis * 4..axis * 4 + 4].copy_from_slice(&value.to_le_bytes());
            }
            record[14] = 0x11;
            record[16] = [2, 6, 9][level as usize];
            coder.compress_next(&record).unwrap();
        }
        coder.done().unwrap();
        coder.into_inner().into_inner()
    };
    let nodes = [packed(50, 0), packed(200, 1), packed(400, 2)];
    let mut laz_record = Vec::new();
    LazVlrBuilder::new(items.clone()).with_variable_chunk_size().build().write_to(&mut laz_record).unwrap();

    let points_at = 375 + 54 + 160 + 54 + laz_record.len() as u64;
    let mut offsets = Vec::new();
    let mut at = points_at + 8;
    for node in &nodes {
        offsets.push(at);
        at += node.len() as u64;
    }
    let hierarchy_at = at + 60;
    let entry = |key: [i32; 4], offset: u64, bytes: usize, points: i32| {
        let mut entry: Vec<u8> = key.iter().flat_map(|value| value.to_le_bytes()).collect();
        entry.extend(offset.to_le_bytes());
        entry.extend(i32::try_from(bytes).unwrap().to_le_bytes());
        entry.extend(points.to_le_bytes());
        entry
    };
    let mut pages = entry([0, 0, 0, 0], offsets[0], nodes[0].len(), 50);
    pages.extend(entry([1, 0, 0, 0], offsets[1], nodes[1].len(), 200));
    pages.extend(entry([2, 0, 0, 0], hierarchy_at + 96, 32, -1));
    pages.extend(entry([2, 0, 0, 0], offsets[2], nodes[2].len(), 400));

    let mut file = vec![0_u8; 375];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"LASF");
    put(6, &17_u16.to_le_bytes());
    put(24, &[1, 4]);
    put(94, &375_u16.to_le_bytes());
    put(96, &(points_at as u32).to_le_bytes());
    put(100, &2_u32.to_le_bytes());
    put(104, &[0x86]);
    put(105, &30_u16.to_le_bytes());
    for (axis, origin) in [85_000.0_f64, 447_000.0, 0.0].into_iter().enumerate() {
        put(131 + axis * 8, &0.001_f64.to_le_bytes());
        put(155 + axis * 8, &origin.to_le_bytes());
        put(179 + axis * 16, &(origin + 20.0).to_le_bytes());
        put(187 + axis * 16, &origin.to_le_bytes());
    }
    put(235, &at.to_le_bytes());
    put(243, &1_u32.to_le_bytes());
    put(247, &650_u64.to_le_bytes());
    let record = |user: &str, id: u16, data: &[u8], is_extended: bool| {
        let mut record = vec![0, 0];
        let mut name = user.as_bytes().to_vec();
        name.resize(16, 0);
        record.extend(name);
        record.extend(id.to_le_bytes());
        if is_extended {
            record.extend((data.len() as u64).to_le_bytes());
        } else {
            record.extend((data.len() as u16).to_le_bytes());
        }
        record.extend([0; 32]);
        record.extend(data);
        record
    };
    let mut info = Vec::new();
    for value in [85_010.0_f64, 447_010.0, 5.0, 10.0, 1.0] {
        info.extend(value.to_le_bytes());
    }
    info.extend(hierarchy_at.to_le_bytes());
    info.extend(96_u64.to_le_bytes());
    info.resize(160, 0);
    file.extend(record("copc", 1, &info, false));
    file.extend(record("laszip encoded", 22204, &laz_record, false));
    assert_eq!(file.len() as u64, points_at);
    file.extend((-1_i64).to_le_bytes());
    for node in &nodes {
        file.extend(node);
    }
    file.extend(record("copc", 1000, &pages, true));
    file
}

#[test]
fn copc_is_read_level_by_level_within_the_budget() {
    let file = Scratch::new("made.copc.laz", &copc());
    let source = Source::from_path(&file.0);
    let whole = read_ok(&file.0);
    assert_eq!(whole.inspection.version.as_deref(), Some("1.4 (COPC)"));
    assert_eq!(cloud(&whole).class_counts, BTreeMap::from([(2, 50), (6, 200), (9, 400)]));
    assert_eq!((cloud(&whole).len(), cloud(&whole).deepest_level()), (650, 2));
    assert_eq!(whole.inspection.lods, ["0", "1", "2"]);
    assert_eq!(whole.crs, Epsg::RD_NEW, "its numbers lie in Delft");
    let coarse = read_within(&source, 300, &mut ReadContext::default()).unwrap();
    assert_eq!((cloud(&coarse).len(), cloud(&coarse).deepest_level()), (250, 1));
    assert_eq!(coarse.inspection.counts["points"], 650);
    let fault = coarse.inspection.faults.iter().find(|fault| fault.code == "points-thinned").unwrap();
    assert!(fault.message.contains("levels 0 to 1 of 0 to 2"), "{}", fault.message);
}

#[test]
fn a_copc_page_that_leads_to_itself_is_refused() {
    let mut bytes = copc();
    let at = bytes.len() - 128 + 64 + 16;
    let page = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    bytes[at..at + 8].copy_from_slice(&(page - 96).to_le_bytes());
    let file = Scratch::new("circle.copc.laz", &bytes);
    let message = read(&file.0).unwrap_err().to_string();
    assert!(message.contains("twice") && message.contains("copc"), "{message}");
}
