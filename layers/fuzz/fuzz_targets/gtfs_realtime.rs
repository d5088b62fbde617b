#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::gtfs_realtime::GtfsRealtimeReader;

reader_target!(GtfsRealtimeReader, "fuzz.pb");
