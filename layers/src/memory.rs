//! Memory that was used for a large piece of work goes back to the system.

/// Hands freed memory back. The allocator of the C library keeps what many threads freed; after reading gigabytes that is
/// gigabytes. Cost: some ten milliseconds; does nothing on other systems.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes no pointer and only releases memory that nobody uses; safe to call from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
