#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::graphml::GraphMlReader;

reader_target!(GraphMlReader, "fuzz.graphml");
