#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::records::JsonRecordsReader;

reader_target!(JsonRecordsReader, "fuzz.json");
