//! The recorded history is the run's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use cellsim::experiment::replay::history::{Replay, State};
use cellsim::experiment::replay::record;
use cellsim::experiment::replication;
use cellsim::scenario::Scenario;
use cellsim::world::platform::Platform;

use crate::made::{Made, SCENARIO, rows};

fn scenario(made: &Made) -> Scenario {
    Scenario::read(&made.path("small.toml"), &[]).unwrap()
}

fn unit<'a>(replay: &'a Replay, name: &str) -> &'a cellsim::experiment::replay::history::Unit {
    replay.units.iter().find(|unit| unit.name == name).unwrap()
}

#[test]
fn counts_are_those_of_the_replication() {
    let made = Made::of(SCENARIO);
    let scenario = scenario(&made);
    let platform = Arc::new(Platform::new(&scenario).unwrap());
    for index in 0..3 {
        let ran = replication::run(&scenario, &platform, index);
        let replay = record(&scenario, index).unwrap();
        let requests: u64 = ran.with_faults.tallies.iter().map(|tally| tally.requests).sum();
        let failed: u64 = ran.with_faults.tallies.iter().map(|tally| tally.failed.iter().sum::<u64>()).sum();
        let recorded = |of: fn(&cellsim::experiment::replay::history::Moment) -> u32| -> u64 {
            replay.all.iter().map(|moment| u64::from(of(moment))).sum()
        };
        assert_eq!(
            (recorded(|one| one.requests), recorded(|one| one.failed)),
            (requests, failed),
            "replication {index}"
        );
        // Incidents do not overlap here, and nobody is harmed by two of them.
        let harmed: u64 = ran.incidents.iter().flat_map(|one| &one.by_tier).map(|tier| tier.harmed).sum();
        assert_eq!(replay.all.last().unwrap().harmed, harmed, "replication {index}");
        assert!(harmed > 0, "somebody is harmed in replication {index}");
    }
}

#[test]
fn states_follow_the_faults() {
    let made = Made::of(SCENARIO);
    let replay = record(&scenario(&made), 0).unwrap();
    assert_eq!((replay.frames, replay.frame_seconds), (300, 1.0));
    let crashed = unit(&replay, "voice/ent/1");
    let struck: Vec<usize> = (0..300).filter(|&frame| crashed.moments[frame].struck).collect();
    assert_eq!((struck[0], struck[struck.len() - 1], struck.len()), (60, 119, 60));
    let down = (60..120).filter(|&frame| crashed.moments[frame].state == State::Down).count();
    let asked = (60..120).filter(|&frame| crashed.moments[frame].requests > 0).count();
    assert!(down > 0 && down >= asked - 2, "{down} of {asked} seconds with a request");
    let spared = unit(&replay, "voice/ent/2");
    assert!(spared.moments.iter().all(|moment| moment.state == State::Normal && !moment.struck && moment.harmed == 0));
    let slow = unit(&replay, "mail/smb/2");
    assert!((180..210).any(|frame| slow.moments[frame].state != State::Normal), "it is slower, and queues");
    assert!(replay.all[..60].iter().all(|moment| moment.state == State::Normal && moment.harmed == 0));
}

#[test]
fn the_table_beside_the_page_has_every_frame_and_unit() {
    let made = Made::page(SCENARIO);
    let table = rows(&made.read("results/small/replay.csv"));
    assert_eq!(table[0], ["frame_s", "cell", "state", "struck", "failed_share", "in_system", "harmed_so_far"]);
    let mut frames: BTreeMap<&str, usize> = BTreeMap::new();
    table[1..].iter().for_each(|row| *frames.entry(row[1].as_str()).or_default() += 1);
    assert!(frames.values().all(|&count| count == 300), "{frames:?}");
    assert!(frames.contains_key("all") && frames.contains_key("router") && frames.contains_key("voice/ent/3"));
    assert!(!Path::new(&made.path("replay.csv")).exists(), "it stands beside the page");
}
