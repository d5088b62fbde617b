#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzing::decode_and_use(data));
