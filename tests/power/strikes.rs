//! Laws of what strikes do, with what is exposed and the truth: cases in which what matters is rare, or hardly any of it is harmed.

use cellsim::engine::rng::Stream;
use cellsim::engine::stats::anchored::{Sample, Stratum};

use crate::coverage::{gauss, uniform};

pub(crate) fn poisson(stream: &mut Stream, mean: f64) -> u32 {
    let (mut n, mut at) = (0, stream.exponential());
    while at < mean {
        n += 1;
        at += stream.exponential();
    }
    n
}

/// Beta of shapes 2 and 2: the middle of three uniform draws.
pub(crate) fn half(stream: &mut Stream) -> f64 {
    let (a, b, c) = (uniform(stream), uniform(stream), uniform(stream));
    a.min(b).max(a.max(b).min(c))
}

pub(crate) fn pareto(stream: &mut Stream, shape: f64) -> f64 {
    (stream.exponential() / shape).exp()
}

/// A normal deviate's exponential, of mean 1.
fn log_normal(stream: &mut Stream) -> f64 {
    (1.03 * gauss(stream) - 0.5 * 1.03 * 1.03).exp()
}

/// Strikes of a fault on one of several cells.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    /// Customers of the cells of a class, and its share of the strikes.
    pub(crate) cells: &'static [(f64, f64)],
    /// Strikes in a replication, in the mean.
    pub(crate) strikes: f64,
    /// Minutes of a repair, and what is exposed of each customer meanwhile.
    pub(crate) lasts: fn(&mut Stream) -> f64,
    mean_lasts: f64,
    /// Share of the exposure that is harmed, of a strike that lasts so long.
    harms: fn(&mut Stream, f64) -> f64,
    /// Mean of what is harmed of one customer's exposure.
    mean_harm: f64,
}

/// One cell of 400 customers and eight of 5.
const NINE: &[(f64, f64)] = &[(400.0, 1.0 / 9.0), (5.0, 8.0 / 9.0)];

/// The same, each struck 1/3 times a replication of 60 days, beside all of them every four years.
const ALL_AT_ONCE: f64 = 60.0 / 1461.0;
const NINE_AND_ALL: &[(f64, f64)] = &[
    (400.0, (1.0 / 3.0) / (3.0 + ALL_AT_ONCE)),
    (5.0, (8.0 / 3.0) / (3.0 + ALL_AT_ONCE)),
    (440.0, ALL_AT_ONCE / (3.0 + ALL_AT_ONCE)),
];

const THREE: &[(f64, f64)] = &[(400.0, 0.1), (50.0, 0.3), (5.0, 0.6)];

fn all(_: &mut Stream, _: f64) -> f64 {
    1.0
}

/// All cases.
pub(crate) fn laws() -> [Law; 9] {
    let once: fn(&mut Stream) -> f64 = |_| 1.0;
    let some: fn(&mut Stream, f64) -> f64 = |stream, _| half(stream);
    let law = |name, cells, strikes, (lasts, mean_lasts), (harms, mean_harm)| Law {
        name,
        cells,
        strikes,
        lasts,
        mean_lasts,
        harms,
        mean_harm,
    };
    [
        law("all harmed", NINE, 0.49, (once, 1.0), (all, 1.0)),
        law("some harmed", NINE, 0.49, (once, 1.0), (some, 0.5)),
        law("repair log-normal", NINE, 0.49, (|stream| 60.0 * log_normal(stream) + 1.0, 61.0), (some, 30.5)),
        law("repair Pareto", NINE, 0.49, (|stream| pareto(stream, 1.5), 3.0), (all, 3.0)),
        law(
            "cells often, and all of them",
            NINE_AND_ALL,
            3.0 + ALL_AT_ONCE,
            (|s| 60.0 * log_normal(s), 60.0),
            (all, 60.0),
        ),
        // Of 60 days a strike leaves 10 hours, or what is left: 600 - 600^2 / 2 / 86,400 minutes in the mean.
        law(
            "ten hours once a year",
            &[(100.0, 1.0)],
            60.0 / 365.0,
            (|stream| 600.0_f64.min(86_400.0 * uniform(stream)), 600.0 - 180_000.0 / 86_400.0),
            (all, 600.0 - 180_000.0 / 86_400.0),
        ),
        law("three classes", THREE, 30.0, (once, 1.0), (some, 0.5)),
        law(
            "defence fails once in a hundred",
            &[(50.0, 1.0)],
            30.0,
            (once, 1.0),
            (|stream, _| if uniform(stream) < 0.01 { 1.0 } else { 0.0 }, 0.01),
        ),
        // Harmed for the first 15 minutes: E min(D, 15) of a log-normal D of median 125, 7 % of what is exposed.
        law(
            "evacuated",
            &[(50.0, 1.0)],
            30.0,
            (|stream| 212.4621 * log_normal(stream), 212.4621),
            (|_, lasts| (15.0 / lasts).min(1.0), 14.91714),
        ),
    ]
}

/// The case of this name.
pub(crate) fn law(name: &str) -> Law {
    laws().into_iter().find(|law| law.name == name).expect("a case")
}

impl Law {
    /// A stratum without strikes.
    fn stratum(&self, (size, weight): (f64, f64)) -> Stratum {
        Stratum {
            label: format!("cells of {size} customers"),
            weight,
            mean_exposure: size * self.mean_lasts,
            sample: Sample::default(),
        }
    }

    /// One strike: its class, its harm and what it exposes.
    pub(crate) fn strike(&self, stream: &mut Stream) -> (usize, f64, f64) {
        let mut rest = if self.cells.len() > 1 { uniform(stream) } else { 0.0 };
        let mut class = 0;
        while class + 1 < self.cells.len() && rest >= self.cells[class].1 {
            rest -= self.cells[class].1;
            class += 1;
        }
        let lasts = (self.lasts)(stream);
        let exposure = self.cells[class].0 * lasts;
        (class, exposure * (self.harms)(stream, lasts), exposure)
    }

    /// What so many replications show.
    pub(crate) fn strata(&self, stream: &mut Stream, replications: u32) -> Vec<Stratum> {
        let mut strata: Vec<Stratum> = self.cells.iter().map(|&class| self.stratum(class)).collect();
        for _ in 0..replications {
            let mut own = vec![Sample::default(); strata.len()];
            for _ in 0..poisson(stream, self.strikes) {
                let (class, harm, exposure) = self.strike(stream);
                own[class].add(harm, exposure);
            }
            strata.iter_mut().zip(&own).for_each(|(stratum, own)| stratum.sample.take_run(own));
        }
        strata
    }

    /// The mean harm of a strike.
    pub(crate) fn truth(&self) -> f64 {
        self.mean_harm * self.cells.iter().map(|(size, share)| size * share).sum::<f64>()
    }
}
