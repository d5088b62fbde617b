#![no_main]

use fuzzing::{layers, reader_target};
use layers::readers::samenmeten::SamenMetenReader;

reader_target!(SamenMetenReader, "fuzz.txt");
