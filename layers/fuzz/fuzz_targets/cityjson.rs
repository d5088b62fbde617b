#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::cityjson::CityJsonReader;

reader_target!(CityJsonReader, "fuzz.city.json");
