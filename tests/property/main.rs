//! What holds for any scenario: conservation, Little's law, twins that change nothing, worlds that continue when copied.

#[path = "../support/dice.rs"]
mod dice;
#[path = "../support/invariants.rs"]
mod invariants;
#[path = "../support/mod.rs"]
mod support;

use cellsim::units::{Nanos, SECOND};
use cellsim::world::platform::Platform;
use cellsim::world::requests::happening::{Happening, Observer, Silence};
use cellsim::world::requests::world::World;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::{Log, read, replicate, run_out, world};

fn few() -> ProptestConfig {
    // The same cases every time: a run that fails can be repeated.
    ProptestConfig { cases: 24, failure_persistence: None, rng_seed: RngSeed::Fixed(2), ..ProptestConfig::default() }
}

/// The end of the last counted request.
fn end(world: &World) -> Nanos {
    let platform = &world.setting().platform;
    platform.warmup + platform.horizon + platform.longest_deadline + 1
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn requests_are_conserved(seed in 0_u64..1_000_000) {
        let text = dice::scenario(seed);
        let scenario = read(&text);
        prop_assume!(Platform::new(&scenario).is_ok());
        let problems = invariants::books(&replicate(&scenario, 1));
        prop_assert!(problems.is_empty(), "{problems:#?}\n{text}");
    }

    /// A world that is copied at any instant and continued goes on like the one it was copied from.
    #[test]
    fn a_copied_world_continues_like_the_original(seed in 0_u64..1_000_000, at in 0_u64..80) {
        let scenario = read(&dice::scenario(seed));
        prop_assume!(Platform::new(&scenario).is_ok());
        let mut whole = Log::default();
        let mut uncut = world(&scenario, 0);
        run_out(&mut uncut, &mut whole);
        let mut first = world(&scenario, 0);
        let mut parts = Log::default();
        first.run_until(at * SECOND, &mut parts);
        let mut copy = first.clone();
        let mut other = parts.clone();
        first.run_until(first.now + 7 * SECOND, &mut parts);
        // What happens to one must not show in the other.
        run_out(&mut copy, &mut other);
        prop_assert!(other.ends() == whole.ends() && other.attempts == whole.attempts && other.store == whole.store);
        run_out(&mut first, &mut parts);
        prop_assert!(parts.ends() == whole.ends());
    }

    /// A world that ends with the last request that counts has seen all that happens to those.
    #[test]
    fn nothing_that_counts_happens_after_the_last_counted_request(seed in 0_u64..1_000_000) {
        let scenario = read(&dice::scenario(seed));
        prop_assume!(Platform::new(&scenario).is_ok());
        let (mut all, mut counted) = (Log::default(), Log::default());
        run_out(&mut world(&scenario, 0), &mut all);
        let mut short = world(&scenario, 0);
        let horizon = short.setting().platform.warmup + short.setting().platform.horizon;
        short.run_while_it_counts(end(&short), &mut counted);
        prop_assert_eq!(short.now, end(&short));
        for log in [&mut all, &mut counted] {
            log.arrived.retain(|arrived| arrived.2 < horizon);
            log.resolved.retain(|end| end.2 < horizon);
            log.attempts.retain(|attempt| attempt.3 < horizon);
        }
        prop_assert!(all.arrived == counted.arrived && all.attempts == counted.attempts);
        prop_assert!(all.ends() == counted.ends() && all.resolved.len() == all.arrived.len());
    }

    /// In however many steps a world is run, the same happens.
    #[test]
    fn steps_do_not_matter(seed in 0_u64..1_000_000, step in 1_u64..5_000_000_000) {
        let scenario = read(&dice::scenario(seed));
        prop_assume!(Platform::new(&scenario).is_ok());
        let (mut at_once, mut in_steps) = (Log::default(), Log::default());
        run_out(&mut world(&scenario, 0), &mut at_once);
        let mut stepped = world(&scenario, 0);
        let end = end(&stepped);
        while stepped.now < end {
            stepped.run_until((stepped.now + step.max(10_000_000)).min(end), &mut in_steps);
        }
        prop_assert!(at_once.ends() == in_steps.ends() && at_once.attempts == in_steps.attempts);
    }

    /// A twin that ignores nothing is the world itself; one that ignores every fault is the world without faults.
    #[test]
    fn twins_ignore_exactly_what_they_are_told(seed in 0_u64..1_000_000) {
        let text = dice::scenario(seed);
        let scenario = read(&text);
        prop_assume!(Platform::new(&scenario).is_ok());
        let mut log = Log::default();
        let mut twin = world(&scenario, 0);
        (0..twin.setting().activations.len() as u32).for_each(|activation| twin.ignore(activation));
        run_out(&mut twin, &mut log);
        let mut calm = scenario.clone();
        calm.faults.clear();
        let mut without = Log::default();
        run_out(&mut world(&calm, 0), &mut without);
        prop_assert!(log.ends() == without.ends() && log.store == without.store, "{text}");
        let replication = replicate(&scenario, 0);
        let counted = |arrival: &Nanos| {
            (scenario.run.warmup..scenario.run.warmup + scenario.run.horizon).contains(arrival)
        };
        let ok = without.resolved.iter().filter(|end| end.4.is_none() && counted(&end.2)).count() as u64;
        let calm = replication.without.unwrap_or(replication.with_faults);
        prop_assert_eq!(calm.tallies.iter().map(cellsim::measure::tally::Tally::ok).sum::<u64>(), ok);
    }
}

/// Sums the time in system of every request, as its client sees it.
#[derive(Default)]
struct TimeInSystem {
    sum: u128,
    inside: i64,
}

impl Observer for TimeInSystem {
    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Arrived { at, .. } => {
                self.inside += 1;
                self.sum = self.sum.wrapping_sub(u128::from(at));
            }
            Happening::Resolved(request) => {
                self.inside -= 1;
                self.sum = self.sum.wrapping_add(u128::from(request.at));
            }
            _ => {}
        }
    }
}

/// Stations in cells, patient clients, no faults.
fn patient(slots: u32, discipline: &str, stages: u32) -> String {
    let stages: Vec<String> = (1..=stages)
        .map(|stage| {
            format!(
                "stage.s{stage} = {{ service_time = {{ exponential = \"10ms\" }}, size = {{ concurrency = {slots} }}, \
                 discipline = \"{discipline}\" }}"
            )
        })
        .collect();
    format!(
        "[tier.t]\ncustomers = 40\ncells = 4\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"{}/s\"\nclient.deadline = \"1h\"\n{}\n\
         [run]\nwarmup = \"0s\"\nhorizon = \"60s\"\nreplications = 1\n",
        8 * slots,
        stages.join("\n")
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..few() })]

    /// Little's law, exactly: the time integral of the number in a cell is the sum of the times its requests spend in it.
    #[test]
    fn the_number_in_cells_is_the_time_in_cells(slots in 1_u32..12, stages in 1_u32..4, seconds in 1_u64..60) {
        let mut world = world(&read(&patient(slots, "fifo", stages)), 0);
        let mut times = TimeInSystem::default();
        let now = seconds * SECOND;
        world.run_until(now, &mut times);
        // Those who are still inside have spent their time until now.
        let spent = times.sum.wrapping_add(times.inside as u128 * u128::from(now));
        let integral: u128 = world.cells.iter().map(|cell| u128::from(cell.occupancy(now))).sum();
        prop_assert_eq!(integral, spent);
        prop_assert_eq!(world.cells.iter().map(|cell| i64::from(cell.inside)).sum::<i64>(), times.inside);
        // Busy time is no more than what the slots have.
        for (station, spec) in world.stations.iter().zip(&world.setting().platform.stations) {
            prop_assert!(station.busy_time(now) <= u64::from(spec.size.slots) * now);
        }
    }

    /// Whoever is served first, the same work is done, and in patient systems the same time is spent in all.
    #[test]
    fn the_discipline_changes_no_throughput(slots in 1_u32..12) {
        let run = |discipline: &str| {
            let mut world = world(&read(&patient(slots, discipline, 1)), 0);
            world.run_until(60 * SECOND, &mut Silence);
            let busy: Vec<u64> = world.stations.iter().map(|station| station.busy_time(60 * SECOND)).collect();
            let inside: Vec<u32> = world.cells.iter().map(|cell| cell.inside).collect();
            (busy, inside)
        };
        let (first, last) = (run("fifo"), run("lifo"));
        let total = |busy: &[u64]| busy.iter().sum::<u64>() as f64;
        prop_assert!((total(&first.0) / total(&last.0) - 1.0).abs() < 0.01);
        let inside = |inside: &[u32]| i64::from(inside.iter().sum::<u32>());
        prop_assert!((inside(&first.1) - inside(&last.1)).abs() < 60);
    }

    /// With constant service nobody's luck differs: the discipline changes neither work nor the number inside at any instant.
    #[test]
    fn with_constant_service_only_the_order_changes(slots in 1_u32..12, seconds in 1_u64..60) {
        let run = |discipline: &str| {
            let text = patient(slots, discipline, 1).replace("{ exponential = \"10ms\" }", "\"10ms\"");
            let mut world = world(&read(&text), 0);
            world.run_until(seconds * SECOND, &mut Silence);
            let busy: Vec<u64> = world.stations.iter().map(|station| station.busy_time(world.now)).collect();
            let integrals: Vec<u64> = world.cells.iter().map(|cell| cell.occupancy(world.now)).collect();
            (busy, integrals)
        };
        prop_assert_eq!(run("fifo"), run("lifo"));
    }
}

#[test]
fn retries_of_one_instant_are_in_an_order_of_their_own() {
    // A crash makes many clients retry at once; in which order must not depend on how the world was stepped before.
    let scenario = read(
        "[tier.t]\ncustomers = 140\ncells = 2\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"3/s\"\nclient = { deadline = \"2s\", attempts = 2, backoff = \"0ms\" }\n\
         stage.a = { kind = \"delay\", service_time = { exponential = \"30ms\" } }\n\
         stage.b = { service_time = \"20ms\", size = { utilization = \"54%\" } }\n\
         [fault.f]\nstrikes = { workflow = \"w\" }\neffect = \"crash\"\nat = \"9s\"\nfor = \"1s\"\n\
         [run]\nwarmup = \"1s\"\nhorizon = \"20s\"\n",
    );
    let mut whole = Log::default();
    run_out(&mut world(&scenario, 0), &mut whole);
    assert!(whole.attempts.iter().filter(|attempt| attempt.4 == 10 * SECOND).count() > 10);
    for instant in 1..20 {
        let (mut stepped, mut parts) = (world(&scenario, 0), Log::default());
        stepped.run_until(instant * SECOND / 2, &mut parts);
        run_out(&mut stepped, &mut parts);
        assert!(whole.attempts == parts.attempts, "stepped at {instant}");
    }
}

#[test]
fn a_platform_of_delays_without_a_warm_up_comes_to_its_end() {
    let replication = replicate(
        &read(
            "[tier.t]\ncustomers = 4\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"1s\"\n\
             stage.s = { kind = \"delay\", service_time = \"1ms\" }\n[run]\nwarmup = \"0s\"\nhorizon = \"1min\"\n",
        ),
        0,
    );
    assert!(replication.with_faults.tallies[0].ok() > 100);
}
