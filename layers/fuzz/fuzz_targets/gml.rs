#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::gml::GmlReader;

reader_target!(GmlReader, "fuzz.gml");
