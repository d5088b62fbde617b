#![no_main]

use layers::readers::citygml::CityGmlReader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(outcome) = fuzzing::read(&CityGmlReader, "fuzz.gml", data) {
        fuzzing::check_city(&outcome);
    }
});
