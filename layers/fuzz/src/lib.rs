//! What all fuzz targets share: bytes become a file (or several), a reader reads it, and what it gave is used as a project
//! uses it. Each target is one line, see [`reader_target`].

mod files;
mod sound;
mod using;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Once,
};

use layers::{
    readers::{FormatReader, ReadContext, ReadOutcome, Source},
    stored::{Decoder, Stored},
};

pub use files::{CUT, Packing, pieces};
pub use layers;

/// A target for one reader: its name in the file system, and how the input becomes that file.
#[macro_export]
macro_rules! reader_target {
    ($reader:expr, $name:literal) => {
        $crate::reader_target!($reader, $name, $crate::Packing::Plain);
    };
    ($reader:expr, $name:literal, $packing:expr) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| { $crate::read_and_use(&$reader, $name, data, $packing) });
    };
}

/// Reads `data` as a file called `name` with one reader, and uses what was read. Any panic is found by the fuzzer, also
/// one inside the reader's threads.
pub fn read_and_use(reader: &dyn FormatReader, name: &str, data: &[u8], packing: Packing) {
    if let Some(outcome) = read(reader, name, data, packing) {
        sound::check(&outcome);
        using::go_on(&outcome);
    }
}

/// The stored form of an outcome, as a reader process or a damaged cache would hand it over.
pub fn decode_and_use(data: &[u8]) {
    prepare();
    if let Ok(outcome) = ReadOutcome::decode(&mut Decoder::new(data)) {
        using::go_on(&outcome);
    }
}

fn read(reader: &dyn FormatReader, name: &str, data: &[u8], packing: Packing) -> Option<ReadOutcome> {
    prepare();
    let path = files::put(&scratch(), name, data, packing);
    let read = || reader.read(&Source::from_path(&path), &mut ReadContext::default()).ok();
    // Only what the hook below lets pass arrives here.
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// Crates whose panics on damaged input are known; the readers that lean on them run in a process of their own and
/// catch them besides. A panic anywhere else is a find.
/// `protobuf` panics inside `osmpbf`, where a relation has a kind of member that does not exist.
const CAUGHT: [&str; 4] = ["/osmpbf-", "/protobuf-", "/laz-", "/draco-core-"];

fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        layers::crs::ensure_init();
        let stop = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let is_caught =
                info.location().is_some_and(|place| CAUGHT.iter().any(|name| place.file().contains(name)));
            if !is_caught {
                stop(info);
            }
        }));
    });
}

/// In memory where the system has such a folder; one for each process.
fn scratch() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let base = if shared.is_dir() { shared } else { std::env::temp_dir() };
    base.join(format!("stadsmaquette-fuzz-{}", std::process::id()))
}
