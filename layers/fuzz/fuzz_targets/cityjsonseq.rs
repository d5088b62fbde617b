#![no_main]

use layers::readers::cityjson::CityJsonSeqReader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(outcome) = fuzzing::read(&CityJsonSeqReader, "fuzz.city.jsonl", data) {
        fuzzing::check_city(&outcome);
    }
});
