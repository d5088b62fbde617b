#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::citygml::CityGmlReader;

reader_target!(CityGmlReader, "fuzz.gml");
