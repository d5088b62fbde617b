#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::uplinks::UplinksReader;

reader_target!(UplinksReader, "fuzz.json");
