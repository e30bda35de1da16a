//! Rare strikes: where strikes come in few replications, or none, the limits miss the truth no more often than they say.

use cellsim::engine::rng::Stream;
use cellsim::engine::stats::{Estimate, Guard, mean};

use crate::anchored::seldom;
use crate::coverage::{gauss, uniform};

/// Draws what a strike changes, of 1 at most.
type Law = fn(&mut Stream) -> f64;

/// Laws of it, each with its mean.
const LAWS: [(&str, Law, f64); 4] = [
    ("evenly", uniform, 0.5),
    ("always much", |_| 0.8, 0.8),
    // Beta of shapes 1/2 and 1: mostly little.
    ("mostly little", |stream| uniform(stream).powi(2), 1.0 / 3.0),
    ("log-normal", |stream| (0.05 * (1.03 * gauss(stream)).exp()).min(1.0), 0.0843),
];

/// One run: each replication is struck with a known probability; what is rare is guarded as in the program.
fn found(stream: &mut Stream, replications: usize, chance: f64, law: Law) -> Estimate {
    let mut struck = vec![None; replications];
    let values: Vec<f64> = struck
        .iter_mut()
        .map(|struck| {
            let noise = 1.0 + 1e-3 * gauss(stream);
            if uniform(stream) >= chance {
                return noise;
            }
            *struck = Some(1.0);
            noise + law(stream)
        })
        .collect();
    let seen = struck.iter().flatten().count();
    let guard = match seen {
        0 => Guard { struck, unseen: chance, ..Guard::default() },
        1..10 if 2 * seen <= replications => Guard { struck, chance, reach: 1.0, ..Guard::default() },
        _ => Guard::default(),
    };
    guard.mean(&values, (0.0, 2.0), 0.95, |values| mean(values, 0.95))
}

#[test]
fn limits_hold_though_few_replications_were_struck() {
    for (name, law, of_strike) in LAWS {
        for replications in [5, 20, 100] {
            // Where half are struck and more, strikes are not rare.
            for expected in
                [0.3, 1.0, 2.0, 4.0].into_iter().filter(|&expected| 2.0 * expected < f64::from(replications))
            {
                let chance = expected / f64::from(replications);
                let truth = 1.0 + chance * of_strike;
                let misses = |mut stream: Stream, below: bool| {
                    let found = found(&mut stream, replications as usize, chance, law);
                    if below { found.high.expect("an end") < truth } else { found.low.expect("an end") > truth }
                };
                let what = format!("{name}, {replications} replications, {expected} struck");
                seldom(&format!("{what}: too low"), 400, 0.025, |stream| misses(stream, true));
                seldom(&format!("{what}: too high"), 400, 0.025, |stream| misses(stream, false));
            }
        }
    }
}
