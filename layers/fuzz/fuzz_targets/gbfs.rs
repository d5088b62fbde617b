#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::gbfs::GbfsReader;

reader_target!(GbfsReader, "fuzz.json");
