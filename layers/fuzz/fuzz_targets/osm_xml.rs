#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::osm::OsmXmlReader;

reader_target!(OsmXmlReader, "fuzz.osm");
