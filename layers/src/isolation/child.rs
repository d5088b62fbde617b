//! The reader process.

use std::{
    io::{BufRead, Read, Write},
    process::ExitCode,
    time::Duration,
};

use super::{Request, confine};
use crate::{
    crs,
    readers::{self, Progress, ReadContext, ReadError, ReadLimits, Source},
    stored::outcome,
};

/// Exit code when the source could not be read and standard output says why.
pub const REFUSED: u8 = 3;

/// Reads the one source that standard input names and ends. Standard output: lines "p PERMILLE" while reading, and
/// "e JSON" when the source could not be read.
pub fn serve() -> ExitCode {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).is_err() {
        return ExitCode::from(2);
    }
    let Ok(request) = serde_json::from_str::<Request>(&line) else {
        eprintln!("this verb is for the program itself; to read a file: stadsmaquette inspect FILE");
        return ExitCode::from(2);
    };
    let source = Source { uri: request.uri.clone(), path: request.path.clone() };
    let grids = crs::find_grid_dir();
    let folder = if source.path.is_dir() { Some(source.path.as_path()) } else { source.path.parent() };
    let mut readable = vec![folder.unwrap_or(&source.path)];
    readable.extend(grids.as_deref());
    // PROJ and GDAL open their own data while they are still free to.
    crs::ensure_init();
    let Some(private) = request.outcome.parent() else { return ExitCode::from(2) };
    confine(request.limits, &readable, private);

    let progress = Progress::default();
    std::thread::spawn(|| {
        // The parent holds the other end: when it is gone, nobody waits for an answer.
        let mut rest = [0_u8; 64];
        while std::io::stdin().lock().read(&mut rest).is_ok_and(|count| count > 0) {}
        std::process::exit(0);
    });
    {
        let progress = progress.clone();
        std::thread::spawn(move || {
            let mut last = u32::MAX;
            loop {
                let now = (progress.get() * 1000.0).round() as u32;
                if now != last {
                    last = now;
                    let _ = writeln!(std::io::stdout().lock(), "p {now}");
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
    }
    let mut context = ReadContext {
        target: request.target,
        assumed_crs: request.assumed_crs,
        progress,
        // Beside its text a reader holds what it makes of it.
        limits: ReadLimits { text_bytes: ReadLimits::default().text_bytes.min(request.limits.memory / 2) },
        ..ReadContext::default()
    };
    let stored = readers::read(&source, &mut context).and_then(|read| {
        outcome::write(&request.outcome, &read)
            .map_err(|error| ReadError::Io { path: request.outcome.clone(), reason: error.to_string() })
    });
    match stored {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = serde_json::to_string(&error).unwrap_or_default();
            let _ = writeln!(std::io::stdout().lock(), "e {text}");
            ExitCode::from(REFUSED)
        }
    }
}
