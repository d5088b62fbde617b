#![no_main]

use fuzzing::{Packing, layers, reader_target};
use layers::readers::osm::OsmPbfReader;

reader_target!(OsmPbfReader, "fuzz.osm.pbf", Packing::Pbf);
