#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::ngsi_ld::NgsiReader;

reader_target!(NgsiReader, "fuzz.jsonld");
