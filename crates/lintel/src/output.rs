//! What the program says: text for people or one JSON object for machines on standard output, progress on standard error.

use std::{io::Write as _, ops::ControlFlow, pin::pin, time::Duration};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lintel_app::{ImportProgress, Progress, Work};
use serde::Serialize;
use tokio::time::timeout;

/// How a command ended, as the shell learns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Done,
    /// Done, but some rows were rejected; they were listed.
    SomeRejected,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::SomeRejected => Self::from(3),
        }
    }
}

/// Writes lines on standard output. A reader that has gone away is not an error.
pub(crate) fn say(text: impl AsRef<str>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Writes one JSON object on standard output.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    say(serde_json::to_string(value)?)
}

/// How often a bar is drawn.
const REDRAW: Duration = Duration::from_millis(200);
/// One whole, where a share is shown.
const WHOLE: u64 = 1_000;

/// A progress bar on standard error; nothing when that is no terminal.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar for an import or a generator.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template("{spinner} {percent:>3} % {bar:30} {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(REDRAW);
        Self(bar)
    }

    /// Shows how far it is.
    pub(crate) fn show(&self, progress: ImportProgress) {
        self.0.set_length(progress.total_bytes.unwrap_or(progress.bytes).max(1));
        self.0.set_position(progress.bytes);
        self.0.set_message(format!(
            "{} rows, {} rejected",
            group(progress.counts.rows),
            group(progress.counts.rejected)
        ));
    }

    /// Waits for work while showing how far it is.
    pub(crate) async fn watch<T>(&self, work: &Work, doing: impl Future<Output = T>) -> T {
        let mut doing = pin!(doing);
        loop {
            if let Ok(done) = timeout(REDRAW, &mut doing).await {
                return done;
            }
            if let Some((phase, done)) = work.so_far() {
                self.0.set_message(phase.as_str());
                self.show_share(done);
            }
        }
    }

    /// What shows how far a learning is.
    pub(crate) fn progress(&self) -> Progress {
        let bar = Self(self.0.clone());
        Progress::watched_by(move |done| {
            bar.show_share(done);
            ControlFlow::Continue(())
        })
    }

    fn show_share(&self, done: f64) {
        self.0.set_length(WHOLE);
        self.0.set_position((done * WHOLE as f64) as u64);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// A count with its thousands set apart.
pub(crate) fn group(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(group), ["0", "999", "1,000", "1,234,567"]);
    }
}
