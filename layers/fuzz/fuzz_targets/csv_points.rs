#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::table::CsvPointsReader;

reader_target!(CsvPointsReader, "fuzz.csv");
