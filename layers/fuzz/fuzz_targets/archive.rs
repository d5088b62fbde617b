#![no_main]

use fuzzing::{Packing, layers, reader_target};
use layers::readers::archive::ArchiveReader;

reader_target!(ArchiveReader, "fuzz.zip", Packing::Zip);
