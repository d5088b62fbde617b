#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::cityjson::CityJsonSeqReader;

reader_target!(CityJsonSeqReader, "fuzz.city.jsonl");
