//! Coordinates against answers that do not come from the code under test, and sources that do not say what they are in.

use std::ffi::CString;

use gdal::{
    DriverManager,
    vector::{Feature, LayerAccess, LayerOptions, OGRwkbGeometryType, ToGdal},
};
use layers::{
    crs::{self, Epsg, Transform, status},
    readers::ReadOutcome,
};

use crate::support::{Scratch, assert_near, read_ok, shared};

/// RD and NAP of twelve places from Cadzand to the Wadden Sea.
const PLACES: [[f64; 3]; 12] = [
    [155_000.0, 463_000.0, 0.0],
    [121_687.0, 487_316.0, 2.5],
    [85_000.0, 446_000.0, -1.2],
    [233_883.0, 582_065.0, 0.0],
    [176_331.0, 317_462.0, 60.0],
    [30_000.0, 390_000.0, 1.0],
    [257_000.0, 471_500.0, 30.0],
    [110_000.0, 610_000.0, 0.0],
    [93_000.0, 437_000.0, 5.0],
    [200_000.0, 540_000.0, 1.0],
    [188_000.0, 428_000.0, 12.0],
    [65_000.0, 355_000.0, 3.0],
];

/// The same places as PROJ's own program gives them (cs2cs 9.1.1, EPSG:7415 to EPSG:4937): latitude, longitude, height.
const IN_ETRS89: [[f64; 3]; 12] = [
    [52.1551728874, 5.3872036500, 43.2771643495],
    [52.3727083872, 4.8980257866, 45.4819246915],
    [51.9979621627, 4.3678877730, 42.3178088686],
    [53.2193805780, 6.5681965241, 40.7535521145],
    [50.8466005186, 5.6900578473, 105.7438927864],
    [51.4851539653, 3.5874605302, 45.3308915920],
    [52.2221308965, 6.8800019632, 73.5546498508],
    [53.4742883288, 4.7095117000, 41.4742777276],
    [51.9180279912, 4.4859915142, 48.5971309826],
    [52.8453232265, 6.0551333556, 43.0515492212],
    [51.8396092756, 5.8660371669, 55.7381609458],
    [51.1772927811, 4.1001284456, 47.6728487070],
];

/// RDNAPTRANS2018 written out as NSGI describes its first variant (Helmert through Bessel's ellipsoid at 43 m and the
/// correction grid), where PROJ's database takes the second (one grid for everything). Latitude, longitude, height → RD.
const BY_HAND: &str = "+proj=pipeline +step +proj=axisswap +order=2,1 +step +proj=unitconvert +xy_in=deg +xy_out=rad \
    +step +proj=vgridshift +grids=nl_nsgi_nlgeo2018.tif +step +proj=push +v_3 +step +proj=set +v_3=43 +omit_inv \
    +step +proj=cart +ellps=GRS80 +step +proj=helmert +x=-565.7346 +y=-50.4058 +z=-465.2895 +rx=-0.395023 \
    +ry=0.330776 +rz=-1.876073 +s=-4.07242 +convention=coordinate_frame +exact +step +inv +proj=cart +ellps=bessel \
    +step +inv +proj=hgridshift +grids=nl_nsgi_rdcorr2018.tif +step +proj=sterea +lat_0=52.156160556 \
    +lon_0=5.387638889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel +step +proj=set +v_3=0 +omit_fwd \
    +step +proj=pop +v_3";

/// Points through a PROJ pipeline, without GDAL and without our transforms.
fn through_proj(pipeline: &str, points: &[[f64; 3]]) -> Vec<[f64; 3]> {
    let definition = CString::new(pipeline).unwrap();
    // SAFETY: a context and an operation made, used and destroyed here; coordinates are plain numbers.
    unsafe {
        let context = proj_sys::proj_context_create();
        let paths: Vec<CString> =
            status().search_path.iter().map(|path| CString::new(path.to_str().unwrap()).unwrap()).collect();
        let pointers: Vec<*const std::ffi::c_char> = paths.iter().map(|path| path.as_ptr()).collect();
        proj_sys::proj_context_set_search_paths(
            context,
            pointers.len().try_into().unwrap(),
            pointers.as_ptr(),
        );
        let operation = proj_sys::proj_create(context, definition.as_ptr());
        assert!(!operation.is_null(), "PROJ takes the pipeline");
        let moved = points
            .iter()
            .map(|&[x, y, z]| {
                let coordinate = proj_sys::proj_coord(x, y, z, 0.0);
                let result = proj_sys::proj_trans(operation, proj_sys::PJ_DIRECTION_PJ_FWD, coordinate);
                [result.xyz.x, result.xyz.y, result.xyz.z]
            })
            .collect();
        proj_sys::proj_destroy(operation);
        proj_sys::proj_context_destroy(context);
        moved
    }
}

fn is_without_grids() -> bool {
    if !status().is_exact() {
        println!("skipped: no NSGI grids on this machine");
    }
    !status().is_exact()
}

#[test]
fn twelve_places_agree_with_proj_itself_in_both_directions() {
    if is_without_grids() {
        return;
    }
    let there = Transform::new(Epsg::RD_NAP, Epsg::ETRS89_3D).unwrap();
    let back = Transform::new(Epsg::ETRS89_3D, Epsg::RD_NAP).unwrap();
    for (place, [lat, lon, height]) in PLACES.iter().zip(IN_ETRS89) {
        let found = there.apply_one(*place).unwrap();
        assert_near(&found[..2], &[lon, lat], 1e-8);
        assert_near(&found[2..], &[height], 1e-3);
        assert_near(&back.apply_one([lon, lat, height]).unwrap(), place, 1e-3);
    }
}

#[test]
fn twelve_places_agree_with_the_other_variant_written_by_hand() {
    if is_without_grids() {
        return;
    }
    let by_hand = through_proj(BY_HAND, &IN_ETRS89);
    let mut worst = 0.0_f64;
    for (found, expected) in by_hand.iter().zip(PLACES) {
        for axis in 0..3 {
            worst = worst.max((found[axis] - expected[axis]).abs());
        }
    }
    println!("the two variants differ by at most {:.2} mm", worst * 1000.0);
    assert!(worst <= 1e-3, "{by_hand:?}");
    let ours = Transform::new(Epsg::ETRS89_3D, Epsg::RD_NAP).unwrap();
    for ([lat, lon, height], expected) in IN_ETRS89.iter().zip(&by_hand) {
        assert_near(&ours.apply_one([*lon, *lat, *height]).unwrap(), expected, 1e-3);
    }
}

#[test]
fn web_mercator_and_utm_follow_their_formulas() {
    const RADIUS: f64 = 6_378_137.0;
    let mercator = Transform::new(Epsg::WGS84, Epsg::WEB_MERCATOR).unwrap();
    for [lat, lon, _] in IN_ETRS89 {
        let expected = [
            RADIUS * lon.to_radians(),
            RADIUS * (std::f64::consts::FRAC_PI_4 + lat.to_radians() / 2.0).tan().ln(),
        ];
        assert_near(&mercator.apply_one([lon, lat, 0.0]).unwrap()[..2], &expected, 1e-3);
    }
    let degrees: Vec<[f64; 3]> = IN_ETRS89.iter().map(|&[lat, lon, _]| [lon, lat, 0.0]).collect();
    for (epsg, zone) in [(Epsg(25831), 31), (Epsg(25832), 32)] {
        let pipeline = format!(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=utm +zone={zone} +ellps=GRS80"
        );
        let ours = Transform::new(Epsg::ETRS89, epsg).unwrap();
        for (place, expected) in degrees.iter().zip(through_proj(&pipeline, &degrees)) {
            assert_near(&ours.apply_one(*place).unwrap()[..2], &expected[..2], 1e-3);
        }
    }
}

#[test]
fn round_trips_through_any_epsg_keep_the_millimetre() {
    let rd = [121_687.0, 487_316.0, 0.0];
    // Dutch, European, Belgian, German (north first), Swiss, global.
    for code in [
        4258, 4326, 3857, 25831, 25832, 32631, 32632, 3035, 3034, 31370, 3812, 31467, 5683, 23031, 4230,
        4289, 4979, 4937,
    ] {
        let there = Transform::new(Epsg::RD_NEW, Epsg(code)).unwrap();
        let back = Transform::new(Epsg(code), Epsg::RD_NEW).unwrap();
        let moved = there.apply_one(rd).unwrap();
        let [x, y, _] = back.apply_one(moved).unwrap();
        assert_near(&[x, y], &rd[..2], 1e-3);
        if crs::is_geographic(Epsg(code)) {
            assert_near(&moved[..2], &[4.898, 52.3727], 2e-3);
        }
    }
    for code in [2056, 3007, 3946, 6697, 27700, 2154, 32755, 32722] {
        let [lon, lat] = match code {
            2056 => [8.54, 47.37],
            3007 => [12.0, 57.7],
            3946 => [4.83, 45.77],
            6697 => [139.7, 35.2],
            27700 => [-0.12, 51.5],
            2154 => [2.35, 48.85],
            32755 => [144.96, -37.81],
            _ => [-51.2, -30.05],
        };
        let there = Transform::new(Epsg::WGS84, Epsg(code)).unwrap();
        let back = Transform::new(Epsg(code), Epsg::WGS84).unwrap();
        let moved = there.apply_one([lon, lat, 0.0]).unwrap();
        // Without a height the step between two ellipsoids loses a millimetre on the way back (seen for Switzerland).
        assert_near(&back.apply_one(moved).unwrap()[..2], &[lon, lat], 2e-8);
    }
}

#[test]
fn the_same_addresses_from_three_files_are_the_same_places() {
    let (Some(rd), Some(degrees), Some(shape)) = (
        shared("nl-vector/otterlo_addresses_28992.gpkg"),
        shared("nl-vector/otterlo_addresses_4326.gpkg"),
        shared("nl-vector/otterlo_addresses_28992_shp.zip"),
    ) else {
        return;
    };
    let points = |outcome: ReadOutcome| {
        let layers::model::LayerData::Features(layer) = &outcome.layers[0].data else { panic!("features") };
        layer
            .features
            .iter()
            .map(|feature| match feature.geometry {
                Some(geo::Geometry::Point(point)) => [point.x(), point.y()],
                _ => panic!("addresses are points"),
            })
            .collect::<Vec<_>>()
    };
    let (rd, degrees, shape) = (points(read_ok(&rd)), points(read_ok(&degrees)), points(read_ok(&shape)));
    let worst = |a: &[[f64; 2]], b: &[[f64; 2]]| {
        assert_eq!((a.len(), b.len()), (2481, 2481));
        a.iter().zip(b).map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1])).fold(0.0, f64::max)
    };
    println!("degrees: {:.3} m, shapefile: {:.6} m", worst(&rd, &degrees), worst(&rd, &shape));
    assert!(worst(&rd, &degrees) < 0.6 && worst(&rd, &shape) < 1e-3);
}

/// A file without a CRS, by the driver of its format, with one point in Utrecht in RD.
fn without_crs(driver: &str, name: &str) -> Scratch {
    crs::ensure_init();
    let file = Scratch::new(name, b"");
    std::fs::remove_file(&file.0).unwrap();
    let driver = DriverManager::get_driver_by_name(driver).unwrap();
    let mut dataset = driver.create_vector_only(&file.0).unwrap();
    {
        let layer = dataset
            .create_layer(LayerOptions {
                name: "plek",
                srs: None,
                ty: OGRwkbGeometryType::wkbPoint,
                options: None,
            })
            .unwrap();
        let mut feature = Feature::new(layer.defn()).unwrap();
        feature.set_geometry(geo::Point::new(136_500.0, 455_900.0).to_gdal().unwrap()).unwrap();
        feature.create(&layer).unwrap();
    }
    dataset.close().unwrap();
    file
}

#[test]
fn every_source_that_does_not_say_is_asked_whether_it_is_rd() {
    let gml = "<c xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><p><g><gml:Point><gml:pos>136500 455900</gml:pos></gml:Point></g></p></gml:featureMember></c>";
    let text = |name: &str, text: &str| Scratch::new(name, text.as_bytes());
    let files = [
        without_crs("ESRI Shapefile", "plek.shp"),
        without_crs("FlatGeobuf", "plek.fgb"),
        without_crs("GPKG", "plek.gpkg"),
        without_crs("SQLite", "plek.sqlite"),
        without_crs("DXF", "plek.dxf"),
        text(
            "plek.mif",
            "Version 300\nDelimiter \",\"\nCoordSys NonEarth Units \"m\" Bounds (0, 300000) (300000, 700000)\nColumns 1\n  naam Char(10)\nData\n\nPoint 136500 455900\n    Symbol (35,0,10)\n",
        ),
        text("plek.gml", gml),
        text("plek.csv", "naam,x,y\nDom,136500,455900\n"),
        text("wkt.csv", "naam,wkt\nDom,POINT (136500 455900)\n"),
        text("plek.json", "[{\"naam\": \"Dom\", \"x\": 136500, \"y\": 455900}]"),
        text("plek.asc", "ncols 2\nnrows 2\nxllcorner 136500\nyllcorner 455900\ncellsize 1\n1 2\n3 4\n"),
    ];
    for file in files {
        let outcome = read_ok(&file.0);
        let uri = &outcome.inspection.uri;
        let fault = outcome.inspection.faults.iter().find(|fault| fault.code == "crs-missing");
        assert!(
            fault.is_some_and(|fault| fault.message.contains("RD")),
            "{uri}: {:?}",
            outcome.inspection.faults
        );
        assert_eq!((outcome.inspection.crs.as_deref(), outcome.crs), (None, Epsg::RD_NEW), "{uri}");
        let bounds = outcome.layers[0].data.bounds();
        assert_near(&bounds.min[..2], &[136_500.0, 455_900.0], 1e-3);
    }
}

#[test]
fn drivers_that_reach_out_do_not_exist_here() {
    crs::ensure_init();
    for name in [
        "VRT",
        "OGR_VRT",
        "WMS",
        "WMTS",
        "WFS",
        "OAPIF",
        "OGCAPI",
        "HTTP",
        "CSW",
        "WCS",
        "STACTA",
        "STACIT",
        "EEDA",
        "PLSCENES",
        "GMLAS",
        "PostgreSQL",
        "MySQL",
        "ODBC",
        "Elasticsearch",
        "CARTO",
        "AmigoCloud",
        "NGW",
        "netCDF",
        "HDF5",
        "PDF",
        "TileDB",
        "Zarr",
    ] {
        assert!(DriverManager::get_driver_by_name(name).is_err(), "{name} is registered");
    }
    for name in [
        "GPKG",
        "ESRI Shapefile",
        "FlatGeobuf",
        "SQLite",
        "LIBKML",
        "GPX",
        "DXF",
        "MapInfo File",
        "GTiff",
        "AAIGrid",
    ] {
        assert!(DriverManager::get_driver_by_name(name).is_ok(), "{name} is missing");
    }
}
