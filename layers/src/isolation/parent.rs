//! The parent's side of a reader process.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use super::{Limits, Request, VERB, child::REFUSED};
use crate::{
    readers::{Progress, ReadContext, ReadError, ReadOutcome, Source},
    stored::outcome,
};

/// A folder that is removed with its contents.
struct PrivateFolder(PathBuf);

impl PrivateFolder {
    fn make(base: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = base.join(format!("reading-{}-{number}", std::process::id()));
        // One of an earlier process with this number that was killed.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        }
        Ok(Self(folder))
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that does not outlive its owner.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads `source` in a process of its own, with its outcome under `base` meanwhile.
pub fn read(
    program: &Path,
    base: &Path,
    source: &Source,
    context: &ReadContext,
    limits: Limits,
) -> Result<ReadOutcome, ReadError> {
    let failed = |error: io::Error| ReadError::ReaderStopped {
        path: source.path.clone(),
        reason: format!("it could not be started: {error}"),
    };
    let folder = PrivateFolder::make(base).map_err(failed)?;
    let stored = folder.0.join("outcome");
    let request = Request {
        uri: source.uri.clone(),
        path: fs::canonicalize(&source.path).map_err(|error| source.io_error(&error))?,
        target: context.target,
        assumed_crs: context.assumed_crs,
        outcome: stored.clone(),
        limits,
    };
    let mut command = Command::new(program);
    command.arg(VERB).current_dir(&folder.0).env("TMPDIR", &folder.0);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Owned(piped.spawn().map_err(failed)?);
    let mut input = child.0.stdin.take();
    if let Some(input) = &mut input {
        let line = serde_json::to_string(&request).unwrap_or_default();
        input.write_all(line.as_bytes()).and_then(|()| input.write_all(b"\n")).map_err(failed)?;
    }
    let said = child.0.stdout.take().map(|output| {
        let progress = context.progress.clone();
        thread::spawn(move || listen(output, &progress))
    });
    let complained = child.0.stderr.take().map(|output| thread::spawn(move || last_words(output)));
    let status = loop {
        if context.progress.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        match child.0.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(failed(error)),
        }
    };
    drop(input);
    let refusal = said.and_then(|thread| thread.join().ok()).flatten();
    let complaint = complained.and_then(|thread| thread.join().ok()).unwrap_or_default();
    if status.success() {
        return outcome::read(&stored, None).map_err(|error| ReadError::ReaderStopped {
            path: source.path.clone(),
            reason: format!("what it gave back {error}"),
        });
    }
    match refusal.and_then(|text| serde_json::from_str::<ReadError>(&text).ok()) {
        // The child saw the real path; messages name the one that the user gave.
        Some(error) if status.code() == Some(i32::from(REFUSED)) => Err(error.at(&source.path)),
        _ => Err(ReadError::ReaderStopped {
            path: source.path.clone(),
            reason: how_it_ended(status, &complaint, limits),
        }),
    }
}

/// Takes progress from the child; gives the text of its refusal, if any.
fn listen(output: impl Read, progress: &Progress) -> Option<String> {
    const LONGEST: u64 = 1 << 20;
    let mut refusal = None;
    let mut lines = BufReader::new(output.take(LONGEST)).lines();
    while let Some(Ok(line)) = lines.next() {
        if let Some(permille) = line.strip_prefix("p ").and_then(|text| text.parse::<u32>().ok()) {
            progress.set(f64::from(permille) / 1000.0);
        } else if let Some(text) = line.strip_prefix("e ") {
            refusal = Some(text.to_owned());
        }
    }
    refusal
}

/// The end of what the child said on standard error; the rest is thrown away, however much it is.
fn last_words(mut output: impl Read) -> String {
    const KEPT: usize = 4096;
    let mut kept: Vec<u8> = Vec::new();
    let mut buffer = [0; KEPT];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn how_it_ended(status: ExitStatus, complaint: &str, limits: Limits) -> String {
    if complaint.contains("memory allocation") || complaint.contains("Cannot allocate memory") {
        return format!("it needed more than its limit of {} MiB of memory", limits.memory >> 20);
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const SIGKILL: i32 = 9;
        const SIGXCPU: i32 = 24;
        match status.signal() {
            Some(SIGXCPU | SIGKILL) => {
                return format!(
                    "it ran longer than its limit of {} s or was ended from outside",
                    limits.processor_secs
                );
            }
            Some(signal) => return format!("it crashed (signal {signal})"),
            None => {}
        }
    }
    format!("it ended with {status}")
}
