//! What the tests of truth share: scenarios from text, runs, rows, and a listener that remembers every request.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::Arc;

use cellsim::catalogue::Cause;
use cellsim::engine::stats::Estimate;
use cellsim::experiment::outcome::{IncidentRow, Outcome};
use cellsim::experiment::replication::{self, Replication};
use cellsim::experiment::{self, Options, Watcher};
use cellsim::report::terminal::{self, Context};
use cellsim::scenario::Scenario;
use cellsim::units::{NEVER, Nanos};
use cellsim::world::platform::Platform;
use cellsim::world::platform::population::SubId;
use cellsim::world::requests::demand::arrivals;
use cellsim::world::requests::happening::{Happening, Observer};
use cellsim::world::requests::{setting::Setting, world::World};

/// Neither shows nor stops anything.
pub(crate) struct Patient;

impl Watcher for Patient {
    fn replication_done(&self, _done: u32, _of: u32) {}
    fn stopped(&self) -> bool {
        false
    }
}

/// A folder that goes away with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    /// Writes a file beside the scenario.
    pub(crate) fn with(self, name: &str, text: &str) -> Folder {
        std::fs::write(self.0.path().join(name), text).expect("the temporary folder takes files");
        self
    }

    /// Reads a scenario with `--set` arguments.
    #[track_caller]
    pub(crate) fn read(&self, text: &str, sets: &[&str]) -> Scenario {
        let path = self.0.path().join("scenario.toml");
        std::fs::write(&path, text).expect("the temporary folder takes files");
        // A change is laid over what a test has in common: the command itself takes each key once.
        let key = |set: &str| set.split('=').next().unwrap_or_default().trim().to_owned();
        let last = |(at, set): &(usize, &&str)| sets.iter().rposition(|other| key(other) == key(set)) == Some(*at);
        let sets: Vec<String> = sets.iter().enumerate().filter(last).map(|(_, &set)| set.to_owned()).collect();
        self.keep(text, &sets);
        match Scenario::read(&path, &sets) {
            Ok(scenario) => scenario,
            Err(problems) => panic!("{}\n{text}", problems.render(false, 120)),
        }
    }
}

impl Folder {
    /// Keeps what a test reads, where SCENARIOS_KEPT names a folder: `.ci/same` compares two builds on all of it.
    fn keep(&self, text: &str, sets: &[String]) {
        let Some(folder) = std::env::var_os("SCENARIOS_KEPT").map(std::path::PathBuf::from) else { return };
        let mut hasher = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&(text, sets), &mut hasher);
        let folder = folder.join(format!("{:016x}", std::hash::Hasher::finish(&hasher)));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        for file in std::fs::read_dir(self.path()).expect("a folder").flatten() {
            std::fs::copy(file.path(), folder.join(file.file_name())).expect("files can be copied");
        }
        std::fs::write(folder.join("sets"), sets.iter().map(|set| format!("--set={set}\n")).collect::<String>())
            .expect("the folder takes files");
    }
}

/// Reads a scenario.
#[track_caller]
pub(crate) fn read(text: &str) -> Scenario {
    Folder::new().read(text, &[])
}

/// Reads a scenario with `--set` arguments.
#[track_caller]
pub(crate) fn read_with(text: &str, sets: &[&str]) -> Scenario {
    Folder::new().read(text, sets)
}

/// Runs a scenario on one thread.
#[track_caller]
pub(crate) fn run(scenario: &Scenario) -> Outcome {
    run_on(scenario, 1)
}

/// Runs a scenario on so many threads.
#[track_caller]
pub(crate) fn run_on(scenario: &Scenario, threads: usize) -> Outcome {
    let options = Options { threads: Some(threads), ..Options::default() };
    match experiment::run(scenario, &options, &Patient) {
        Ok(results) => results,
        Err(error) => panic!("{error}"),
    }
}

/// Reads and runs.
#[track_caller]
pub(crate) fn run_text(text: &str) -> Outcome {
    run(&read(text))
}

/// Reads with `--set` arguments and runs.
#[track_caller]
pub(crate) fn run_with(text: &str, sets: &[&str]) -> Outcome {
    run(&read_with(text, sets))
}

/// How a summary is printed where neither place nor time matter: without colour, as into a file.
pub(crate) fn printing() -> Context {
    Context { folder: "x".into(), files: Vec::new(), seconds: 1.0, threads: 1, colour: false, terminal: false }
}

/// Prints the summary.
pub(crate) fn summary(results: &Outcome) -> String {
    terminal::render(results, &printing())
}

/// Builds the platform.
#[track_caller]
pub(crate) fn platform(scenario: &Scenario) -> Arc<Platform> {
    match Platform::new(scenario) {
        Ok(platform) => Arc::new(platform),
        Err(error) => panic!("{}: {}", error.key, error.message),
    }
}

/// Runs one replication, to look at what it counted.
#[track_caller]
pub(crate) fn replicate(scenario: &Scenario, index: u32) -> Replication {
    replication::run(scenario, &platform(scenario), index)
}

/// A world at the beginning of its warm-up.
#[track_caller]
pub(crate) fn world(scenario: &Scenario, index: u32) -> World {
    let setting = Arc::new(Setting::new(scenario, &platform(scenario), index));
    let rows = Arc::new(arrivals::trace(&setting.platform, &scenario.trace, setting.key));
    World::new(setting, &rows)
}

/// Lets a world run through its horizon until every counted request is over.
pub(crate) fn run_out<O: Observer>(world: &mut World, observer: &mut O) {
    let platform = Arc::clone(&world.setting().platform);
    world.run_until(platform.warmup + platform.horizon + platform.longest_deadline + 1, observer);
}

/// Which row of the tidy table.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Of<'a> {
    pub(crate) tier: &'a str,
    pub(crate) workflow: &'a str,
    pub(crate) fault: &'a str,
    /// "with faults", "no fault" or ""; `None`: the first.
    pub(crate) condition: Option<&'a str>,
    pub(crate) unit: Option<&'a str>,
}

/// Finds an estimate in the tidy table; "error_share/timed-out" is of one cause.
#[track_caller]
pub(crate) fn row<'a>(results: &'a Outcome, metric: &str, statistic: &str, of: Of<'_>) -> &'a Estimate {
    let (name, cause) = metric.split_once('/').unwrap_or((metric, ""));
    let found = results.rows.iter().find(|row| {
        row.subject.metric.name() == name
            && row.subject.field("cause") == cause
            && row.subject.statistic.to_string() == statistic
            && row.subject.tier() == of.tier
            && row.subject.workflow() == of.workflow
            && row.subject.fault() == of.fault
            && of.condition.is_none_or(|condition| row.subject.condition.text() == condition)
            && of.unit.is_none_or(|unit| row.subject.unit.text() == unit)
    });
    match found {
        Some(row) => &row.estimate,
        None => panic!("there is no row {metric}, {statistic}, {of:?}"),
    }
}

/// The platform's number for a metric: with faults if there were any.
#[track_caller]
pub(crate) fn value(results: &Outcome, metric: &str, statistic: &str) -> f64 {
    value_of(results, metric, statistic, Of::default())
}

/// The number in a row.
#[track_caller]
pub(crate) fn value_of(results: &Outcome, metric: &str, statistic: &str, of: Of<'_>) -> f64 {
    let estimate = row(results, metric, statistic, of);
    match estimate.value {
        Some(value) => value,
        None => panic!("{metric} {statistic} of {of:?} is not measured: {:?}", estimate.reason),
    }
}

/// The number in a row about one fault, in customers (or minutes).
#[track_caller]
pub(crate) fn of_fault(results: &Outcome, metric: &str, statistic: &str, fault: &str) -> f64 {
    value_of(results, metric, statistic, Of { fault, ..Of::default() })
}

/// The only incident of a run of one replication.
#[track_caller]
pub(crate) fn incident(results: &Outcome) -> &IncidentRow {
    assert_eq!(
        results.requests().expect("requests were run").incidents.len(),
        1,
        "one incident: {:?}",
        results.requests().expect("requests were run").incidents
    );
    &results.requests().expect("requests were run").incidents[0]
}

/// The first replication's incident of a fault.
#[track_caller]
pub(crate) fn incident_of<'a>(results: &'a Outcome, fault: &str) -> &'a IncidentRow {
    match results
        .requests()
        .expect("requests were run")
        .incidents
        .iter()
        .find(|incident| incident.replication == 1 && incident.fault == fault)
    {
        Some(incident) => incident,
        None => panic!("no incident of {fault}: {:?}", results.requests().expect("requests were run").incidents),
    }
}

/// One request, from arrival to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Life {
    pub(crate) arrival: Nanos,
    /// `NEVER` while it is not over.
    pub(crate) end: Nanos,
    pub(crate) failed: Option<u8>,
    /// Customer.
    pub(crate) customer: u32,
}

/// Remembers arrivals, ends and attempts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// (sub, class, at) in order.
    pub(crate) arrived: Vec<(SubId, u16, Nanos)>,
    /// (sub, class, arrival, end, cause) in order of ends.
    pub(crate) resolved: Vec<(SubId, u16, Nanos, Nanos, Option<Cause>)>,
    /// (sub, class, number, arrival, started).
    pub(crate) attempts: Vec<(SubId, u16, u8, Nanos, Nanos)>,
    pub(crate) lookups: u64,
    pub(crate) hits: u64,
    pub(crate) store: Vec<Nanos>,
}

impl Log {
    /// Work that is settled ahead is reported ahead: what counts is what happened, not when it was told.
    pub(crate) fn ends(&self) -> Vec<(SubId, u16, Nanos, Nanos, Option<Cause>)> {
        let mut ends = self.resolved.clone();
        ends.sort_by_key(|end| (end.2, end.0, end.3));
        ends
    }
}

impl Observer for Log {
    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Arrived { sub, class, at } => self.arrived.push((sub, class, at)),
            Happening::Resolved(end) => self.resolved.push((end.sub, end.class, end.arrival, end.at, end.failed)),
            Happening::Attempt { sub, class, number, arrival, started } => {
                self.attempts.push((sub, class, number, arrival, started));
            }
            Happening::LookedUp { hit, .. } => {
                self.lookups += 1;
                self.hits += u64::from(hit);
            }
            Happening::StoreAsked { at } => self.store.push(at),
            _ => {}
        }
    }
}

impl Log {
    /// The requests of a class that arrive before the horizon, of customers that were there from the start, sorted; with their ends
    /// if asked for. Customers are numbered within their tier.
    pub(crate) fn lives(&self, world: &World, class: &str, with_ends: bool) -> Vec<Life> {
        let setting = world.setting();
        let index = setting.platform.classes.iter().position(|known| known.name == class);
        let index = index.unwrap_or_else(|| panic!("no class {class}")) as u16;
        let tier = setting.platform.classes[index as usize].tier;
        let first = setting.platform.population.tier_start[tier];
        let customer = |sub: SubId| setting.customer(sub) - first;
        let horizon = setting.platform.warmup + setting.platform.horizon;
        let counts = |sub: SubId, arrival: Nanos| (sub as usize) < setting.platform.home.len() && arrival < horizon;
        let mut lives: Vec<Life> = if with_ends {
            let mine = self.resolved.iter().filter(|end| end.1 == index && counts(end.0, end.2));
            mine.map(|&(sub, _, arrival, end, cause)| Life {
                arrival,
                end,
                failed: cause.map(|cause| cause as u8),
                customer: customer(sub),
            })
            .collect()
        } else {
            let mine = self.arrived.iter().filter(|arrived| arrived.1 == index && counts(arrived.0, arrived.2));
            mine.map(|&(sub, _, arrival)| Life { arrival, end: NEVER, failed: None, customer: customer(sub) }).collect()
        };
        lives.sort_unstable();
        lives
    }
}

/// Runs a world to its end with a log.
#[track_caller]
pub(crate) fn logged(scenario: &Scenario, index: u32) -> (World, Log) {
    let mut world = world(scenario, index);
    let mut log = Log::default();
    run_out(&mut world, &mut log);
    log.resolved = log.ends();
    (world, log)
}

/// Sums the time in system of the requests that arrive within a span.
struct Sojourn {
    from: Nanos,
    until: Nanos,
    sum: f64,
    n: f64,
}

impl Observer for Sojourn {
    fn happened(&mut self, happening: Happening) {
        let Happening::Resolved(request) = happening else { return };
        assert_eq!(request.failed, None, "these stations refuse nobody");
        if (self.from..self.until).contains(&request.arrival) {
            self.sum += (request.at - request.arrival) as f64 / 1e9;
            self.n += 1.0;
        }
    }
}

/// Mean time in system of each replication, in seconds.
pub(crate) fn mean_sojourns(text: &str) -> Vec<f64> {
    let scenario = read(text);
    let (from, until) = (scenario.run.warmup, scenario.run.warmup + scenario.run.horizon);
    let mean = |index| {
        let mut sojourn = Sojourn { from, until, sum: 0.0, n: 0.0 };
        let mut world = world(&scenario, index);
        world.run_while_it_counts(until + world.setting().platform.longest_deadline + 1, &mut sojourn);
        sojourn.sum / sojourn.n
    };
    (0..scenario.run.replications).map(mean).collect()
}
