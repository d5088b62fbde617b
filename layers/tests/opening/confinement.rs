//! What a reader process may not do. The test starts itself again, confines that process, and lets it try.

#![cfg(target_os = "linux")]

use std::{
    fs,
    io::ErrorKind,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
};

use layers::isolation::{Limits, confine};

const ROLE: &str = "STADSMAQUETTE_TEST_CONFINED";

/// Runs `probe_…` of this file in a process of its own.
fn run_confined(probe: &str, argument: &str) -> std::process::Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("confinement::{probe}"), "--nocapture", "--test-threads=1"])
        .env(ROLE, argument)
        .output()
        .unwrap()
}

/// The argument when this process is the confined one.
fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

fn limits() -> Limits {
    Limits { memory: 1 << 30, processor_secs: 2, written: 1 << 20, files: 32 }
}

#[test]
fn no_request_leaves_the_process() {
    if let Some(address) = role() {
        let private = std::env::temp_dir();
        confine(limits(), &[], &private);
        let error = TcpStream::connect(&address).expect_err("no network");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        let error = Command::new("/bin/true").status().expect_err("no programs");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let output = run_confined("no_request_leaves_the_process", &listener.local_addr().unwrap().to_string());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(listener.accept().expect_err("nobody called").kind(), ErrorKind::WouldBlock);
}

#[test]
fn memory_beyond_the_limit_is_refused() {
    if role().is_some() {
        confine(limits(), &[], &std::env::temp_dir());
        let mut wanted: Vec<u8> = Vec::new();
        assert!(wanted.try_reserve_exact(2 << 30).is_err());
        assert!(wanted.try_reserve_exact(1 << 20).is_ok());
        return;
    }
    let output = run_confined("memory_beyond_the_limit_is_refused", "yes");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn an_endless_loop_is_ended() {
    if role().is_some() {
        confine(limits(), &[], &std::env::temp_dir());
        let mut number = 1_u64;
        loop {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
    }
    let output = run_confined("an_endless_loop_is_ended", "yes");
    assert!(!output.status.success());
}

#[test]
fn other_files_are_out_of_reach_where_the_kernel_can() {
    let folder = super::folder("confined");
    if let Some(base) = role() {
        let base = PathBuf::from(base);
        let has_walls = confine(limits(), &[&base.join("data")], &base.join("private"));
        if !has_walls {
            println!("NO WALLS");
            return;
        }
        assert_eq!(fs::read_to_string(base.join("data/city.txt")).unwrap(), "streets");
        let error = fs::read(base.join("secret.txt")).expect_err("outside the data");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(fs::write(base.join("data/city.txt"), "changed").is_err(), "sources are never written");
        fs::write(base.join("private/outcome"), "done").unwrap();
        return;
    }
    fs::create_dir_all(folder.join("data")).unwrap();
    fs::create_dir_all(folder.join("private")).unwrap();
    fs::write(folder.join("data/city.txt"), "streets").unwrap();
    fs::write(folder.join("secret.txt"), "secret").unwrap();
    let output = run_confined("other_files_are_out_of_reach_where_the_kernel_can", &folder.to_string_lossy());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    if said.contains("NO WALLS") {
        eprintln!("skipped: this kernel has no Landlock");
    }
}
