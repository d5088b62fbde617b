#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::snapshots::SnapshotsReader;

reader_target!(SnapshotsReader, "fuzz.json");
