#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::table::CsvTableReader;

reader_target!(CsvTableReader, "fuzz.csv");
