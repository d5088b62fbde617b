#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = fuzzing::layers::readers::vector::wkb::parse(data);
});
