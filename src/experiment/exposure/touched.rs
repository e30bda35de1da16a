//! Minutes that a strike touches within the run, by its clock alone.
//!
//! A strike that lasts D from a random second touches D + 1 minutes in the mean, less what the horizon cuts off; requests that
//! were under way at its onset add as much as the longest deadline. The mean is over strikes. Of random faults it comes from
//! histories of one clock, each of which strikes at least once: its first onset is drawn evenly over those within the horizon.

use crate::engine::law::Law;
use crate::engine::rng::{Key, Slot};
use crate::scenario::fault::{Fault, Schedule};
use crate::stop;
use crate::units::{MINUTE, Nanos};
use crate::world::platform::Platform;

/// Histories of a clock; fewer of each where there are very many, whose errors are added all the same.
const HISTORIES: u32 = 20_000;
const HISTORIES_OF_ALL: u32 = 2_000_000;
const FEWEST_HISTORIES: u32 = 500;

/// Strikes of one history that are followed.
const STRIKES: u32 = 1000;

const UP: Slot = Slot::named("up");
const DOWN: Slot = Slot::named("down");

/// What the clock of a fault says of the minutes that its strikes touch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    /// Minutes touched by a strike, in the mean; all, of a fault that comes in waves.
    pub(crate) mean: f64,
    /// Three standard errors of that, where it is drawn.
    pub(crate) error: f64,
    /// Whether the fault comes in waves: how far it gets before it is noticed is left to what is seen.
    pub(crate) in_waves: bool,
    /// Minutes from the end of a strike to the horizon, in the mean.
    pub(crate) rest: f64,
    /// Strikes of one clock within the horizon, in the mean.
    pub(crate) strikes: f64,
    /// Mean length of a strike, in seconds.
    pub(crate) seconds: f64,
    /// Probability that one clock strikes within the horizon.
    pub(crate) chance: f64,
}

/// Minutes touched by a strike within the horizon, in nanoseconds from its start.
pub(crate) fn minutes(onset: f64, end: f64, lag: Nanos, horizon: Nanos) -> f64 {
    let minute = MINUTE as f64;
    let first = ((onset - lag as f64).max(0.0) / minute).floor();
    let end = end.min(horizon as f64);
    let last = ((end / minute).ceil() - 1.0).max((onset / minute).floor());
    (last - first + 1.0).max(0.0)
}

/// Whole minutes that a horizon has begun.
pub(crate) fn all_minutes(horizon: Nanos) -> f64 {
    horizon.div_ceil(MINUTE) as f64
}

/// Sums over strikes: each one's minutes.
#[derive(Default)]
struct Sums {
    strikes: f64,
    touched: f64,
    squares: f64,
    products: f64,
    strike_squares: f64,
    rest: f64,
    seconds: f64,
}

impl Touched {
    /// Works it out for all faults.
    pub(crate) fn by_all(faults: &[&Fault], platform: &Platform) -> Vec<Touched> {
        let clocks = faults.iter().filter(|fault| matches!(fault.schedule, Schedule::Random { .. })).count() as u32;
        let histories = (HISTORIES_OF_ALL / clocks.max(1)).clamp(FEWEST_HISTORIES, HISTORIES);
        let by = |fault: &&Fault| {
            stop::point();
            Touched::by(fault, platform, histories)
        };
        faults.iter().map(by).collect()
    }

    /// Works it out for a fault, of a random one by so many histories.
    fn by(fault: &Fault, platform: &Platform, drawn: u32) -> Touched {
        let (lag, horizon) = (platform.longest_deadline, platform.horizon);
        let all = all_minutes(horizon);
        let mut sums = Sums::default();
        let mut histories = 1.0;
        let mut chance = 1.0;
        let mut history = |strikes: &mut dyn Iterator<Item = (f64, f64)>| {
            let (mut n, mut touched) = (0.0, 0.0);
            for (onset, end) in strikes {
                n += 1.0;
                touched += minutes(onset, end, lag, horizon);
                sums.rest += (all - (end.min(horizon as f64) / MINUTE as f64).floor()).max(0.0);
                sums.seconds += (end - onset) / 1e9;
            }
            sums.strikes += n;
            sums.touched += touched;
            sums.squares += touched * touched;
            sums.products += touched * n;
            sums.strike_squares += n * n;
        };
        match &fault.schedule {
            Schedule::Scripted { at, spread, lasts, every } => {
                let draws = if *spread == 0 { 1 } else { 2000 };
                histories = f64::from(draws);
                for draw in 0..draws {
                    let first = (*at - *spread) as f64 + 2.0 * *spread as f64 * (f64::from(draw) + 0.5) / histories;
                    let step = every.map_or(f64::INFINITY, |every| every as f64);
                    let onsets = std::iter::successors(Some(first), |onset| Some(onset + step));
                    let inside = onsets.take_while(|&onset| onset < horizon as f64);
                    history(&mut inside.map(|onset| (onset, onset + *lasts as f64)));
                }
            }
            Schedule::Trace(recorded) => {
                let inside = recorded.incidents.iter().filter(|one| one.start < horizon);
                history(&mut inside.map(|one| (one.start as f64, one.end as f64)));
            }
            Schedule::Random { up, down, .. } => {
                histories = f64::from(drawn);
                chance = up.cdf(horizon as f64);
                for index in 0..drawn {
                    history(&mut strikes((up, down), (index, drawn, chance), horizon));
                }
            }
        }
        let n = sums.strikes.max(1.0);
        let mean = sums.touched / n;
        // Of a ratio of sums over histories, by linearization.
        let spread = sums.squares - 2.0 * mean * sums.products + mean * mean * sums.strike_squares;
        let drawn = matches!(fault.schedule, Schedule::Random { .. });
        let error = if drawn { 3.0 * spread.max(0.0).sqrt() / n } else { 0.0 };
        let in_waves = fault.waves.is_some();
        Touched {
            mean: if in_waves { all } else { mean.min(all) },
            error: if in_waves { 0.0 } else { error },
            in_waves,
            rest: sums.rest / n,
            strikes: chance * sums.strikes / histories,
            seconds: sums.seconds / n,
            chance,
        }
    }
}

/// Strikes of one history of a clock that strikes within the horizon: (onset, end).
fn strikes<'a>(
    (up, down): (&'a Law, &'a Law),
    (index, of, chance): (u32, u32, f64),
    horizon: Nanos,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let key = Key(0x7ac4).nth(u64::from(index));
    let mut at = 0.0;
    (0..STRIKES).map_while(move |serial| {
        let draw = |slot: Slot| key.nth(u64::from(serial)).uniform(slot) + 0.5 / 9_007_199_254_740_992.0;
        let pause = match serial {
            _ if chance <= 0.0 => return None,
            0 => up.quantile(chance * (f64::from(index) + draw(UP)) / f64::from(of)),
            _ => up.quantile(draw(UP)),
        };
        let onset = at + pause;
        at = onset + down.quantile(draw(DOWN));
        (onset < horizon as f64).then_some((onset, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    #[test]
    fn minutes_are_touched_in_part() {
        let minute = MINUTE as f64;
        assert_eq!(minutes(0.0, minute, 0, 10 * MINUTE), 1.0);
        assert_eq!(minutes(0.5 * minute, 1.5 * minute, 0, 10 * MINUTE), 2.0);
        assert_eq!(minutes(9.5 * minute, 99.0 * minute, 0, 10 * MINUTE), 1.0);
        // Requests that were under way belong to the minute before.
        assert_eq!(minutes(2.0 * minute, 3.0 * minute, SECOND, 10 * MINUTE), 2.0);
        // An instant touches the minute it is in.
        assert_eq!(minutes(2.5 * minute, 2.5 * minute, 0, 10 * MINUTE), 1.0);
        assert_eq!(minutes(2.0 * minute, 2.0 * minute, 0, 10 * MINUTE), 1.0);
    }

    #[test]
    fn a_clock_in_theory() {
        // Exponential times up of 100 h, repair in 5 min, an hour: onsets are nearly even over the hour.
        let (up, down) = (Law::Exponential { mean: 100.0 * 60.0 * MINUTE as f64 }, Law::Constant(5.0 * MINUTE as f64));
        let chance = up.cdf(60.0 * MINUTE as f64);
        let (mut touched, mut n) = (0.0, 0.0);
        for index in 0..HISTORIES {
            for (onset, end) in strikes((&up, &down), (index, HISTORIES, chance), 60 * MINUTE) {
                touched += minutes(onset, end, 0, 60 * MINUTE);
                n += 1.0;
            }
        }
        // Six minutes, less what the horizon cuts: in the last five minutes 5 - k, in the mean 2.5 of them for 5 in 60.
        assert!((touched / n - (6.0 - 15.0 / 60.0)).abs() < 0.02, "{}", touched / n);
    }
}
