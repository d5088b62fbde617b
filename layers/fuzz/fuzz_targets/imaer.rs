#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::imaer::ImaerReader;

reader_target!(ImaerReader, "fuzz.gml");
