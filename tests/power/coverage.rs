//! Intervals hold the truth as often as they say: for each kind over many experiments, and under the rule of stopping.
//!
//! How often is judged by the binomial law: a procedure that covers as often as it should fails one of these tests with a
//! probability of less than 1 %.

use cellsim::catalogue::{QUANTILES, Statistic};
use cellsim::engine::histogram::Histogram;
use cellsim::engine::rng::{Key, Stream};
use cellsim::engine::special::{beta, normal};
use cellsim::engine::stats::{
    Estimate, Guard, Precision, checkpoints, kaplan_meier, mean, mean_within, precise_enough, proportion, ratio,
    sectioned,
};
use cellsim::experiment::collected::sections::{Own, Sample, Sections};
use cellsim::experiment::{self, Options, Until};

use crate::support::{Of, Patient, read_with, row};

/// A probability that would be too small to be chance.
pub(crate) const CHANCE: f64 = 0.0005;

pub(crate) fn holds(estimate: &Estimate, truth: f64) -> bool {
    estimate.low.is_none_or(|low| low <= truth) && estimate.high.is_none_or(|high| truth <= high)
}

/// P(at most `k` of `n`), each with probability `p`.
pub(crate) fn at_most(k: u32, n: u32, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta::below(f64::from(n - k), f64::from(k + 1), 1.0 - p) }
}

/// Counts the experiments whose interval holds the truth; it must be no fewer than is likely at a coverage of `least`, and no more
/// than is likely at one of `most`.
#[track_caller]
pub(crate) fn covers(what: &str, experiments: u32, least: f64, most: f64, experiment: impl Fn(Stream) -> bool) {
    let key = Key::replication(20, 26).named(what);
    let covered = (0..experiments).filter(|&n| experiment(Stream::new(key.nth(u64::from(n))))).count() as u32;
    println!("{what}: {covered} of {experiments}");
    assert!(at_most(covered, experiments, least) > CHANCE, "{what}: only {covered} of {experiments} hold the truth");
    let more = 1.0 - at_most(covered.saturating_sub(1), experiments, most);
    assert!(covered == 0 || most >= 1.0 || more > CHANCE, "{what}: as many as {covered} of {experiments}: too wide");
}

pub(crate) fn uniform(stream: &mut Stream) -> f64 {
    -(-stream.exponential()).exp_m1()
}

pub(crate) fn gauss(stream: &mut Stream) -> f64 {
    normal::quantile(uniform(stream).clamp(1e-12, 1.0 - 1e-12))
}

/// Successes among trials.
fn successes(stream: &mut Stream, trials: u32, share: f64) -> f64 {
    (0..trials).filter(|_| uniform(stream) < share).count() as f64
}

#[test]
fn means_of_a_fixed_number() {
    // Normal values: Student's t is exact.
    for n in [2, 5, 30] {
        covers(&format!("t of {n}"), 3000, 0.95, 0.95, |mut stream| {
            let values: Vec<f64> = (0..n).map(|_| 3.0 + 2.0 * gauss(&mut stream)).collect();
            holds(&mean(&values, 0.95), 3.0)
        });
    }
    covers("t at 80 %", 3000, 0.8, 0.8, |mut stream| {
        let values: Vec<f64> = (0..10).map(|_| gauss(&mut stream)).collect();
        holds(&mean(&values, 0.8), 0.0)
    });
}

#[test]
fn harm_that_is_rare_and_then_strikes_all() {
    // 30 customers who fail together, in one run of 16: in 20 runs it is often not seen at all.
    let run = |stream: &mut Stream| if uniform(stream) < 1.0 / 16.0 { 30.0 } else { 0.0 };
    let runs = |mut stream: Stream| -> Vec<f64> { (0..20).map(|_| run(&mut stream)).collect() };
    covers("rare harm of all", 3000, 0.95, 1.0, |stream| {
        holds(&mean_within(&runs(stream), (0.0, 30.0), 0.95), 30.0 / 16.0)
    });
    // Without the bound of what came out alike it would be held in hardly two of three.
    let key = Key::replication(20, 26).named("rare harm of all, wrong");
    let wrong = (0..1000).filter(|&n| holds(&mean(&runs(Stream::new(key.nth(n))), 0.95), 30.0 / 16.0)).count();
    assert!(wrong < 750, "{wrong} of 1000");
}

#[test]
fn ratios_of_sums() {
    // Replications unlike each other, and what they count depends on how much there is to count.
    covers("ratio", 3000, 0.93, 0.96, |mut stream| {
        let pairs: Vec<(f64, f64)> = (0..30)
            .map(|_| {
                let below = 50.0 + 50.0 * stream.exponential();
                (below * (0.3 + 0.05 * gauss(&mut stream)), below)
            })
            .collect();
        holds(&ratio(&pairs, 0.95), 0.3)
    });
}

#[test]
fn shares_near_nothing() {
    // Trials on their own: exact intervals cover at least as often as they say. 20 replications of 50 trials.
    for share in [0.2, 0.02, 0.003] {
        covers(&format!("share {share}"), 2000, 0.95, 1.0, |mut stream| {
            let pairs: Vec<(f64, f64)> = (0..20).map(|_| (successes(&mut stream, 50, share), 50.0)).collect();
            holds(&proportion(&pairs, 0.95), share)
        });
    }
    // Customers that fail together: a tenth of the replications loses about half of them, worth far fewer trials than there are.
    covers("clustered share", 2000, 0.92, 1.0, |mut stream| {
        let pairs: Vec<(f64, f64)> = (0..40)
            .map(|_| {
                let struck = uniform(&mut stream) < 0.1;
                (if struck { successes(&mut stream, 100, 0.5) } else { 0.0 }, 100.0)
            })
            .collect();
        holds(&proportion(&pairs, 0.95), 0.05)
    });
}

#[test]
fn nothing_seen_bounds_what_there_could_be() {
    // Just above the bound nothing is seen in 5 % of the experiments; below it the bound always holds.
    let bound = 1.0 - 0.05_f64.powf(1.0 / 20.0);
    let nothing = |share: f64| {
        move |mut stream: Stream| {
            let pairs: Vec<(f64, f64)> = (0..20).map(|_| (successes(&mut stream, 1, share), 1.0)).collect();
            let estimate = proportion(&pairs, 0.95);
            estimate.value != Some(0.0) || holds(&estimate, share)
        }
    };
    covers("one-sided, above", 3000, 0.95, 0.95, nothing(bound + 1e-9));
    covers("one-sided, below", 500, 1.0 - 1e-9, 1.0, nothing(bound - 1e-9));
}

#[test]
fn quantiles_by_sections() {
    for (p, truth) in [(0.5, std::f64::consts::LN_2), (0.9, std::f64::consts::LN_10)] {
        covers(&format!("quantile {p}"), 800, 0.92, 0.975, |mut stream| {
            let (mut all, mut each) = (Histogram::new(), Vec::new());
            let quantile = |histogram: &Histogram| {
                let rank = (p * histogram.total() as f64).ceil() as u64;
                histogram.at_rank(rank).expect("there are values")
            };
            for _ in 0..20 {
                let mut one = Histogram::new();
                (0..500).for_each(|_| one.record((1e9 * stream.exponential()).round() as u64));
                each.push(quantile(&one).0);
                all.merge(&one);
            }
            let (value, half_bucket) = quantile(&all);
            holds(&sectioned(value, &each, half_bucket, 0.95), 1e9 * truth)
        });
    }
}

#[test]
fn quantiles_by_batches_of_short_replications() {
    // A replication is slow or fast as a whole, and has 45 values: its own p90 says little. Mixture of means 0.5 and 1.5.
    let above = |x: f64| f64::midpoint((-x / 0.5).exp(), (-x / 1.5).exp());
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if above(middle) > 0.1 { low = middle } else { high = middle }
    }
    let at = QUANTILES.iter().position(|one| one.0 == Statistic::P90).expect("p90 is reported");
    for replications in [60, 250] {
        covers(&format!("p90 of {replications} short replications"), 600, 0.92, 0.99, |mut stream| {
            let (mut all, mut sections, mut each) = (Histogram::new(), Sections::default(), Vec::new());
            for replication in 0..replications {
                let mean = if uniform(&mut stream) < 0.5 { 0.5e9 } else { 1.5e9 };
                let mut one = Histogram::new();
                (0..45).for_each(|_| one.record((mean * stream.exponential()).round() as u64));
                sections.add(replication, std::iter::once(&one));
                each.push(Own { replication, values: 45, failed: 0, quantiles: [None; QUANTILES.len()] });
                all.merge(&one);
            }
            let sample = Sample {
                histogram: &all,
                each,
                sections: (&sections, vec![0]),
                deadline: 3_600_000_000_000,
                guard: Guard::default(),
                may_fail: true,
            };
            holds(&sample.quantile(at, 0.95), low)
        });
    }
}

#[test]
fn medians_of_times_that_were_cut_short() {
    // Exponential times, each watched for between half and three times the mean.
    covers("Kaplan-Meier median", 3000, 0.93, 0.98, |mut stream| {
        let (mut times, mut censored) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let (time, watched) = (stream.exponential(), 0.5 + 2.5 * uniform(&mut stream));
            if time <= watched { times.push(time) } else { censored.push(watched) }
        }
        holds(&kaplan_meier(&times, &censored).quantile_estimate(0.5, 0.95), std::f64::consts::LN_2)
    });
}

/// Stops at the first checkpoint at which the mean is precise enough.
fn stopped(stream: &mut Stream, precision: Precision, draw: impl Fn(&mut Stream) -> f64) -> Estimate {
    let mut values = Vec::new();
    for checkpoint in checkpoints().take_while(|&n| n < 5000) {
        values.resize_with(checkpoint as usize, || draw(stream));
        let estimate = mean(&values, 0.95);
        if precise_enough(&estimate, precision) {
            return estimate;
        }
    }
    mean(&values, 0.95)
}

#[test]
fn means_under_the_rule_of_stopping() {
    for share in [0.05, 0.1, 0.2] {
        let precision = Precision::Relative(share);
        covers(&format!("stopped at {share}, normal"), 1500, 0.92, 1.0, |mut stream| {
            holds(&stopped(&mut stream, precision, |stream| 2.0 + gauss(stream)), 2.0)
        });
        // Skewed, as customers harmed by an incident are.
        covers(&format!("stopped at {share}, exponential"), 1500, 0.92, 1.0, |mut stream| {
            holds(&stopped(&mut stream, precision, Stream::exponential), 1.0)
        });
    }
}

/// The same through scenarios and the run itself: it stops where the numbers it is held to are precise.
#[test]
fn runs_that_stop_when_they_are_precise() {
    let text = "[tier.t]\ncustomers = 20\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"5/s\"\nclient.deadline = \"5s\"\n\
         stage.s = { service_time = { exponential = \"10ms\" }, size = { concurrency = 2 }, queue = 0 }\n\
         [router]\ncache.hit_ratio = \"70%\"\n\
         [[expect]]\nmetric = \"error_share\"\nmean = { at_most = \"50%\" }\n\
         [[expect]]\nmetric = \"hit_ratio\"\nmean = { at_least = \"50%\" }\n\
         [run]\nwarmup = \"2s\"\nhorizon = \"4s\"\n";
    let truth = [("error_share", cellsim::engine::theory::erlang_b::blocking(1.0, 2)), ("hit_ratio", 0.7)];
    let until = Until::Precise { share: 0.04, at_most: 400 };
    let (runs, mut covered, mut ended) = (300, [0; 2], std::collections::BTreeSet::new());
    for seed in 1..=runs {
        let scenario = read_with(text, &[&format!("run.seed={seed}")]);
        let options = Options { threads: Some(1), until, ..Options::default() };
        let results = experiment::run(&scenario, &options, &Patient).expect("it runs");
        assert!(results.stopping.as_ref().is_some_and(|stopping| stopping.reached), "{:?}", results.stopping);
        ended.insert(results.replications_done);
        for ((metric, truth), covered) in truth.iter().zip(&mut covered) {
            *covered += u32::from(holds(row(&results, metric, "mean", Of::default()), *truth));
        }
    }
    println!("ended at {ended:?}, covered {covered:?} of {runs}");
    assert!(ended.len() > 1, "chance decides where a run ends: {ended:?}");
    for ((metric, _), covered) in truth.iter().zip(covered) {
        assert!(at_most(covered, runs, 0.92) > CHANCE, "{metric}: only {covered} of {runs} hold the truth");
    }
}
