#![no_main]

use fuzzing::{Packing, layers, reader_target};
use layers::readers::gtfs::GtfsReader;

reader_target!(GtfsReader, "fuzz.zip", Packing::Zip);
