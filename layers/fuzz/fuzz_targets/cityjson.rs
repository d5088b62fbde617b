#![no_main]

use layers::readers::cityjson::CityJsonReader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(outcome) = fuzzing::read(&CityJsonReader, "fuzz.city.json", data) {
        fuzzing::check_city(&outcome);
    }
});
