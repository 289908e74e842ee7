//! How much memory the process has.

/// Bytes of memory that the process has in use, as the system tells (`VmRSS`); none where it does not.
pub(crate) fn resident_bytes() -> Option<u64> {
    if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/status").ok().as_deref().and_then(of_status)
    } else {
        None
    }
}

fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_status_of_the_process() {
        assert_eq!(of_status("Name:\tlintel\nVmHWM:\t  2048 kB\nVmRSS:\t    1024 kB\nThreads:\t4\n"), Some(1 << 20));
        assert_eq!(of_status("Name:\tlintel\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_some() {
        assert!(resident_bytes().unwrap() > 1 << 20);
    }
}
