//! What a reader process takes from itself before it reads.

use std::path::Path;

use super::Limits;

/// Sets the limits of this process. What the kernel cannot do is left out: the other walls still stand. Gives whether
/// files outside `readable` and `writable` are out of reach (Landlock, Linux 5.13 and later).
#[cfg(target_os = "linux")]
pub fn confine(limits: Limits, readable: &[&Path], writable: &Path) -> bool {
    use rlimit::Resource;
    let set = |resource: Resource, value: u64| {
        let _ = resource.set(value, value);
    };
    set(Resource::AS, limits.memory);
    set(Resource::CPU, limits.processor_secs);
    set(Resource::FSIZE, limits.written);
    set(Resource::NOFILE, limits.files);
    set(Resource::CORE, 0);
    let has_walls = restrict_files(readable, writable).unwrap_or(false);
    let _ = forbid_network_and_programs();
    has_walls
}

#[cfg(not(target_os = "linux"))]
pub fn confine(_limits: Limits, _readable: &[&Path], _writable: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn restrict_files(readable: &[&Path], writable: &Path) -> Result<bool, landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetCreatedAttr, path_beneath_rules};
    // Libraries, fonts of the system's PROJ and GDAL data, processor counts.
    const SYSTEM: [&str; 9] = [
        "/usr",
        "/lib",
        "/lib64",
        "/etc",
        "/proc",
        "/sys/devices/system/cpu",
        "/dev/null",
        "/dev/urandom",
        "/opt",
    ];
    let abi = ABI::V1;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, AccessFs::from_read(abi)))?
        .add_rules(path_beneath_rules(readable, AccessFs::from_read(abi)))?
        .add_rules(path_beneath_rules([writable], AccessFs::from_all(abi)))?
        .restrict_self()?;
    Ok(status.ruleset != landlock::RulesetStatus::NotEnforced)
}

/// Sockets, other programs and other processes are refused with "operation not permitted".
#[cfg(target_os = "linux")]
fn forbid_network_and_programs() -> Result<(), Box<dyn std::error::Error>> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
    const EPERM: u32 = 1;
    const FORBIDDEN: [i64; 12] = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_kill,
    ];
    let filter = SeccompFilter::new(
        FORBIDDEN.into_iter().map(|call| (call, Vec::new())).collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(EPERM),
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter(&program)?;
    Ok(())
}
