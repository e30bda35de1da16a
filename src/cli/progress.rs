//! Progress on standard error, if that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::interrupt;
use crate::experiment::Watcher;

/// Shows how many replications are done, and passes Ctrl-C on.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Returns a progress bar; on anything but a terminal, and if `quiet`, it draws nothing.
    pub(super) fn new(quiet: bool) -> Progress {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len} runs, {elapsed}, about {eta} to go");
        // A template that cannot be read would be a bug; the plain bar serves as well.
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress { bar }
    }

    /// Clears the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watcher for Progress {
    fn started(&self, of: u32) {
        self.bar.reset();
        self.bar.set_length(u64::from(of));
        self.bar.enable_steady_tick(std::time::Duration::from_millis(500));
    }

    fn replication_done(&self, done: u32, of: u32) {
        self.bar.set_length(u64::from(of));
        self.bar.set_position(u64::from(done));
    }

    fn stopped(&self) -> bool {
        interrupt::stopped()
    }
}
