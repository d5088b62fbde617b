//! Files that want something: other files, the network, all memory, all time. Each ends soon, with a message or harmless,
//! and a listener on this machine hears nothing.

use std::{
    io::Write,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::support::{Scratch, fixture, read};

const SECRET: &str = "geheim-4711";

/// Counts who knocks.
struct Listener {
    port: u16,
    knocks: Arc<AtomicUsize>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let knocks = Arc::new(AtomicUsize::new(0));
        let count = knocks.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                if let Ok(mut stream) = stream {
                    let _ = stream.write_all(b"HTTP/1.0 404 Not Found\r\n\r\n");
                }
            }
        });
        Self { port, knocks }
    }
}

/// A file, and words of which one must be in its error or faults; none where it may also just be read.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    words: &'static [&'static str],
}

/// `count` texts behind each other.
fn many(count: u32, text: impl Fn(u32) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().concat()
}

fn text_cases(port: u16, secret: &str) -> Vec<Case> {
    let url = format!("http://127.0.0.1:{port}/x");
    let case = |name, text: String, words| Case { name, bytes: text.into_bytes(), words };
    let laughs = {
        let mut text = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY a0 \"lol\">");
        for level in 1..10 {
            let inner = format!("&a{};", level - 1).repeat(10);
            text = format!("{text}<!ENTITY a{level} \"{inner}\">");
        }
        text + "]>"
    };
    let xxe = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file://{secret}\"><!ENTITY % r SYSTEM \"{url}\"> %r;]>"
    );
    let gml = |inside: &str| {
        format!(
            "<c xmlns:gml=\"http://www.opengis.net/gml/3.2\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"{url} {url}.xsd\"><gml:featureMember><p gml:id=\"p\">{inside}</p></gml:featureMember></c>"
        )
    };
    let kml = |inside: &str| {
        format!("<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>{inside}</Document></kml>")
    };
    let good = "<g><gml:Point srsName=\"EPSG:28992\"><gml:pos>136500 455900</gml:pos></gml:Point></g>";
    let vrt = format!(
        "<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    );
    let raw = format!(
        "<VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"><GeoTransform>0,1,0,0,0,-1</GeoTransform><VRTRasterBand dataType=\"Byte\" band=\"1\" subClass=\"VRTRawRasterBand\"><SourceFilename relativeToVRT=\"0\">{secret}</SourceFilename></VRTRasterBand></VRTDataset>"
    );
    let remote = format!(
        "<VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>/vsicurl/{url}.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    );
    let table =
        format!("!table\n!version 300\nOpen Table \"{secret}\" Hide\nCreate View x As Select * From y\n");
    let dxf = "0\nSECTION\n2\nBLOCKS\n0\nBLOCK\n8\n0\n2\nZELF\n10\n0\n20\n0\n0\nINSERT\n8\n0\n2\nZELF\n10\n1\n20\n1\n70\n30000\n71\n30000\n44\n1\n45\n1\n0\nENDBLK\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n0\nINSERT\n8\n0\n2\nZELF\n10\n136500\n20\n455900\n70\n30000\n71\n30000\n44\n1\n45\n1\n0\nENDSEC\n0\nEOF\n";
    vec![
        case("evil.geojson", vrt.clone(), &["no reader", "GeoJSON"]),
        case("evil.csv", vrt.clone(), &["no reader"]),
        case("evil.shp", vrt.clone(), &["no reader"]),
        case("evil.gpkg", vrt, &["no reader"]),
        case("evil.tif", raw, &["no reader"]),
        case("remote.tif", remote.clone(), &["no reader"]),
        case("remote.vrt", remote, &["no reader"]),
        case("wfs.xml", format!("<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>"), &["no reader"]),
        case(
            "wms.tif",
            format!("<GDAL_WMS><Service name=\"WMS\"><ServerUrl>{url}</ServerUrl></Service></GDAL_WMS>"),
            &["no reader"],
        ),
        case("evil.tab", table, &["points at other files"]),
        case("laughs.gml", format!("{laughs}{}", gml("<t>&a9;</t>")), &["DOCTYPE"]),
        case(
            "laughs.kml",
            format!("{laughs}{}", kml("<Placemark><name>&a9;</name></Placemark>")),
            &["DOCTYPE"],
        ),
        case(
            "laughs.gpx",
            format!("{laughs}<gpx version=\"1.1\"><wpt lat=\"52\" lon=\"5\"><name>&a9;</name></wpt></gpx>"),
            &["DOCTYPE"],
        ),
        case("laughs.xml", format!("{laughs}<bagStand>&a9;</bagStand>"), &["DOCTYPE"]),
        case("xxe.gml", format!("{xxe}{}", gml("<t>&x;</t>")), &["DOCTYPE"]),
        case("xxe.kml", format!("{xxe}{}", kml("<Placemark><name>&x;</name></Placemark>")), &["DOCTYPE"]),
        case("schema.gml", gml(good), &[]),
        case(
            "xlink.gml",
            gml(&format!(
                "<g><gml:MultiSurface srsName=\"EPSG:28992\"><gml:surfaceMember xlink:href=\"{url}\"/></gml:MultiSurface></g>"
            )),
            &["xlink"],
        ),
        case("undeclared.gml", gml(&format!("<t>&x;</t>{good}")), &[]),
        case(
            "network.kml",
            kml(&format!(
                "<NetworkLink><Link><href>{url}</href></Link></NetworkLink><Placemark><styleUrl>{url}#a</styleUrl><Point><coordinates>5,52</coordinates></Point></Placemark>"
            )),
            &[],
        ),
        case(
            "huge.gml",
            gml("<g><gml:Point srsName=\"EPSG:28992\"><gml:pos>1e308 -1e308</gml:pos></gml:Point></g>"),
            &["nowhere on Earth"],
        ),
        case(
            "nan.gml",
            gml("<g><gml:Point srsName=\"EPSG:28992\"><gml:pos>NaN inf</gml:pos></gml:Point></g>"),
            &["nowhere on Earth"],
        ),
        case(
            "ring.gml",
            gml(
                "<g><gml:Polygon srsName=\"EPSG:28992\"><gml:exterior><gml:LinearRing><gml:posList></gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></g>",
            ),
            &["no coordinates"],
        ),
        case("deep.gml", gml(&"<a>".repeat(100_000)), &["deeper than"]),
        case("wide.gml", gml(&format!("<t {}/>{good}", many(50_000, |n| format!("a{n}=\"1\" ")))), &[]),
        case(
            "types.gml",
            format!(
                "<c xmlns:gml=\"http://www.opengis.net/gml\">{}</c>",
                many(5000, |n| format!("<gml:featureMember><t{n}/></gml:featureMember>"))
            ),
            &["feature types"],
        ),
        case("columns.gml", gml(&many(5000, |n| format!("<t{n}>1</t{n}>"))), &["different properties"]),
        case("huge.csv", "id,lon,lat\na,1e308,1e308\nb,NaN,inf\n".to_owned(), &["kept without"]),
        case("columns.csv", format!("{}\n", many(20_000, |n| format!("c{n},"))), &["columns", "no reader"]),
        case("same.csv", format!("id,lon,lat\n{}", "a,5,52\n".repeat(200_000)), &["used before"]),
        case("deep.json", format!("[{{\"a\":{}", "[".repeat(200_000)), &["recursion"]),
        case(
            "wkt.csv",
            format!("id,wkt\n1,\"GEOMETRYCOLLECTION({}\"\n", "GEOMETRYCOLLECTION(".repeat(50_000)),
            &["nested"],
        ),
        case(
            "lie.asc",
            "ncols 2000000\nnrows 2000000\nxllcorner 0\nyllcorner 0\ncellsize 1\n1\n".to_owned(),
            &["cannot hold"],
        ),
        case("self.dxf", dxf.to_owned(), &[]),
    ]
}

fn binary_cases() -> Vec<Case> {
    let zip = |files: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let gzip = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let zeros = vec![b' '; 48 << 20];
    let bomb = zip(&[("a.geojson", &zeros)]);
    let mut nested = bomb.clone();
    for _ in 0..6 {
        nested = zip(&[("inner.zip", &nested)]);
    }
    let shape = std::fs::read(fixture("shapefile/good-stallingen.shp")).unwrap();
    let mut buffer = std::fs::read(fixture("flatgeobuf/good-stallingen.fgb")).unwrap();
    // A size of the first table of the buffer that no file has.
    buffer[8..12].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let mut kml = b"<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>".to_vec();
    kml.extend(std::iter::repeat_n(b' ', 48 << 20));
    let mut gml = b"<c xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><p><t>".to_vec();
    gml.extend(std::iter::repeat_n(b'x', 48 << 20));
    vec![
        Case { name: "bomb.zip", bytes: bomb, words: &["200 times"] },
        Case { name: "nested.zip", bytes: nested, words: &["nesting"] },
        Case { name: "alone.shp", bytes: shape, words: &[".shx"] },
        Case { name: "huge.fgb", bytes: buffer, words: &["FlatGeobuf", "layer"] },
        Case { name: "bomb.kml.gz", bytes: gzip(&kml), words: &["200 times"] },
        Case { name: "bomb.gml.gz", bytes: gzip(&gml), words: &["200 times"] },
    ]
}

#[test]
fn nothing_leaves_nothing_is_read_and_everything_ends() {
    let listener = Listener::start();
    let secret = Scratch::new("secret.csv", format!("id,lon,lat,note\n1,5.1,52.1,{SECRET}\n").as_bytes());
    let mut cases = text_cases(listener.port, secret.0.to_str().unwrap());
    cases.extend(binary_cases());
    let mut slowest = (Duration::ZERO, "");
    for Case { name, bytes, words } in cases {
        let file = Scratch::new(name, &bytes);
        let start = Instant::now();
        let outcome = read(&file.0);
        let took = start.elapsed();
        slowest = slowest.max((took, name));
        assert!(took < Duration::from_secs(5), "{name} took {took:?}");
        let said = match &outcome {
            Err(error) => error.to_string(),
            Ok(outcome) => {
                let lines: Vec<&str> =
                    outcome.inspection.faults.iter().map(|fault| fault.message.as_str()).collect();
                lines.join("\n")
            }
        };
        assert!(words.is_empty() || words.iter().any(|word| said.contains(word)), "{name}: {said}");
        assert!(!said.contains("please report"), "{name}: {said}");
        let all = format!("{:?}", outcome.map(|outcome| outcome.layers));
        assert!(!all.contains(SECRET) && !said.contains(SECRET), "{name} gave a secret away");
        let beside = std::fs::read_dir(file.0.parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "{name}: nothing is written beside the file");
    }
    println!("slowest: {slowest:?}");
    assert_eq!(listener.knocks.load(Ordering::SeqCst), 0, "no request left");
    // The listener does hear.
    assert!(std::net::TcpStream::connect(("127.0.0.1", listener.port)).is_ok());
    for _ in 0..100 {
        if listener.knocks.load(Ordering::SeqCst) > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the listener is deaf");
}

#[test]
fn a_sparse_giant_of_a_grid_is_refused_before_it_is_read() {
    layers::crs::ensure_init();
    let file = Scratch::new("reus.tif", b"");
    std::fs::remove_file(&file.0).unwrap();
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let options: gdal::raster::RasterCreationOptions =
        ["SPARSE_OK=TRUE", "TILED=YES", "BIGTIFF=YES"].into_iter().map(str::to_owned).collect();
    let mut dataset =
        driver.create_with_band_type_with_options::<f32, _>(&file.0, 100_000, 100_000, 1, &options).unwrap();
    dataset.set_geo_transform(&[0.0, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap();
    drop(dataset);
    let start = Instant::now();
    let error = read(&file.0).unwrap_err().to_string();
    assert!(error.contains("100000") && error.contains("overviews"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// Good files with a few bytes changed, always the same ones. A panic inside a reader shows as "please report".
#[test]
fn damaged_registrations_never_panic_a_reader() {
    let mut random = fastrand::Rng::with_seed(20_261_123);
    let start = Instant::now();
    let mut read_anyway = 0;
    for name in [
        "gml/good-curves.gml",
        "bag-extract/good-panden.xml",
        "csv-table/good-stress.csv",
        "json-records/good-stallingen.json",
        "zip/good-two-kinds.zip",
        "ascii-grid/good-mound.asc",
        "sqlite/good-stallingen.sqlite",
        "flatgeobuf/good-stallingen.fgb",
        "shapefile/good-stallingen.shp",
        "kml/good-places.kml",
        "gpx/good-walk.gpx",
        "mapinfo/good-stallingen.mif",
        "dxf/good-stallingen.dxf",
    ] {
        let good = std::fs::read(fixture(name)).unwrap();
        let base = name.rsplit('/').next().unwrap();
        for round in 0..60 {
            let mut bytes = good.clone();
            match round % 4 {
                0 => bytes.truncate(random.usize(1..=good.len())),
                1 => {
                    // A piece twice, or a piece gone.
                    let (a, b) = (random.usize(..bytes.len()), random.usize(..bytes.len()));
                    let piece = bytes[a.min(b)..a.max(b)].to_vec();
                    bytes.splice(a..a, piece);
                }
                _ => {
                    for _ in 0..random.usize(1..=6) {
                        let at = random.usize(..bytes.len());
                        bytes[at] = if round % 4 == 2 {
                            random.u8(..)
                        } else {
                            *random.choice(b"09-.<>/\"' ;,[]{}eN").unwrap()
                        };
                    }
                }
            }
            let file = Scratch::new(base, &bytes);
            if name.starts_with("shapefile/") {
                for sidecar in ["shx", "dbf"] {
                    std::fs::copy(fixture(name).with_extension(sidecar), file.0.with_extension(sidecar))
                        .unwrap();
                }
            }
            match read(&file.0) {
                Ok(_) => read_anyway += 1,
                Err(error) => {
                    let message = error.to_string();
                    assert!(!message.contains("please report"), "{name} round {round}: {message}");
                }
            }
        }
    }
    println!("{read_anyway} of 780 read anyway, {:?}", start.elapsed());
    assert!(read_anyway > 200, "{read_anyway}");
}

#[test]
fn random_well_known_binary_never_panics() {
    use layers::readers::vector::wkb;
    let mut random = fastrand::Rng::with_seed(7);
    let mut understood = 0;
    for _ in 0..200_000 {
        let length = random.usize(1..120);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
        // Mostly a known beginning, so that more than the first byte is tried.
        if random.bool() && length > 9 {
            bytes[0] = 1;
            bytes[1..5].copy_from_slice(&random.u32(1..18).to_le_bytes());
            bytes[5..9].copy_from_slice(&random.u32(..4).to_le_bytes());
        }
        understood += usize::from(wkb::parse(&bytes).is_ok());
    }
    assert!(understood > 100, "{understood}");
}
