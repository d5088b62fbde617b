#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::gltf::GltfReader;

reader_target!(GltfReader, "fuzz.glb");
