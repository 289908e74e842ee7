//! What Linux tells of a process on this machine: its memory and its processor time.

use std::fs;

use crate::Error;

/// The clock ticks of `/proc/PID/stat`, which Linux fixes at a hundred a second.
const TICKS: f64 = 100.0;

/// The memory of a process that is in use, in bytes.
pub(crate) fn resident(pid: u32) -> Option<i64> {
    field(pid, "VmRSS:")
}

/// The most memory that a process has had in use, in bytes.
pub(crate) fn peak(pid: u32) -> Option<i64> {
    field(pid, "VmHWM:")
}

fn field(pid: u32, name: &str) -> Option<i64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// User and system time of a process so far, in seconds.
pub fn cpu_seconds(pid: u32) -> Result<f64, Error> {
    let unread = || Error::Limit(format!("/proc/{pid}/stat cannot be read"));
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|_| unread())?;
    // The name of the program stands in brackets and may hold anything.
    let fields = stat.rsplit(')').next().ok_or_else(unread)?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.collect::<Result<Vec<_>, _>>().map_err(|_| unread())?.iter().sum();
    Ok(ticks as f64 / TICKS)
}

#[cfg(test)]
mod tests {
    use super::{cpu_seconds, peak, resident};

    #[test]
    fn this_process_has_memory_and_processor_time_and_a_process_that_is_gone_has_none() {
        let own = std::process::id();
        assert!(resident(own).is_some_and(|bytes| bytes > 0));
        assert!(peak(own) >= resident(own).map(|bytes| bytes / 2));
        assert!(cpu_seconds(own).is_ok());
        assert_eq!(resident(u32::MAX), None);
        assert!(cpu_seconds(u32::MAX).is_err());
    }
}
