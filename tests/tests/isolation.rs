//! Risky readers in their own process: results come back, and the death, the hanging and the cancelling of a reader are
//! messages. The program is the built one.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use harness::{json, program, run, shared, stderr};
use layers::{
    isolation::{Limits, parent},
    readers::{ReadContext, ReadError, Source},
};

fn read(
    source: &Path,
    context: &ReadContext,
    limits: Limits,
) -> Result<layers::readers::ReadOutcome, ReadError> {
    let base = tempfile::tempdir().unwrap();
    let result = parent::read(&program(), base.path(), &Source::from_path(source), context, limits);
    assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0, "nothing is left behind");
    result
}

#[test]
fn a_reader_process_gives_what_the_reader_gives() {
    let Some(path) = shared("nl-vector/amsterdam_bag.gpkg") else { return };
    let apart = read(&path, &ReadContext::default(), Limits::default()).unwrap();
    let here = layers::readers::read(&Source::from_path(&path), &mut ReadContext::default()).unwrap();
    assert_eq!(apart.inspection.counts, here.inspection.counts);
    assert_eq!(apart.inspection.counts["verblijfsobjecten"], 1836);
    assert_eq!((apart.layers.len(), apart.crs), (here.layers.len(), here.crs));
}

#[test]
fn a_refusal_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.gpkg");
    fs::write(&path, b"SQLite format 3\0 and then nothing").unwrap();
    let apart = read(&path, &ReadContext::default(), Limits::default()).unwrap_err().to_string();
    let here = layers::readers::read(&Source::from_path(&path), &mut ReadContext::default())
        .unwrap_err()
        .to_string();
    assert_eq!(apart, here);
}

#[test]
fn cancelling_a_reader_is_instant() {
    let Some(path) = shared("pointcloud-terrain/delft_ahn3_1.laz") else { return };
    let context = ReadContext::default();
    let progress = context.progress.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        progress.cancel();
        Instant::now()
    });
    let result = read(&path, &context, Limits::default());
    let ended = Instant::now();
    assert!(matches!(result, Err(ReadError::Cancelled)), "{:?}", result.map(|outcome| outcome.inspection));
    // Far below a read; the process is gone, not waited for.
    assert!(ended.duration_since(canceller.join().unwrap()) < Duration::from_millis(500));
}

#[test]
fn a_reader_that_needs_too_much_memory_is_a_message() {
    let Some(path) = shared("pointcloud-terrain/delft_ahn3_1.laz") else { return };
    let limits = Limits { memory: 160 << 20, ..Limits::default() };
    let error = read(&path, &ReadContext::default(), limits).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, ReadError::ReaderStopped { .. }), "{message}");
    assert!(
        message.contains("the reader stopped") && message.contains("goes on without this file"),
        "{message}"
    );
}

#[test]
fn a_reader_that_is_killed_is_a_message_and_the_rest_still_loads() {
    let Some(good) = shared("3d-city/rotterdam_subset_cj20.city.json") else { return };
    let folder = tempfile::tempdir().unwrap();
    // A well-formed name with contents that no reader survives is not at hand; a reader with a second of processor
    // time and an endless file is.
    let limits = Limits { processor_secs: 1, ..Limits::default() };
    let Some(laz) = shared("pointcloud-terrain/delft_ahn3_1.laz") else { return };
    let fake = folder.path().join("stopped");
    fs::write(&fake, "#!/bin/sh\nread line\nkill -SEGV $$\n").unwrap();
    make_executable(&fake);
    let base = tempfile::tempdir().unwrap();
    let error = parent::read(&fake, base.path(), &Source::from_path(&laz), &ReadContext::default(), limits)
        .unwrap_err();
    assert!(error.to_string().contains("crashed (signal 11)"), "{error}");
    // A process that gives rubbish back is not believed.
    fs::write(&fake, "#!/bin/sh\nread line\necho 'p 500'\nexit 0\n").unwrap();
    let error = parent::read(&fake, base.path(), &Source::from_path(&laz), &ReadContext::default(), limits)
        .unwrap_err();
    assert!(error.to_string().contains("what it gave back"), "{error}");
    let output = run(&["inspect", &good.to_string_lossy(), "--json"]);
    assert_eq!(json(&output)[0]["features"], 16);
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_reader_dies_with_its_parent_and_says_what_it_is_to_people() {
    let mut child = Command::new(program())
        .arg(layers::isolation::VERB)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("stadsmaquette inspect"), "{}", stderr(&output));
}

#[test]
fn a_hostile_file_reaches_neither_the_network_nor_other_files() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.csv");
    fs::write(&secret, "id,x,y\nTOPSECRET,155000,463000\n").unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let files: Vec<(PathBuf, String)> = vec![
        (
            data.join("evil.geojson"),
            format!(
                "<OGRVRTDataSource><OGRVRTLayer name=\"secret\"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
                secret.display()
            ),
        ),
        (
            data.join("evil.tif"),
            format!(
                "<VRTDataset rasterXSize=\"4\" rasterYSize=\"4\"><VRTRasterBand dataType=\"Byte\" band=\"1\" subClass=\"VRTRawRasterBand\"><SourceFilename relativetoVRT=\"0\">{}</SourceFilename></VRTRasterBand></VRTDataset>",
                secret.display()
            ),
        ),
        (
            data.join("wfs.gml"),
            format!("<OGRWFSDataSource><URL>http://{address}/wfs</URL></OGRWFSDataSource>"),
        ),
        (
            data.join("remote.shp"),
            format!(
                "<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>/vsicurl/http://{address}/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
            ),
        ),
        (
            data.join("tiles.png"),
            format!(
                "<GDAL_WMS><Service name=\"WMS\"><ServerUrl>http://{address}/wms</ServerUrl></Service></GDAL_WMS>"
            ),
        ),
        (
            data.join("links.gml"),
            format!(
                "<?xml version=\"1.0\"?><!DOCTYPE g [<!ENTITY s SYSTEM \"{}\">]><gml:FeatureCollection xmlns:gml=\"http://www.opengis.net/gml\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"x http://{address}/x.xsd\"><gml:featureMember xlink:href=\"http://{address}/x\">&s;</gml:featureMember></gml:FeatureCollection>",
                secret.display()
            ),
        ),
        (
            data.join("tileset.json"),
            format!(
                "{{\"asset\":{{\"version\":\"1.0\"}},\"geometricError\":1,\"root\":{{\"boundingVolume\":{{\"box\":[0,0,0,1,0,0,0,1,0,0,0,1]}},\"geometricError\":1,\"refine\":\"ADD\",\"content\":{{\"uri\":\"http://{address}/t.b3dm\"}},\"children\":[{{\"boundingVolume\":{{\"box\":[0,0,0,1,0,0,0,1,0,0,0,1]}},\"geometricError\":0,\"content\":{{\"uri\":\"../secret.csv\"}}}}]}}}}"
            ),
        ),
    ];
    for (path, text) in &files {
        fs::write(path, text).unwrap();
        let start = Instant::now();
        let output = run(&["inspect", &path.to_string_lossy(), "--json"]);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
        assert!(!said.contains("TOPSECRET"), "{}: {said}", path.display());
        assert!(!said.contains("panicked"), "{}: {said}", path.display());
        assert!(start.elapsed() < Duration::from_secs(5), "{} took {:?}", path.display(), start.elapsed());
        assert!(!said.trim().is_empty(), "{} is refused in silence", path.display());
    }
    assert!(listener.accept().is_err(), "a request was made");
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), files.len(), "nothing is written beside the data: {left:?}");
}

#[test]
fn a_bomb_ends_in_time_and_inside_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    // 600 MB of spaces in a small archive.
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    archive.start_file("bomb.geojson", zip::write::SimpleFileOptions::default()).unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..600 {
        archive.write_all(&block).unwrap();
    }
    archive.finish().unwrap();
    let start = Instant::now();
    let output = run(&["inspect", &path.to_string_lossy(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(stderr(&output).contains("bomb"), "{}", stderr(&output));
}
