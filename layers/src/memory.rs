//! How much memory there is, and how what was used for a large piece of work goes back to the system.

/// Hands freed memory back. The allocator of the C library keeps what many threads freed; after reading gigabytes that is
/// gigabytes. Cost: some ten milliseconds; does nothing on other systems.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes no pointer and only releases memory that nobody uses; safe to call from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Bytes that can be taken now without pushing others out; `None` where the system does not say.
pub fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
