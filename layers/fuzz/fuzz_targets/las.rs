#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::las::LasReader;

reader_target!(LasReader, "fuzz.laz");
