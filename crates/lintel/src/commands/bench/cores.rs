//! Which cores the server and the driver of the load have: where there are several, the driver has the last one to itself.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores of this process, divided.
#[cfg(target_os = "linux")]
pub(super) struct Cores(Option<Divided>);

#[cfg(target_os = "linux")]
struct Divided {
    all: CpuSet,
    server: CpuSet,
    driver: CpuSet,
}

#[cfg(target_os = "linux")]
impl Cores {
    /// Divides them, if there are two or more.
    pub(super) fn split() -> Self {
        let Ok(all) = sched_getaffinity(None) else { return Self(None) };
        let Some(last) = (0..CpuSet::MAX_CPU).rev().find(|core| all.is_set(*core)) else { return Self(None) };
        let (mut server, mut driver) = (all, CpuSet::new());
        server.unset(last);
        driver.set(last);
        Self((server.count() > 0).then_some(Divided { all, server, driver }))
    }

    /// Does something with the server's cores: a program that is started has them for good.
    pub(super) fn of_server<T>(&self, doing: impl FnOnce() -> T) -> T {
        self.with(|divided| &divided.server, doing)
    }

    /// Does something with the driver's core.
    pub(super) fn of_driver<T>(&self, doing: impl FnOnce() -> T) -> T {
        self.with(|divided| &divided.driver, doing)
    }

    /// A system that does not let cores be chosen places everything itself: figures are then less steady, and no less true.
    fn with<T>(&self, cores: impl FnOnce(&Divided) -> &CpuSet, doing: impl FnOnce() -> T) -> T {
        let Some(divided) = &self.0 else { return doing() };
        let _ = sched_setaffinity(None, cores(divided));
        let done = doing();
        let _ = sched_setaffinity(None, &divided.all);
        done
    }
}

/// Elsewhere the system places everything itself.
#[cfg(not(target_os = "linux"))]
pub(super) struct Cores;

#[cfg(not(target_os = "linux"))]
impl Cores {
    pub(super) fn split() -> Self {
        Self
    }

    pub(super) fn of_server<T>(&self, doing: impl FnOnce() -> T) -> T {
        doing()
    }

    pub(super) fn of_driver<T>(&self, doing: impl FnOnce() -> T) -> T {
        doing()
    }
}
