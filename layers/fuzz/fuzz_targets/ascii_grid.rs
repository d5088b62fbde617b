#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::terrain::AsciiGridReader;

reader_target!(AsciiGridReader, "fuzz.asc");
