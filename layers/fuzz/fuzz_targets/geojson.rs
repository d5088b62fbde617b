#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::geojson::GeoJsonReader;

reader_target!(GeoJsonReader, "fuzz.geojson");
