//! How much work a run is, in words.

use crate::experiment::design::work::Work;
use crate::number::{self, rough};

/// Returns the line that `validate` shows: one core's time, since it knows of no machine.
pub fn line(work: &Work) -> String {
    format!("{}: about {} of one core, {} MB", amount(work), time(work.cpu_seconds), memory(work.bytes(1)))
}

/// Returns the line that a run begins with.
pub fn line_on(work: &Work, threads: usize) -> String {
    let on = number::of(threads as f64, "thread");
    format!("{}: about {} on {on}, {} MB", amount(work), time(work.seconds(threads)), memory(work.bytes(threads)))
}

fn amount(work: &Work) -> String {
    let runs = number::of(f64::from(work.replications), "replication");
    let all = f64::from(work.replications);
    match work.requests > 0.0 {
        true => format!("{} requests per replication, {} in {runs}", rough(work.requests), rough(work.requests * all)),
        false => {
            format!("{} incidents per replication, {} in {runs}", rough(work.incidents), rough(work.incidents * all))
        }
    }
}

/// Says how long something takes, roughly.
pub fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        below if below < 1.5 => return "a second".to_owned(),
        few if few < 90.0 => (few, "s"),
        few if few < 5_400.0 => (few / 60.0, "min"),
        few if few < 129_600.0 => (few / 3_600.0, "h"),
        few if few < 4e7 => (few / 86_400.0, "days"),
        many => (many / 31_536_000.0, "years"),
    };
    format!("{} {unit}", if value < 10.0 { number::significant(value, 1) } else { rough(value) })
}

fn memory(bytes: f64) -> String {
    // The program itself takes a few.
    rough(10.0 + bytes / 1e6)
}
