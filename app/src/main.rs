//! Reads the command line, chooses window or headless, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::cli::run()
}
