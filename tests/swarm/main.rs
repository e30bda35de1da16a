//! Random valid scenarios, all from one printed seed, with every invariant watched; and canaries that show the watch works.
#![allow(clippy::print_stdout, reason = "the seed must be seen when a scenario fails")]

#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/invariants.rs"]
mod invariants;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use cellsim::catalogue::Cause;
use cellsim::units::SECOND;
use cellsim::world::platform::Platform;
use cellsim::world::requests::happening::Resolved;
use invariants::Checker;
use support::{read, replicate, run, world};

/// Scenarios at most, and time after which no further one begins.
const SCENARIOS: u64 = 60;
const LONGEST: Duration = Duration::from_mins(1);

/// Steps a world second by second under the eyes of a checker.
fn watched(scenario: &cellsim::scenario::Scenario) -> Checker {
    let mut world = world(scenario, 0);
    let mut checker = Checker::new(&world);
    let horizon = scenario.run.warmup + scenario.run.horizon;
    let end = horizon + world.setting().platform.longest_deadline + 1;
    while world.now < end {
        let next = (world.now + SECOND / 4).min(end);
        world.run_until(next, &mut checker);
        checker.look(&world);
    }
    checker.finish(horizon);
    checker
}

#[test]
fn random_scenarios_keep_every_invariant() {
    let seed: u64 = std::env::var("SWARM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_401);
    println!("SWARM_SEED={seed}");
    let began = Instant::now();
    let (mut ran, mut refused, mut requests, mut incidents) = (0, 0, 0, 0);
    for number in 0..SCENARIOS {
        if began.elapsed() > LONGEST {
            break;
        }
        let text = dice::scenario(seed.wrapping_add(number));
        println!("scenario {number} (alone: SWARM_SEED={})", seed.wrapping_add(number));
        let scenario = read(&text);
        if let Err(error) = Platform::new(&scenario) {
            // Customers may not fit, or a fixed size may be too small: a refusal, with a reason.
            assert!(!error.message.is_empty() && !error.help.is_empty(), "{text}");
            refused += 1;
            continue;
        }
        let checker = watched(&scenario);
        assert!(checker.problems.is_empty(), "{:#?}\n{text}", checker.problems);
        let replication = replicate(&scenario, 0);
        let problems = invariants::books(&replication);
        assert!(problems.is_empty(), "{problems:#?}\n{text}");
        let results = run(&scenario);
        let problems = invariants::tables(&results);
        assert!(problems.is_empty(), "{problems:#?}\n{text}");
        ran += 1;
        requests += checker.arrived;
        incidents += replication.incidents.len();
    }
    println!("{ran} ran, {refused} were refused, {requests} requests, {incidents} incidents");
    assert!(ran >= 30, "{ran} of {SCENARIOS} ran: too few to mean much");
    assert!(incidents > 30 && requests > 50_000);
}

/// A checker over a world with a few requests, before it is lied to.
fn canary(lie: impl Fn(&mut Checker)) -> Vec<String> {
    let scenario = read(
        "[tier.t]\ncustomers = 5\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"1s\"\n\
         stage.s = { service_time = \"1ms\", size = { concurrency = 4 } }\n[run]\nwarmup = \"0s\"\nhorizon = \"10s\"\n",
    );
    let mut checker = watched(&scenario);
    assert!(checker.arrived > 10 && checker.problems.is_empty(), "{:?}", checker.problems);
    lie(&mut checker);
    checker.problems
}

#[test]
fn the_watch_notices_what_cannot_be() {
    let later = 1000 * SECOND;
    let end = |arrival, at| Resolved { sub: 1, class: 0, arrival, at, failed: Some(Cause::Full) };
    type Lie = Box<dyn Fn(&mut Checker)>;
    let lies: [(&str, Lie); 8] = [
        ("an end of nothing", Box::new(move |c| c.resolved(&end(later, later)))),
        (
            "an end twice",
            Box::new(move |c| {
                c.arrived(1, later);
                c.attempt(1, 0, 1, later, later);
                c.resolved(&end(later, later + 1));
                c.resolved(&end(later, later + 1));
            }),
        ),
        (
            "a request that never ends",
            Box::new(move |c| {
                c.arrived(1, later);
                c.finish(later + 1);
            }),
        ),
        (
            "an end without an attempt",
            Box::new(move |c| {
                c.arrived(1, later);
                c.resolved(&end(later, later));
            }),
        ),
        (
            "an end after the deadline",
            Box::new(move |c| {
                c.arrived(1, later);
                c.attempt(1, 0, 1, later, later);
                c.resolved(&end(later, later + 2 * SECOND));
            }),
        ),
        (
            "one attempt too many",
            Box::new(move |c| {
                c.arrived(1, later);
                c.attempt(1, 0, 2, later, later);
            }),
        ),
        ("a clock that goes back", Box::new(|c| c.arrived(1, 5))),
        (
            "an attempt after the deadline",
            Box::new(move |c| {
                c.arrived(1, later);
                c.attempt(1, 0, 1, later, later + SECOND);
            }),
        ),
    ];
    for (what, lie) in lies {
        assert!(!canary(lie).is_empty(), "{what} went unnoticed");
    }
    // And in the books: one request lost, one harmed customer too many.
    let scenario = read(&dice::scenario(1));
    let good = replicate(&scenario, 0);
    assert_eq!(invariants::books(&good), Vec::<String>::new());
    let mut bad = good.clone();
    bad.with_faults.tallies[0].requests += 1;
    assert!(!invariants::books(&bad).is_empty());
    let mut bad = good;
    bad.with_faults.timeline.bins[0].requests += 1;
    assert!(!invariants::books(&bad).is_empty());
}
