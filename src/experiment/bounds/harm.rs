//! Harm of a fault's strikes: intervals anchored to what it can strike, not to what it happened to strike.

use super::newcomers::most_newcomers;
use super::struck::customers_in;
pub(crate) use super::struck::{Struck, everybody, in_tier};
use crate::catalogue::Metric;
use crate::engine::stats::anchored::{self, Sample, Stratum};
use crate::engine::stats::{Estimate, State};
use crate::experiment::exposure::classes::{Label, Size, classes};
use crate::experiment::exposure::touched::all_minutes;
use crate::experiment::exposure::{Reach, of_tier};
use crate::experiment::replication::incident::{Harmed, Incident};
use crate::units::MINUTE;

/// The first sentence of why a fault has no numbers of its own.
pub(crate) const NEVER_STRUCK: &str = "the fault did not strike in this horizon: all that is known is what it exposes";

/// Harm of one incident: within what it exposes, and beyond.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part {
    within: f64,
    exposed: f64,
    beyond: f64,
    beyond_most: f64,
}

/// A count of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// Harmed.
    BlastRadius,
    /// Homed where the fault strikes.
    Exposed,
    /// Exposed, sent nothing.
    Quiet,
    /// Down in some minute.
    Down,
    /// Harmed, not exposed.
    Spillover,
}

impl Count {
    /// All, with the names of their metrics.
    pub(crate) const ALL: [(Metric, Count); 5] = [
        (Metric::BlastRadius, Count::BlastRadius),
        (Metric::Exposed, Count::Exposed),
        (Metric::Idle, Count::Quiet),
        (Metric::Down, Count::Down),
        (Metric::Spillover, Count::Spillover),
    ];

    /// So many of them.
    pub(crate) fn of(self, harmed: &Harmed) -> u64 {
        match self {
            Count::BlastRadius => harmed.harmed,
            Count::Exposed => harmed.exposed,
            Count::Quiet => harmed.quiet,
            Count::Down => harmed.down,
            Count::Spillover => harmed.spillover,
        }
    }
}

/// A kind of harm.
struct Kind<'a> {
    /// What a strike on a target exposes, in the mean.
    size: Size<'a>,
    label: Label<'a>,
    /// Whether harm may go beyond what is exposed.
    may_spill: bool,
    /// How far it may.
    beyond: Size<'a>,
    /// Exposure, in the mean, that no target has by itself.
    more: f64,
    /// All there is, in the mean.
    all: f64,
    /// What an incident came to.
    part: &'a dyn Fn(&Incident) -> Part,
}

impl Struck<'_> {
    /// Mean number of customers per incident.
    pub(crate) fn mean_count(&self, count: Count, tier: Option<usize>) -> Estimate {
        if count == Count::Exposed {
            return self.mean_exposed(tier);
        }
        let incidents = self.of_tier(tier);
        let (joins, anybody) = (self.newcomers(tier), self.joining(tier));
        let spills = self.spills(tier) || anybody > 0.0 && count == Count::Spillover;
        let part = |incident: &Incident| {
            let harmed = in_tier(incident, tier);
            let (exposed, n) = (harmed.exposed as f64, count.of(&harmed) as f64);
            let after = self.after(incident);
            let later = joins * after;
            let within = match count {
                Count::BlastRadius => n - harmed.spillover as f64,
                Count::Spillover => 0.0,
                Count::Down | Count::Quiet | Count::Exposed => n.min(exposed),
            };
            let reach = &self.exposure.targets[self.exposure.index_of(&incident.target)];
            let elsewhere = (self.domain(reach, tier, customers_in(incident, tier)) - exposed).max(0.0);
            // Who joins may be struck, or meet the harm: those that were there, and those that come later.
            Part {
                within,
                exposed: exposed + later,
                beyond: n - within,
                beyond_most: elsewhere.max(n - within) + anybody * after,
            }
        };
        let size = |reach: &Reach| match count {
            Count::Spillover => 0.0,
            _ if of_tier(&reach.customers, tier) == 0.0 => 0.0,
            _ => of_tier(&reach.customers, tier) + joins,
        };
        let elsewhere = |reach: &Reach| {
            let all = of_tier(&self.exposure.all, tier);
            (self.domain(reach, tier, all) - of_tier(&reach.customers, tier)).max(0.0) + anybody
        };
        let wider = |reach: &Reach| (of_tier(&reach.within_reach, tier) - of_tier(&reach.customers, tier)).max(0.0);
        let more = match count {
            Count::Spillover => 0.0,
            _ => self.mean_over(tier, wider) * self.exposure.joins(self.window()),
        };
        let may_spill = spills && count != Count::Quiet;
        let label = |low: f64, high: f64| self.label(low - joins, high - joins, "customers");
        let all = match count {
            Count::Spillover => self.mean_over(tier, elsewhere),
            _ => of_tier(&self.exposure.all, tier) + anybody,
        };
        let kind = Kind { size: &size, label: &label, may_spill, beyond: &elsewhere, more, all, part: &part };
        self.mean(tier, &incidents, &kind)
    }

    /// Who is exposed, in the mean: by construction, but for those who join meanwhile.
    fn mean_exposed(&self, tier: Option<usize>) -> Estimate {
        let mean = self.mean_over(tier, |reach| of_tier(&reach.customers, tier));
        let more = self.newcomers(tier);
        let incidents = self.of_tier(tier).concat();
        if more == 0.0 && !self.exposure.touched.in_waves {
            return Estimate::exact(mean);
        }
        let n = incidents.len() as u64;
        let seen = incidents.iter().map(|one| in_tier(one, tier).exposed as f64).sum::<f64>() / (n as f64).max(1.0);
        let low = if self.exposure.touched.in_waves { 0.0 } else { mean };
        match n {
            0 => Estimate { value: None, ..Estimate::bound(0.0, low, mean + more, 0, NEVER_STRUCK) },
            // By chance so many more may have joined.
            _ => Estimate::between(seen, low.min(seen), (mean + more).max(seen), n),
        }
    }

    /// The largest number of customers that one incident may come to.
    pub(crate) fn worst_count(&self, count: Count, tier: Option<usize>) -> Estimate {
        let incidents: Vec<&Incident> = self.incidents.iter().flatten().copied().collect();
        let seen = incidents.iter().map(|one| count.of(&in_tier(one, tier))).max();
        let most_of = |of: &dyn Fn(&Reach) -> f64| self.exposure.targets.iter().map(of).fold(0.0, f64::max);
        let newcomers = most_newcomers(match count {
            Count::Exposed | Count::Quiet => self.newcomers(tier),
            Count::BlastRadius | Count::Down | Count::Spillover => self.joining(tier),
        });
        let all = of_tier(&self.exposure.all, tier);
        let exposed = most_of(&|reach| of_tier(&reach.customers, tier));
        let most = match count {
            Count::Exposed => exposed,
            Count::Quiet => most_of(&|reach| of_tier(&reach.within_reach, tier)),
            Count::Spillover if !self.spills(tier) => 0.0,
            Count::Spillover => most_of(&|reach| self.domain(reach, tier, all) - of_tier(&reach.customers, tier)),
            Count::BlastRadius | Count::Down if self.spills(tier) => most_of(&|reach| self.domain(reach, tier, all)),
            Count::BlastRadius | Count::Down => most_of(&|reach| of_tier(&reach.within_reach, tier)),
        };
        let most = most + newcomers;
        if most == 0.0 && seen.unwrap_or(0) == 0 || count == Count::Exposed && newcomers == 0.0 {
            return Estimate::exact(most);
        }
        largest(seen.map(|seen| seen as f64), most, incidents.len() as u64)
    }

    /// Mean harmed (customer, workflow) minutes per incident.
    pub(crate) fn mean_minutes(&self) -> Estimate {
        let (touched, all) = (self.exposure.touched, all_minutes(self.horizon));
        let everybody = of_tier(&self.exposure.all_subscriptions, None);
        let spills = self.spills(None);
        let part = |incident: &Incident| {
            let (harmed, within) = (incident.customer_minutes as f64, incident.minutes_within as f64);
            let subscriptions = incident.exposed_subscriptions as f64;
            let after = self.after(incident) * self.workflows as f64;
            let later = self.newcomers(None) * after;
            let exposed = (subscriptions + later) * incident.minutes_touched as f64;
            let rest = (all - (incident.end * 1e9 / MINUTE as f64).floor()).clamp(0.0, all);
            let others = if spills { (everybody - subscriptions).max(0.0) * all } else { 0.0 };
            let joined = (self.joining(None) - self.newcomers(None)) * after * all;
            Part {
                within,
                exposed,
                beyond: harmed - within,
                beyond_most: (subscriptions * rest + others + joined).max(harmed - within),
            }
        };
        let joins = self.newcomers(None) * self.workflows as f64;
        let anybody = self.joining(None) * self.workflows as f64;
        let size = |reach: &Reach| match of_tier(&reach.subscriptions, None) {
            0.0 => 0.0,
            subscriptions => (subscriptions + joins) * touched.mean,
        };
        let beyond = |reach: &Reach| {
            let subscriptions = of_tier(&reach.subscriptions, None);
            // Of those who join, whoever is exposed counts there.
            let joined = if subscriptions > 0.0 { anybody - joins } else { anybody };
            subscriptions * touched.rest + if spills { (everybody - subscriptions) * all } else { 0.0 } + joined * all
        };
        let window = self.window();
        let again = (touched.mean + window * 1e9 / MINUTE as f64).min(all);
        let more =
            self.mean_over(None, |reach| of_tier(&reach.within_reach, None)) * self.exposure.joins(window) * again
                + self.mean_over(None, |reach| of_tier(&reach.subscriptions, None)) * touched.error;
        let label =
            |low: f64, high: f64| self.label(low / touched.mean - joins, high / touched.mean - joins, "customers");
        let incidents = self.of_tier(None);
        let there = (everybody + anybody) * all;
        let kind = Kind { size: &size, label: &label, may_spill: true, beyond: &beyond, more, all: there, part: &part };
        self.mean(None, &incidents, &kind)
    }

    /// The most harmed minutes that one incident may come to.
    pub(crate) fn worst_minutes(&self) -> Estimate {
        let seen = self.incidents.iter().flatten().map(|one| one.customer_minutes).max();
        let newcomers = most_newcomers(self.joining(None)) * self.workflows as f64;
        let reach = |reach: &Reach| {
            let exposed = of_tier(&reach.subscriptions, None);
            if self.spills(None) {
                of_tier(&self.exposure.all_subscriptions, None)
            } else {
                exposed.max(of_tier(&reach.within_reach, None))
            }
        };
        let widest = self.exposure.targets.iter().map(reach).fold(0.0, f64::max);
        let most = (widest + newcomers) * all_minutes(self.horizon);
        let n = self.incidents.iter().map(Vec::len).sum::<usize>() as u64;
        largest(seen.map(|seen| seen as f64), most, n)
    }

    /// Mean of a number that is at most `most` in each incident, whatever was struck.
    pub(crate) fn mean_within(&self, of: impl Fn(&Incident) -> f64, most: f64) -> Estimate {
        let mut sample = Sample::default();
        for run in self.incidents {
            let mut own = Sample::default();
            for one in run {
                own.add(of(one), most.max(of(one)));
            }
            sample.take_run(&own);
        }
        let strata = [Stratum { label: "incidents".to_owned(), weight: 1.0, mean_exposure: most, sample }];
        never(anchored::mean(&strata, self.confidence))
    }

    /// The interval of a mean per incident, from those of each replication.
    fn mean(&self, tier: Option<usize>, runs: &[Vec<&Incident>], kind: &Kind<'_>) -> Estimate {
        let Kind { size, more, all, .. } = *kind;
        let (mut strata, class_of) = classes(&self.exposure.targets, &Self::reaches(tier), size, kind.label);
        let (mut others, mut spilled) = (Sample::default(), false);
        for run in runs {
            let (mut by_class, mut beyond) = (vec![Sample::default(); strata.len()], Sample::default());
            for incident in run {
                let (target, mut part) = (self.exposure.index_of(&incident.target), (kind.part)(incident));
                if let Some(class) = class_of[target] {
                    // The waves of a release expose more and more: counted as if it reached all. What others that joined expose is
                    // not its own.
                    if self.exposure.touched.in_waves || incident.activations > 1 {
                        let own = size(&self.exposure.targets[target]);
                        let excess = (part.within - own).max(0.0);
                        part.within -= excess;
                        part.beyond += excess;
                        part.beyond_most += (part.exposed - own).max(0.0);
                        part.exposed = own;
                    }
                    by_class[class].add(part.within, part.exposed.max(part.within));
                } else {
                    // Only another strike that joined it exposed them.
                    part.beyond += part.within;
                }
                spilled |= part.beyond > 0.0;
                beyond.add(part.beyond, part.beyond_most.max(part.beyond));
            }
            strata.iter_mut().zip(&by_class).for_each(|(stratum, own)| stratum.sample.take_run(own));
            others.take_run(&beyond);
        }
        let incidents: Vec<&Incident> = runs.concat();
        let spills = kind.may_spill || spilled;
        let level = if spills && !strata.is_empty() { 0.5 } else { 1.0 };
        let confidence = 1.0 - level * (1.0 - self.confidence);
        let mut found = anchored::mean(&strata, confidence);
        if spills {
            let (label, mean_exposure) = ("beyond what is exposed".to_owned(), self.mean_over(tier, kind.beyond));
            let others = Stratum { label, weight: 1.0, mean_exposure, sample: others };
            let others = anchored::mean(&[others], confidence);
            found = if strata.is_empty() { others } else { anchored::added(&[found, others]) };
        }
        if self.joining(tier) > 0.0
            && let (Some(_), Some(low), Some(high)) = (found.value, found.low, found.high)
        {
            // What is exposed grows while the run lasts: the mean is that of the incidents, not a share of what is exposed at last.
            let sum: f64 = incidents.iter().map(|one| (kind.part)(one)).map(|part| part.within + part.beyond).sum();
            let seen = sum / incidents.len() as f64;
            (found.value, found.low, found.high) = (Some(seen), Some(low.min(seen)), Some(high.max(seen)));
        }
        match found.state {
            State::Exact if more == 0.0 => found,
            State::Exact => {
                let reason = "only what joins it may harm anybody here";
                let value = found.value.unwrap_or(0.0);
                Estimate::bound(value, value, (value + more).min(all.max(value)), incidents.len() as u64, reason)
            }
            // Nobody is counted twice.
            _ => {
                let all = found.value.map_or(all, |value| all.max(value));
                let (low, high) = (found.low.map(|low| low.min(all)), found.high.map(|high| (high + more).min(all)));
                never(Estimate { low, high, ..found })
            }
        }
    }
}

/// The largest seen, or nothing, and what is possible.
fn largest(seen: Option<f64>, most: f64, n: u64) -> Estimate {
    match seen {
        Some(seen) => Estimate::largest(seen, Some(most), n),
        None => Estimate { value: None, ..Estimate::bound(0.0, 0.0, most, 0, NEVER_STRUCK) },
    }
}

fn never(estimate: Estimate) -> Estimate {
    if estimate.n > 0 || estimate.value.is_some() {
        estimate
    } else {
        Estimate { reason: Some(NEVER_STRUCK.to_owned()), ..estimate }
    }
}
