//! Progress on standard error, if that is a terminal.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::interrupt;
use crate::experiment::Watcher;
use crate::progress;

/// Shows how far the replications have come, and passes Ctrl-C on.
pub(super) struct Progress {
    bar: ProgressBar,
}

/// The bar's length: shares of the whole in thousandths.
const WHOLE: u64 = 1_000;

/// Below this share nobody knows how long the rest takes.
const LEAST_SHARE: f64 = 0.02;

impl Progress {
    /// Returns a progress bar; on anything but a terminal, and if `quiet`, it draws nothing.
    pub(super) fn new(quiet: bool) -> Progress {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        Progress { bar: ProgressBar::with_draw_target(None, target) }
    }

    /// Clears the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows replications of so many simulated seconds each.
    fn show(&self, of: u32, seconds: f64) {
        let all = (seconds * f64::from(of)).max(1e-9);
        let share = move || (progress::seconds() / all).min(1.0);
        // Writing to a text cannot fail.
        let done = move |_: &ProgressState, text: &mut dyn Write| {
            let _ = write!(text, "{:.0} %", (100.0 * share()).floor());
        };
        let filled = move |_: &ProgressState, text: &mut dyn Write| {
            let _ = text.write_str(&filled(share()));
        };
        let rest = move |state: &ProgressState, text: &mut dyn Write| {
            let _ = text.write_str(&left(share(), state.elapsed()));
        };
        let template = "{filled} {done} of {msg}, {elapsed}{rest}";
        // A template that cannot be read would be a bug; the plain bar serves as well.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style.with_key("filled", filled).with_key("done", done).with_key("rest", rest));
    }
}

/// Draws the share that is done.
fn filled(share: f64) -> String {
    const BLOCKS: usize = 30;
    let done = ((share * BLOCKS as f64) as usize).min(BLOCKS);
    "\u{2588}".repeat(done) + &"\u{2591}".repeat(BLOCKS - done)
}

/// Says how long the rest takes, where that can be told.
fn left(share: f64, elapsed: Duration) -> String {
    if share >= 1.0 {
        return ", summing up".to_owned();
    }
    if share < LEAST_SHARE {
        return String::new();
    }
    let seconds = elapsed.as_secs_f64() / share * (1.0 - share);
    format!(", about {} to go", crate::report::work::time(seconds))
}

impl Watcher for Progress {
    fn started(&self, of: u32, seconds: f64) {
        interrupt::begun();
        progress::begin();
        self.bar.reset();
        self.bar.set_length(WHOLE);
        self.bar.set_message(format!("{of} runs"));
        self.show(of, seconds);
        self.bar.enable_steady_tick(Duration::from_millis(500));
    }

    fn replication_done(&self, done: u32, of: u32) {
        interrupt::at_stake();
        let share = u64::from(done) * WHOLE / u64::from(of.max(1));
        self.bar.set_position(share.max(self.bar.position()));
    }

    fn stopped(&self) -> bool {
        interrupt::stopped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_says_how_long_before_it_can_be_told() {
        assert_eq!(left(0.0, Duration::from_secs(5)), "");
        assert_eq!(left(0.019, Duration::from_secs(5)), "");
        assert_eq!(left(0.1, Duration::from_mins(1)), ", about 9 min to go");
        assert_eq!(left(1.0, Duration::from_mins(1)), ", summing up");
    }

    #[test]
    fn the_bar_grows_within_a_run() {
        assert_eq!((filled(0.0), filled(1.0)), ("\u{2591}".repeat(30), "\u{2588}".repeat(30)));
        assert_eq!(filled(0.5).chars().filter(|&block| block == '\u{2588}').count(), 15);
    }
}
