#![no_main]

use fuzzing::{Packing, layers, reader_target};
use layers::readers::obj::ObjReader;

reader_target!(ObjReader, "fuzz.obj", Packing::Folder);
