#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::sensorthings::SensorThingsReader;

reader_target!(SensorThingsReader, "fuzz.json");
