//! The rest of a contract month: which customers keep it, if it goes on as the fault-free world does.
//!
//! # Model
//! A horizon of minutes says little about the month of one customer, so like customers speak for each other. Those of a contract
//! group whose demands are of one octave are *alike*; they are told apart by home cell where the cells differ by more than chance
//! (chi-square, against the spread between replications). Of those who are alike the fault-free world gives the mean loss of a
//! customer in a horizon, and its variance. What a customer loses in the rest of its month is then a Poisson number of *grains*,
//! each as large as variance over mean, and no smaller than a bad minute (or a failed request).
//!
//! The mean itself is known to exact Poisson limits, of as many losses as are independent: those of one replication count for
//! less where replications differ by more than chance, by the rule that strikes have. Where nothing was lost, the limit is ln(1 /
//! alpha) over all that was seen, or, of bad minutes, what the requests say if those of a minute fail independently: so many
//! failed of so many, and so many must fail in one minute.

use std::ops::Range;

use crate::engine::special::gamma;
use crate::engine::stats::{Estimate, State};
use crate::experiment::collected::Run;
use crate::experiment::replication::budget::{Alike, Budget};
use crate::scenario::Scenario;
use crate::scenario::contract::{Contract, Measure};

/// A number at the lower limit of the loss, at its estimate, and at its upper limit.
pub(crate) type ByLoss = [f64; 3];

/// How probable is enough to be certain.
const CERTAIN: f64 = 1e-9;

/// What a group's customers may expect of a month, in one replication.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outlook {
    /// Customers that keep it, in the mean.
    pub(crate) kept: ByLoss,
    /// Dollars of credits, in the mean.
    pub(crate) credits: ByLoss,
}

/// What those who are alike lose in the fault-free world, in the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Loss {
    of_horizon: ByLoss,
    grain: f64,
}

/// Returns the outlooks of each replication, by group; `confidence` is that of the limits of each loss.
pub(crate) fn outlooks(scenario: &Scenario, runs: &[Run], confidence: f64) -> Vec<Vec<Outlook>> {
    let groups = runs.first().map_or(0, |run| run.budgets.len());
    let mut outlooks = vec![vec![Outlook::default(); groups]; runs.len()];
    for group in 0..groups {
        let budgets: Vec<&Budget> = runs.iter().map(|run| &run.budgets[group]).collect();
        let contract = &scenario.tiers[budgets[0].tier].contract;
        for (at, loss) in losses((contract, &budgets), confidence).into_iter().enumerate() {
            let mut month = Month { contract, budget: budgets[0], loss, known: Vec::new() };
            for (outlook, budget) in outlooks.iter_mut().zip(&budgets) {
                month.add(&mut outlook[group], &budget.alike[at]);
            }
        }
    }
    outlooks
}

/// Returns the loss of each of a group's parts.
fn losses((contract, budgets): (&Contract, &[&Budget]), confidence: f64) -> Vec<Loss> {
    let parts = &budgets[0].alike;
    let mut losses = Vec::with_capacity(parts.len());
    let mut first = 0;
    for octave in parts.chunk_by(|a, b| a.octave() == b.octave()) {
        let all = first..first + octave.len();
        if all.len() > 1 && differ(budgets, all.clone()) {
            losses.extend(all.clone().map(|at| loss((contract, budgets), at..at + 1, confidence)));
        } else {
            losses.extend(vec![loss((contract, budgets), all.clone(), confidence); all.len()]);
        }
        first = all.end;
    }
    losses
}

/// Whether parts differ by more than what replications of each do.
fn differ(budgets: &[&Budget], parts: Range<usize>) -> bool {
    let runs = budgets.len() as f64;
    let all: f64 = parts.clone().map(|at| budgets[0].alike[at].meters as f64).sum();
    let calm = |at: usize| budgets.iter().map(move |budget| budget.alike[at].calm);
    let mean = parts.clone().flat_map(calm).sum::<f64>() / (runs * all);
    let spread = |at: usize| {
        let own = calm(at).sum::<f64>() / runs;
        calm(at).map(|one| (one - own) * (one - own)).sum::<f64>()
    };
    // Of one customer in one replication.
    let between = parts.clone().map(spread).sum::<f64>() / ((runs - 1.0) * all);
    let squares: f64 = budgets.iter().flat_map(|budget| &budget.alike[parts.clone()]).map(|part| part.squares).sum();
    let variance = if runs > 1.0 { between } else { squares / (runs * all) - mean * mean };
    let distance = |at: usize| {
        let meters = runs * budgets[0].alike[at].meters as f64;
        let away = calm(at).sum::<f64>() - meters * mean;
        away * away / meters
    };
    let freedom = parts.len() as f64 - 1.0;
    let chi: f64 = parts.map(distance).sum();
    chi > variance * (freedom + 4.0 * (2.0 * freedom).sqrt())
}

/// Returns what each of those in these parts loses in a horizon.
fn loss((contract, budgets): (&Contract, &[&Budget]), parts: Range<usize>, confidence: f64) -> Loss {
    let group = budgets[0];
    let own: Vec<&[Alike]> = budgets.iter().map(|budget| &budget.alike[parts.clone()]).collect();
    let sum = |of: fn(&Alike) -> f64| -> Vec<f64> { own.iter().map(|run| run.iter().map(of).sum()).collect() };
    let (calm, requests) = (sum(|part| part.calm), sum(|part| part.requests as f64));
    let horizons = sum(|part| part.meters as f64).iter().sum::<f64>();
    let all = requests.iter().sum::<f64>();
    let tail = 0.5 * (1.0 - confidence);
    // Minutes that one failed request may cost.
    let request = group.minutes * horizons / all.max(1.0);
    let least = match contract.measure {
        Measure::BadMinutes => 1.0,
        Measure::Requests => request,
        Measure::MeanErrorShare => request.min(5.0),
    };
    let mean = calm.iter().sum::<f64>() / horizons;
    if mean == 0.0 {
        let unseen = -libm::log(tail) * least / horizons;
        let upper = match contract.measure {
            Measure::BadMinutes if all > 0.0 => {
                let failed: Vec<f64> = budgets.iter().map(|budget| budget.calm_failed as f64).collect();
                let of = budgets.iter().map(|budget| budget.calm_requests as f64).sum::<f64>();
                let share = (limits(&failed, 1.0, tail).1 / of).min(1.0);
                let a_minute = all / (horizons * group.minutes);
                unseen.min(group.minutes * bad_minute(a_minute, share, contract.bad_from))
            }
            _ if all > 0.0 => unseen,
            // Who sends nothing loses nothing.
            _ => 0.0,
        };
        return Loss { of_horizon: [0.0, 0.0, upper], grain: least };
    }
    let squares = sum(|part| part.squares).iter().sum::<f64>();
    let variance = (squares / horizons - mean * mean).max(0.0);
    let floor = if contract.measure == Measure::MeanErrorShare { 0.0 } else { least };
    let grain = (variance / mean).max(floor).max(1e-6 * mean);
    let (low, high) = limits(&calm, grain, tail);
    let most = group.minutes.max(mean);
    Loss { of_horizon: [low / horizons, mean, (high / horizons).min(most)], grain }
}

/// Limits of the mean of a sum over replications, which comes in grains: each is passed with probability `tail`.
fn limits(by_run: &[f64], grain: f64, tail: f64) -> (f64, f64) {
    let (sum, runs) = (by_run.iter().sum::<f64>(), by_run.len() as f64);
    let mut unit = grain;
    if runs > 1.0 && sum > 0.0 {
        let mean = sum / runs;
        let squares: f64 = by_run.iter().map(|one| (one - mean) * (one - mean)).sum();
        // 1 in the mean if all grains are independent, give or take `s`.
        let (q, s) = (squares * runs / (runs - 1.0) / (sum * grain), (2.0 / (runs - 1.0)).sqrt());
        unit *= if q > 1.0 { q + 2.0 * s * (q - 1.0) } else { 1.0 };
    }
    let n = sum / unit;
    let low = if n > 0.0 { unit * gamma::quantile(n, tail) } else { 0.0 };
    (low.min(sum), (unit * gamma::quantile_above(n + 1.0, tail)).max(sum))
}

/// Probability that a minute of Poisson requests, so many in the mean, is bad if each fails by itself with probability `share`.
fn bad_minute(requests: f64, share: f64, bad_from: f64) -> f64 {
    let (failing, good) = (requests * share, requests * (1.0 - share));
    let at_least = |failed: f64| gamma::below(failed, failing);
    let mut sum = 0.0;
    for failed in 1..10_000 {
        let failed = f64::from(failed);
        // With so many failures it is bad if no more than this many are good.
        let room = (failed * (1.0 - bad_from) / bad_from + 1e-9).floor();
        let few = gamma::above(room + 1.0, good);
        let some = at_least(failed);
        if few > 1.0 - 1e-12 || some < 1e-12 {
            return (sum + some).min(1.0);
        }
        sum += (some - at_least(failed + 1.0)) * few;
    }
    sum
}

/// The month of those who are alike.
struct Month<'a> {
    contract: &'a Contract,
    budget: &'a Budget,
    loss: Loss,
    /// By what is used, as bits: what comes of it. Few values are met again and again.
    known: Vec<(u64, Known)>,
}

/// What comes of a customer: the probability that it keeps its month, and the mean share of its fees that it gets back.
#[derive(Debug, Clone, Copy)]
struct Known {
    kept: ByLoss,
    credit: ByLoss,
}

impl Month<'_> {
    fn add(&mut self, outlook: &mut Outlook, part: &Alike) {
        for used in &part.used {
            let Known { kept, credit } = self.of(used.minutes);
            for at in 0..3 {
                outlook.kept[at] += kept[at] * used.customers as f64;
                outlook.credits[at] += credit[at] * used.fees;
            }
        }
    }

    fn of(&mut self, used: f64) -> Known {
        let bits = used.to_bits();
        match self.known.binary_search_by_key(&bits, |known| known.0) {
            Ok(at) => self.known[at].1,
            Err(at) => {
                let known = Known { kept: self.within(self.budget.allowed - used), credit: self.credit(used) };
                self.known.insert(at, (bits, known));
                known
            }
        }
    }

    /// Probability that the rest of the month loses no more than this.
    fn within(&self, room: f64) -> ByLoss {
        self.loss.of_horizon.map(|loss| at_most(room + 1e-9, loss * self.budget.rest, self.loss.grain))
    }

    /// Mean share of the fees that is due: of several, the largest.
    fn credit(&self, used: f64) -> ByLoss {
        let month = self.budget.window;
        let mut tiers: Vec<(f64, f64)> =
            self.contract.credits.iter().map(|credit| ((1.0 - credit.below) * month, credit.share)).collect();
        tiers.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut due, mut mean) = (0.0, [0.0; 3]);
        for (minutes, share) in tiers {
            if share > due {
                let within = self.within(minutes - used);
                (0..3).for_each(|at| mean[at] += (share - due) * (1.0 - within[at]));
                due = share;
            }
        }
        mean.map(|mean| mean * self.contract.claimed)
    }
}

/// Probability that a Poisson number of grains comes to no more than `room`, where it is `mean` in the mean.
fn at_most(room: f64, mean: f64, grain: f64) -> f64 {
    if room < 0.0 {
        return 0.0;
    }
    if mean <= 0.0 {
        return 1.0;
    }
    let (most, mean) = ((room / grain).floor(), mean / grain);
    // Far out, and of very many, the normal law is close enough.
    let z = (most + 0.5 - mean) / mean.sqrt();
    let share = match z.abs() > 12.0 && mean > 100.0 {
        true => f64::from(u8::from(z > 0.0)),
        false if mean > 1e4 => 1.0 - gamma::below_of_large(most + 1.0, mean),
        false => gamma::above(most + 1.0, mean),
    };
    match share {
        share if share < CERTAIN => 0.0,
        share if share > 1.0 - CERTAIN => 1.0,
        share => share,
    }
}

/// Joins what is found at the limits of the loss in health, of which these give the lower and the upper end: where they make a
/// difference, they and the replications have half of the error each. `all`: numbers by loss, and what they are parts of.
pub(crate) fn by_loss(
    found: &dyn Fn(usize, f64) -> Estimate,
    (low, high): (usize, usize),
    all: impl Iterator<Item = (ByLoss, f64)>,
    confidence: f64,
) -> Estimate {
    let sum = |sum: (f64, f64), (by_loss, all): (ByLoss, f64)| (sum.0 + (by_loss[2] - by_loss[0]).abs(), sum.1 + all);
    let (between, whole) = all.fold((0.0, 0.0), sum);
    if between <= 1e-6 * whole {
        return found(1, confidence);
    }
    let half = 1.0 - 0.5 * (1.0 - confidence);
    let (least, middle, most) = (found(low, half), found(1, half), found(high, half));
    let value = middle.value;
    let (least, most) = (least.low.filter(|_| middle.low.is_some()), most.high.filter(|_| middle.high.is_some()));
    let unsure = between > 0.01 * whole && middle.state == State::Bound;
    let reason = "the horizon is short: how much of a month is lost in health is known to an interval only";
    Estimate {
        low: least.zip(value).map(|(low, value)| low.min(value)).or(least),
        high: most.zip(value).map(|(high, value)| high.max(value)).or(most),
        reason: if unsure { Some(reason.to_owned()) } else { middle.reason.clone() },
        ..middle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_kept_by_a_poisson_number() {
        // 129.4 in the mean, 129 allowed: about half. 43 allowed: nobody.
        assert!((at_most(129.0, 129.4, 1.0) - 0.51).abs() < 0.01);
        assert_eq!(at_most(43.0, 129.4, 1.0), 0.0);
        assert_eq!((at_most(4.0, 0.0, 1.0), at_most(-1.0, 0.0, 1.0)), (1.0, 0.0));
        assert!((at_most(0.5, 0.1, 1.0) - libm::exp(-0.1)).abs() < 1e-12);
        // Grains of ten: 20 holds two of them.
        assert!((at_most(20.0, 10.0, 10.0) - 2.5 * libm::exp(-1.0)).abs() < 1e-12);
    }

    #[test]
    fn minutes_are_bad_by_independent_failures() {
        // Few requests: one failure is enough. A share f of those who fail: 1 - exp(-n f).
        assert!((bad_minute(5.0, 0.0006, 0.05) - (1.0 - libm::exp(-0.003))).abs() < 1e-5);
        // Many: 5 % never comes of 0.01 %.
        assert!(bad_minute(720.0, 1e-4, 0.05) < 1e-12);
        assert!((bad_minute(1000.0, 0.05, 0.05) - 0.5).abs() < 0.05);
        assert!(bad_minute(1000.0, 0.2, 0.05) > 0.999_999);
    }

    #[test]
    fn limits_widen_where_replications_differ() {
        let (low, high) = limits(&[3.0], 1.0, 0.025);
        assert!((low - 0.6187).abs() < 1e-3 && (high - 8.7673).abs() < 1e-3, "{low} {high}");
        let (alike, apart) =
            (limits(&[5.0; 20], 1.0, 0.025), limits(&[[0.0; 19].as_slice(), &[100.0]].concat(), 1.0, 0.025));
        assert!(apart.1 > 3.0 * alike.1 && apart.0 < 10.0, "{alike:?} {apart:?}");
        let none = limits(&[0.0; 20], 1.0, 0.025).1;
        assert!((none + libm::log(0.025)).abs() < 1e-6, "{none}");
    }
}
