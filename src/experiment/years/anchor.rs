//! Harm anchored to exposure: strata of strikes, and periods of contract months, made ready for their intervals.

use super::groups::Groups;
use crate::engine::stats::anchored::{self, Ranked, Sample, Stratum};
use crate::engine::stats::{self, Estimate, State};
use crate::measure::ledger::exposure::{Exposure, FaultExposure, Stratum as Places};
use crate::measure::ledger::homed::exposed;
use crate::measure::ledger::scale::Scale;
use crate::measure::ledger::totals::{Anchored, StratumTotals};

/// Why one replication has no interval.
const ALONE: &str = "one replication has no interval: run at least two";

/// Units that strikes are expected to reach in full, from which on their number need not be held against what was seen.
const AMPLE: f64 = 10.0;

/// Strikes of one fault: how often each stratum is struck by construction, and what was seen.
#[derive(Clone, Copy)]
pub(super) struct Struck<'a> {
    /// Whom it reaches.
    pub(super) exposure: &'a FaultExposure,
    /// The most customers of an incident, if it may take in more than the places that it strikes.
    everybody: Option<f64>,
    /// What it did there.
    pub(super) totals: &'a [StratumTotals],
}

/// A number of one replication has no interval.
pub(super) fn unless_alone(done: &Groups, estimate: Estimate) -> Estimate {
    match (done.done, estimate.state, estimate.value) {
        (1, State::Estimate | State::Bound, Some(value)) => Estimate::without_interval(value, 1, ALONE),
        _ => estimate,
    }
}

impl<'a> Struck<'a> {
    /// Returns the strikes of a fault.
    pub(super) fn new(exposure: &'a Exposure, done: &'a Groups, fault: usize) -> Struck<'a> {
        let everybody = (!exposure.is_nested(fault)).then(|| exposure.everybody.all());
        Struck { exposure: &exposure.faults[fault], everybody, totals: &done.strikes[fault] }
    }

    fn strata(self) -> impl Iterator<Item = (&'a Places, &'a StratumTotals)> {
        self.exposure.strata.iter().zip(self.totals)
    }

    /// Widens an interval by what is not known of how far a release comes.
    pub(super) fn widened(self, estimate: Estimate) -> Estimate {
        let Some(followed) = &self.exposure.followed else { return estimate };
        let times = |end: Option<f64>, factor: f64| end.map(|end| end * factor);
        Estimate {
            low: times(estimate.low, 1.0 - followed.slack.min(1.0)),
            high: times(estimate.high, 1.0 + followed.slack),
            ..estimate
        }
    }

    /// Returns the strikes of a replication that fall on anybody of a tier, or at all.
    pub(super) fn strikes(self, tier: Option<usize>) -> f64 {
        self.strata().filter(|(places, _)| homed(places, tier) > 0.0).map(|(places, _)| places.strikes).sum()
    }

    /// Returns strikes a year by construction, of so many years of a replication.
    pub(super) fn a_year(self, years: f64) -> Estimate {
        let often = self.exposure.strata.iter().map(|places| places.strikes).sum::<f64>() / years;
        self.widened(match self.exposure.followed {
            None => Estimate::exact(often),
            Some(_) => Estimate::between(often, often, often, 0),
        })
    }

    /// Returns the sizes of incidents that were seen, with how often a year they come: as often as their places are struck.
    pub(super) fn sizes(self, years: f64) -> Vec<(f64, f64)> {
        let seen = self.strata().filter(|(_, totals)| totals.incidents > 0);
        seen.flat_map(|(places, totals)| {
            let each = places.strikes / years / totals.incidents as f64;
            totals.by_harmed.sizes().into_iter().map(move |(size, incidents)| (size, incidents * each))
        })
        .collect()
    }

    /// Returns the mean of who is exposed to a strike: of strikes that fall on anybody of a tier, or at all; none if none does.
    pub(super) fn exposed(self, tier: Option<usize>) -> Option<f64> {
        let all = self
            .exposure
            .strata
            .iter()
            .map(|places| (places.strikes, exposed(&places.homed, self.exposure.only, tier)));
        let (strikes, sum) = all
            .filter(|(_, here)| *here > 0.0)
            .fold((0.0, 0.0), |(strikes, sum), (often, here)| (strikes + often, sum + often * here));
        (strikes > 0.0).then(|| sum / strikes)
    }

    /// Returns strata of customers harmed by one incident that falls on anybody of a tier, or at all.
    pub(super) fn customers(self, tier: Option<usize>) -> Vec<Stratum> {
        let strikes = self.strikes(tier);
        let mine = self.strata().filter(|(places, _)| homed(places, tier) > 0.0);
        mine.map(|(places, totals)| Stratum {
            label: places.label.clone(),
            weight: places.strikes / strikes,
            mean_exposure: homed(places, tier),
            sample: match tier {
                Some(tier) if !totals.by_tier.is_empty() => totals.by_tier[tier].0.clone(),
                _ => totals.customers.clone(),
            },
        })
        .collect()
    }

    /// Returns strata of harmed minutes, `per` a strike or a replication.
    pub(super) fn minutes(self, per: f64) -> Vec<Stratum> {
        let stratum = |(places, totals): (&Places, &StratumTotals)| Stratum {
            label: places.label.clone(),
            weight: (places.strikes + places.under_way) / per,
            mean_exposure: places.minutes,
            sample: totals.minutes.clone(),
        };
        self.strata().map(stratum).collect()
    }

    /// Returns the incidents that were seen to strike anybody of a tier, or at all.
    pub(super) fn incidents(self, tier: Option<usize>) -> u64 {
        self.strata().filter(|(places, _)| homed(places, tier) > 0.0).map(|(_, totals)| totals.incidents).sum()
    }

    /// The most customers of an incident told of a stratum.
    fn furthest(self, (places, totals): (&Places, &StratumTotals)) -> f64 {
        self.everybody.unwrap_or(places.most.1).max(totals.by_harmed.most)
    }

    /// Returns strata of incidents that harm at least so many customers, in so many years of a replication.
    pub(super) fn beyond(self, customers: f64, years: f64) -> Vec<Stratum> {
        let mine = self.strata().filter(|&stratum| self.furthest(stratum) >= customers);
        mine.map(|(places, totals)| {
            let mut sample = Sample::default();
            // Of the last one a part: by the luck of those it strikes.
            let beyond = totals.by_harmed.at_least(customers);
            (0..totals.incidents).for_each(|one| sample.add((beyond - one as f64).clamp(0.0, 1.0), 1.0));
            Stratum { label: places.label.clone(), weight: places.strikes / years, mean_exposure: 1.0, sample }
        })
        .collect()
    }

    /// Returns how far a number of customers harmed may be from what it stands for.
    pub(super) fn half_step(self, tier: Option<usize>, size: f64) -> f64 {
        self.totals.iter().map(|totals| scale(totals, tier).half_step(size)).fold(0.0, f64::max)
    }

    /// Returns the interval of a quantile of customers harmed by one incident that falls on anybody of a tier, or at all.
    pub(super) fn quantile(self, tier: Option<usize>, p: f64, confidence: f64) -> Estimate {
        let strikes = self.strikes(tier);
        let ranked = self.strata().filter(|(places, _)| homed(places, tier) > 0.0).map(|(places, totals)| {
            let harmed = scale(totals, tier);
            let most = match tier {
                Some(tier) if !totals.by_tier.is_empty() => places.most.0[tier],
                _ => self.everybody.unwrap_or(places.most.1),
            };
            Ranked {
                label: places.label.clone(),
                weight: places.strikes / strikes,
                values: harmed.ranked(totals.incidents),
                greatest: most.max(harmed.most),
            }
        });
        let ranked: Vec<Ranked> = ranked.collect();
        let found = anchored::quantile(&ranked, p, confidence);
        // Sizes are told on a scale.
        let half_step = |size| self.half_step(tier, size);
        let low = found.low.map(|low| (low - half_step(low)).max(0.0));
        let greatest = ranked.iter().map(|one| one.greatest).fold(0.0, f64::max);
        let high = found.high.map(|high| (high + half_step(high)).min(greatest).max(high));
        Estimate { low, high, ..found }
    }
}

/// Incidents of a stratum by the customers they harmed, of a tier or of all.
fn scale(totals: &StratumTotals, tier: Option<usize>) -> &Scale {
    match tier {
        Some(tier) if !totals.by_tier.is_empty() => &totals.by_tier[tier].1,
        _ => &totals.by_harmed,
    }
}

/// Who lives where a stratum is struck, of a tier or of all.
fn homed(places: &Places, tier: Option<usize>) -> f64 {
    tier.map_or_else(|| places.homed.all(), |tier| places.homed.customers[tier])
}

/// The mean of harm: what exposure bounds, and what outlasts the faults or goes beyond them, by Student's t; `beyond` are
/// (harm, number) of each group.
pub(super) fn mean_and_beyond(strata: &[Stratum], beyond: &[(f64, f64)], confidence: f64) -> Estimate {
    if beyond.iter().all(|pair| pair.0 == 0.0) {
        return anchored::mean(strata, confidence);
    }
    // Both at once, with the confidence that is asked for.
    let half = 1.0 - 0.5 * (1.0 - confidence);
    let rest = stats::ratio(beyond, half).not_negative();
    anchored::added(&[anchored::mean(strata, half), rest])
}

/// Contract months in parts that are units of their own: harm and reach of each, a month.
pub(super) struct Months {
    /// By group: its periods, each with what came of how many months.
    pub(super) groups: Vec<Vec<(Anchored, f64)>>,
}

impl Months {
    fn all(&self) -> impl Iterator<Item = &(Anchored, f64)> {
        self.groups.iter().flatten().filter(|(_, months)| *months > 0.0)
    }

    fn whole_groups(&self) -> Vec<(Anchored, f64)> {
        let whole = |periods: &Vec<(Anchored, f64)>| {
            periods.iter().fold((Anchored::default(), 0.0), |(mut sum, months), (period, more)| {
                sum.add(period);
                (sum, months + more)
            })
        };
        self.groups.iter().map(whole).filter(|(_, months)| *months > 0.0).collect()
    }

    /// Returns harm and reach of each period, a month, by replication: periods of one may be more alike than independent ones.
    fn units(&self) -> Vec<Vec<(f64, f64)>> {
        let unit = |(sum, months): &(Anchored, f64)| (sum.harm / months, sum.reach / months);
        let some = |(_, months): &&(Anchored, f64)| *months > 0.0;
        self.groups.iter().map(|periods| periods.iter().filter(some).map(unit).collect()).collect()
    }

    /// Returns what strikes take of a month on average; they reach `reach` of it by construction, and never more than `most`.
    pub(super) fn taken(&self, label: &str, (reach, most): (f64, f64), confidence: f64) -> Estimate {
        let stratum = anchor(label, &self.units(), (reach, most));
        let whole = self.whole_groups();
        let months: f64 = whole.iter().map(|group| group.1).sum();
        let seen: f64 = whole.iter().map(|group| group.0.taken()).sum::<f64>() / months;
        let beyond: Vec<(f64, f64)> = whole.iter().map(|(sum, months)| (sum.beyond, *months)).collect();
        let found = mean_and_beyond(&[stratum], &beyond, confidence);
        let (Some(low), Some(high)) = (found.low, found.high) else { return found };
        let reached: f64 = whole.iter().map(|group| group.0.reach).sum();
        // What was found, not what exposure makes of it: a share of months is looked up in them.
        let value = Some(seen.clamp(low, high));
        match reached > 0.0 || reach == 0.0 {
            true => Estimate { value, ..found },
            false => {
                let reason = format!(
                    "nothing came that could take any; {label} that strikes can take by construction: {reach:.2e}"
                );
                Estimate { value, state: State::Bound, reason: Some(reason), ..found }
            }
        }
    }

    /// Returns what a month has without strikes: the same in all replications. What a calibration gets wrong of it is wrong in each
    /// of them, and is added to the rows undivided.
    pub(super) fn calm(&self) -> Estimate {
        let (mut calm, mut months) = (0.0, 0.0);
        for (sum, more) in self.all() {
            (calm, months) = (calm + sum.calm, months + more);
        }
        match months > 0.0 {
            true => Estimate::exact(certain(calm, months)),
            false => Estimate::null("the horizon holds no whole contract window"),
        }
    }
}

/// Returns units of (harm, reach), by replication, as one stratum, of the exposure that explains them best.
///
/// Harm is bounded by what strikes reach, whose mean is known, and by all there is, which is the same for every unit. The first
/// is narrow where strikes are few or mostly do harm; where they are many and do little, how many came is nothing but noise.
pub(super) fn anchor(label: &str, groups: &[Vec<(f64, f64)>], (reach, most): (f64, f64)) -> Stratum {
    let (harm, seen) = groups.iter().flatten().fold((0.0, 0.0), |sums, unit| (sums.0 + unit.0, sums.1 + unit.1));
    let units = groups.iter().map(Vec::len).sum::<usize>() as f64;
    let expected = if most > 0.0 { units * reach / most } else { 0.0 };
    let by_reach = !most.is_finite() || expected < AMPLE || harm > 0.5 * seen;
    let mut sample = Sample::default();
    for group in groups {
        let mut run = Sample::default();
        for &(harm, reach) in group {
            run.add(harm, if by_reach { reach } else { most });
        }
        sample.take_run(&run);
    }
    Stratum { label: label.to_owned(), weight: 1.0, mean_exposure: if by_reach { reach } else { most }, sample }
}

/// A share that is certain but for rounding is certain.
fn certain(some: f64, all: f64) -> f64 {
    if (all - some).abs() < 1e-12 * all { 1.0 } else { some / all }
}

/// Returns the interval of a number of events that come one by one: exact for a Poisson number.
pub(super) fn poisson(events: f64, confidence: f64) -> (f64, f64) {
    use crate::engine::law::Law;
    let tail = 0.5 * (1.0 - confidence);
    let at = |shape: f64, p: f64| Law::Gamma { shape, scale: 1.0 }.quantile(p);
    (if events > 0.0 { at(events, tail) } else { 0.0 }, at(events + 1.0, 1.0 - tail))
}

/// One minus a quantity, and no less than 0.
pub(super) fn kept(calm: &Estimate, taken: &Estimate) -> Estimate {
    let minus = |one: Option<f64>, other: Option<f64>| Some((one? - other?).clamp(0.0, 1.0));
    let (value, low, high) = (minus(calm.value, taken.value), minus(calm.low, taken.high), minus(calm.high, taken.low));
    match (calm.state, taken.state) {
        (State::Null, _) => calm.clone(),
        (_, State::Exact) => Estimate { value, low, high, ..calm.clone() },
        _ => Estimate { value, low, high, ..taken.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_limits_as_published() {
        // 3 events: 0.6187 to 8.7673 at 95 % (Garwood 1936).
        let (low, high) = poisson(3.0, 0.95);
        assert!((low - 0.6187).abs() < 1e-3 && (high - 8.7673).abs() < 1e-3, "{low} {high}");
    }
}
