#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::datex::DatexReader;

reader_target!(DatexReader, "fuzz.xml");
