#![no_main]

use fuzzing::{Packing, layers, reader_target};
use layers::readers::tiles3d::TilesetReader;

reader_target!(TilesetReader, "tileset.json", Packing::Folder);
