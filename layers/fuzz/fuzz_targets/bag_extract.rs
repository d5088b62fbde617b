#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::gml::BagExtractReader;

reader_target!(BagExtractReader, "fuzz.xml");
