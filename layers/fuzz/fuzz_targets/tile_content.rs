#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::tiles3d::TilesetReader;

reader_target!(TilesetReader, "fuzz.b3dm");
