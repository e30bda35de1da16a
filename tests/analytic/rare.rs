//! Splitting against closed forms: how many independent units are down at once, far beyond what plain histories show.

use cellsim::engine::law::Law;
use cellsim::engine::rng::Key;
use cellsim::engine::splitting::{Clock, System, Tally};
use cellsim::engine::stats::{mean, paired_difference};
use cellsim::engine::theory::renewal::Repairable;

const YEAR: f64 = 525_600.0;
const CELLS: u32 = 60;

/// Weibull times to failure that wear out, of a month on average; log-normal repair with median 2 and sigma 1. Minutes.
fn cells() -> (Vec<Clock>, Repairable) {
    let shape = Law::Weibull { shape: 2.0, scale: 1.0 };
    let up = shape.scaled(43_200.0 / shape.mean());
    let down = Law::LogNormal { mu: 2.0_f64.ln(), sigma: 1.0 };
    let unit = Repairable { mean_up: up.mean(), mean_down: down.mean() };
    ((0..CELLS).map(|cell| Clock { up: up.clone(), down: down.clone(), takes: vec![vec![cell]] }).collect(), unit)
}

fn follow(system: &System, histories: u32) -> Vec<Tally> {
    (0..histories).map(|index| system.follow(Key::replication(1, index))).collect()
}

/// Theory lies inside the 99 % interval, whose standard error is at most 5 % of it; four fifths of it lie outside.
#[track_caller]
fn close(what: &str, values: &[f64], theory: f64) {
    let estimate = mean(values, 0.99);
    let (value, half) = (estimate.value.expect("measured"), estimate.half_width().expect("an interval"));
    println!("{what}: {value:.4e} ± {half:.1e}, theory {theory:.4e}");
    assert!((value - theory).abs() <= half, "{what}: {value} ± {half}, theory {theory}");
    assert!(half / 2.576 <= 0.05 * theory, "{what}: a relative error of {}", half / 2.576 / theory);
    assert!((value - 0.8 * theory).abs() > half, "{what}: a wrong model is told apart");
}

#[test]
fn up_to_four_of_sixty_cells_at_once() {
    let (clocks, unit) = cells();
    let horizon = 0.5 * YEAR;
    let tallies = follow(&System::new(clocks, CELLS as usize, 4, horizon, 60.0), 200);
    for k in 1..=4 {
        let time: Vec<f64> = tallies.iter().map(|tally| tally.time[k] / horizon).collect();
        close(&format!("P({k} down)"), &time, unit.down_together(k as u32, CELLS));
        let entries: Vec<f64> = tallies.iter().map(|tally| tally.entries[k] / horizon).collect();
        close(&format!("entries to {k}"), &entries, unit.entries(k as u32, CELLS));
        assert!(time.iter().filter(|&&time| time > 0.0).count() >= 50, "independent histories contribute");
    }
}

/// Units on clocks of every kind, some held down by two of them.
fn mixed() -> Vec<Clock> {
    let each = |unit, up, down| Clock { up, down, takes: vec![vec![unit]] };
    vec![
        each(0, Law::Constant(90.0), Law::Uniform { low: 2.0, high: 6.0 }),
        each(1, Law::Uniform { low: 50.0, high: 150.0 }, Law::Constant(5.0)),
        each(2, Law::Gamma { shape: 0.5, scale: 200.0 }, Law::Gamma { shape: 3.0, scale: 2.0 }),
        each(3, Law::Pareto { low: 40.0, shape: 2.5 }, Law::Exponential { mean: 4.0 }),
        each(4, Law::LogNormal { mu: 4.0, sigma: 1.2 }, Law::Hyperexponential(vec![(0.9, 2.0), (0.1, 20.0)])),
        each(
            5,
            Law::Empirical(vec![(0.0, 1.0), (0.5, 50.0), (0.9, 80.0), (1.0, 400.0)]),
            Law::TruncatedNormal { mean: 4.0, deviation: 3.0, low: 0.0, high: f64::INFINITY },
        ),
        // Two units at once, or one of them.
        Clock {
            up: Law::Weibull { shape: 0.7, scale: 200.0 },
            down: Law::Weibull { shape: 1.5, scale: 5.0 },
            takes: vec![vec![4, 5], vec![6]],
        },
    ]
}

#[test]
fn copies_change_no_expectation() {
    let horizon = 1_000.0;
    let plain = follow(&System::with_copies(mixed(), 7, vec![1; 4], horizon), 6_000);
    for copies in [vec![1, 3, 4, 1], vec![1, 1, 10, 5]] {
        let split = follow(&System::with_copies(mixed(), 7, copies, horizon), 6_000);
        for k in 0..=4 {
            for of in [|tally: &Tally, k: usize| tally.time[k], |tally: &Tally, k: usize| tally.entries[k]] {
                let values = |tallies: &[Tally]| tallies.iter().map(|tally| of(tally, k)).collect::<Vec<f64>>();
                let difference = paired_difference(&values(&split), &values(&plain), 0.999);
                let (value, half) = (difference.value.expect("measured"), difference.half_width().unwrap_or(0.0));
                assert!(value.abs() <= half + 1e-9, "{k} down: {difference:?}");
            }
        }
    }
    for tally in plain.iter().take(100) {
        assert!((tally.time.iter().sum::<f64>() - horizon).abs() < 1e-6, "{tally:?}");
    }
}

#[test]
fn the_same_key_gives_the_same_history() {
    let system = System::new(mixed(), 7, 3, 5_000.0, 20.0);
    assert_eq!(system.follow(Key(5)), system.follow(Key(5)));
    assert_ne!(system.follow(Key(5)), system.follow(Key(6)));
}
