//! Work that gives way: what nobody waits for has a core only while nothing else wants it.

use std::{future::Future, time::Duration};

tokio::task_local! {
    static GIVES_WAY: ();
}

/// How long one statement of such work may take: on a busy machine it may have to wait for most of that.
pub(super) const PATIENCE: Duration = Duration::from_mins(10);

/// Runs a future whose reads give way to all others. On SQLite a thread of their own reads for it, which has
/// [stepped back](step_back); on PostgreSQL the server shares out its own cores. So it must not hold what others wait for.
pub async fn giving_way<T>(work: impl Future<Output = T>) -> T {
    GIVES_WAY.scope((), work).await
}

/// Whether the running task is within [`giving_way`].
pub(super) fn gives_way() -> bool {
    GIVES_WAY.try_with(|()| ()).is_ok()
}

/// Has this thread, and those it starts, run only while nothing else wants their core. A nice value would not do: a nice
/// thread that has begun a turn ends it, milliseconds later, while a request waits.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{
            NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
            thread_native_id,
        };
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "work in the background keeps its priority");
        }
        // Whoever waited when this thread began goes first.
        std::thread::yield_now();
    }
}
