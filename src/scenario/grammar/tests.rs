//! What holds for every key.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::shape::{Absent, Kind, Shape};
use super::tree;
use crate::scenario::context::Context;
use crate::scenario::root::SCENARIO;
use crate::scenario::{Scenario, load};

/// One tier, one workflow, one fault, over a year.
const SMALL: &str = r#"
[tier.t]
customers = 10
cells = 1
sla = "99%"
[workflow.w]
demand = "1/s"
client.deadline = "1s"
stage.s = { service_time = "10ms", size = { concurrency = 2 } }
[fault.f]
strikes.platform = true
effect = "crash"
mtbf = "30d"
mttr = "1h"
[run]
level = "incident"
horizon = "1year"
"#;

fn read(context: &Context, path: &Path, sets: &[String]) -> Result<Scenario, crate::diagnostic::Diagnostics> {
    Scenario::of(context, load::load(context, path, sets), path)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

/// A folder with the small scenario and a file of requests, which `--set` must name in full.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("requests.csv"), "time,workflow,tier,ms\n1,w,t,5\n2,w,t,9\n").unwrap();
    let path = folder.path().join("small.toml");
    std::fs::write(&path, SMALL).unwrap();
    (folder, path)
}

/// Returns a `--set` with the file of requests by its whole path.
fn in_full(set: &str, scenario: &Path) -> String {
    set.replace("requests.csv", scenario.with_file_name("requests.csv").to_str().unwrap())
}

/// Values that no shipped scenario and no case of the tests has.
const RARE_VALUES: [&str; 28] = [
    "workflow.w.client.hedge.after=5ms",
    "run.calibration.horizon=1min",
    "workflow.w.stage.s.workers={ count = 4, pick = { least_loaded_of = 2 } }",
    "workflow.w.profile.daily={ peak_at = \"14h\", low = \"40%\" }",
    "workflow.w.stage.s.service_time={ exponential = { mean = \"5ms\" } }",
    "workflow.w.stage.s.service_time={ uniform = { from = \"1ms\", to = \"5ms\" } }",
    "workflow.w.stage.s.service_time={ triangular = { from = \"1ms\", mode = \"2ms\", to = \"5ms\" } }",
    "workflow.w.stage.s.service_time={ normal = { mean = \"5ms\", deviation = \"1ms\" } }",
    "workflow.w.stage.s.service_time={ gamma = { mean = \"5ms\", shape = 2 } }",
    "workflow.w.stage.s.service_time={ erlang = { mean = \"5ms\", stages = 2 } }",
    "workflow.w.stage.s.service_time={ weibull = { mean = \"5ms\", shape = 2 } }",
    "workflow.w.stage.s.service_time={ weibull = { scale = \"5ms\", shape = 2 } }",
    "workflow.w.stage.s.service_time={ pareto = { min = \"5ms\", shape = 2 } }",
    "workflow.w.stage.s.service_time={ hyperexponential = [{ share = 1, mean = \"5ms\" }] }",
    "workflow.w.stage.s.service_time={ mean = \"5ms\", cv = 2 }",
    "workflow.w.stage.s.service_time={ mean = \"5ms\", deviation = \"1ms\" }",
    "workflow.w.stage.s.service_time.empirical={ csv = \"requests.csv\", column = \"ms\", unit = \"ms\" }",
    "workflow.w.stage.s.service_time.empirical.values=[\"1ms\", \"2ms\"]",
    "fault.f.mtbf={ prior = \"configuration\", of_incidents_every = \"1d\" }",
    "workflow.w.profile={ surge = { factor = 2, at = \"1h\", for = \"1h\" } }",
    "workflow.w.profile={ hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2], starts_at = \"1h\" }",
    "workflow.w.profile={ steps = [{ at = \"1h\", factor = 2 }], every = \"2h\" }",
    "workflow.w.skew.pareto=1.2",
    "workflow.w.skew.list=[2, 1]",
    "trace={ csv = \"requests.csv\", columns = { time = \"time\", workflow = \"workflow\", tier = \"tier\", customer = \"tier\" } }",
    "fault.r={ strikes.platform = true, effect = \"crash\", csv = \"requests.csv\", columns = { start = \"time\", end = \"ms\" } }",
    "tier.t.contract={ window = { rolling = \"7d\" }, credits = [{ below = \"target\", share = \"5%\" }] }",
    "tier.t.customers_per_cell={ min = 1, max = 20 }",
];

#[test]
fn every_key_has_a_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("scenarios"), &mut found);
    files(&root.join("tests/cases/files"), &mut found);
    let mut asked = BTreeSet::new();
    for path in found {
        let context = Context::of(&path);
        let _ = read(&context, &path, &[]);
        asked.extend(context.asked.take());
    }
    let (_folder, path) = folder();
    for set in RARE_VALUES {
        let context = Context::of(&path);
        let _ = read(&context, &path, &[in_full(set, &path)]);
        asked.extend(context.asked.take());
    }
    let is_asked = |shape: &Shape, key| {
        asked.contains(&(shape.name, key)) || shape.base.is_some_and(|base| asked.contains(&(base.name, key)))
    };
    let all = tree::keys(&SCENARIO);
    let idle: BTreeSet<String> =
        all.iter().filter(|one| !is_asked(one.shape, one.key.name)).map(tree::Placed::path).collect();
    assert!(idle.is_empty(), "no reader asks for {idle:#?}");
}

#[test]
fn shapes_have_names_of_their_own_and_keys_have_sentences() {
    let mut seen: Vec<(&str, *const Shape, Vec<&str>)> = Vec::new();
    for (path, shape) in tree::tables(&SCENARIO) {
        let keys: Vec<&str> = shape.keys().map(|key| key.name).collect();
        let distinct: BTreeSet<&&str> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "a key of {path} is declared twice");
        match seen.iter().find(|other| other.0 == shape.name) {
            // Constants may lie at several addresses.
            Some(other) => assert_eq!(other.2, keys, "two shapes are called {}", shape.name),
            None => seen.push((shape.name, shape, keys)),
        }
        for key in shape.keys() {
            assert!(!key.sentence.is_empty() || matches!(key.kind, Kind::Table(_)), "{path}.{}", key.name);
            assert!(!key.sentence.ends_with('.'), "the sentence of {path}.{} goes on in tables", key.name);
            assert!(!key.sentence.contains('|') && !key.sentence.contains('\n'), "{path}.{}", key.name);
            if let Absent::Required(example) | Absent::RequiredIf(_, example) = key.absent {
                assert!(example.contains(key.name), "the example of {path}.{} is `{example}`", key.name);
            }
        }
    }
}

/// What the incident level says to a key, or to some of its values: (key, what makes it say so).
const AT_INCIDENTS: [(&str, &[&str]); 22] = [
    ("warmup", &["run.warmup=1min"]),
    ("timeline", &["run.timeline=1s"]),
    ("trace", &["trace.csv=requests.csv"]),
    ("hedge", &["workflow.w.client.hedge=50ms"]),
    (
        "remembers_cell",
        &["workflow.w.client.attempts=2", "workflow.w.client.remembers_cell=true", "router.latencies=total"],
    ),
    ("luck", &["workflow.w.client.attempts=2", "workflow.w.stage.s.luck=request"]),
    ("kind", &["workflow.w.stage.s.kind=fan-out", "workflow.w.stage.s.to=3"]),
    ("slows_by", &["workflow.w.stage.s.slows_by=2%"]),
    ("discipline", &["workflow.w.stage.s.discipline=lifo"]),
    ("workers", &["workflow.w.stage.s.workers=2"]),
    ("overload", &["workflow.w.stage.s.size.overload=true"]),
    ("counts", &["contract.counts=per customer"]),
    ("unit", &["contract.unit=attempts"]),
    ("good_under", &["tier.t.contract.good_under=300ms"]),
    ("new_customers", &["tier.t.new_customers=1/s"]),
    ("demand", &["workflow.w.demand=trace", "trace.csv=requests.csv"]),
    ("arrivals", &["workflow.w.arrivals.batch=5"]),
    ("starts", &["router.cache.starts=cold"]),
    ("coalesce", &["router.cache.coalesce=true"]),
    ("fill_after_timeout", &["router.cache.fill_after_timeout=false"]),
    (
        "flush",
        &[
            "router.latencies=total",
            "fault.f.strikes={ platform = false, router = \"cache\" }",
            "fault.f.effect=flush",
            "fault.f.mttr=false",
        ],
    ),
    (
        "flush",
        &["router.latencies=total", "fault.g={ strikes.router = \"cache\", effect.flush = true, mtbf = \"1d\" }"],
    ),
];

/// What the request level says.
const AT_REQUESTS: [(&str, &[&str]); 3] = [
    ("calibration", &["run.calibration.horizon=1min"]),
    ("rare", &["run.rare.cells_down=2"]),
    ("excludes", &["contract.excludes=[\"f\"]"]),
];

#[test]
fn every_refusal_of_a_level_is_said() {
    let (_folder, path) = folder();
    let mut said = BTreeSet::new();
    let incidents = AT_INCIDENTS.iter().map(|case| (case, &[][..]));
    let requests = AT_REQUESTS.iter().map(|case| (case, &["run.level=request", "run.horizon=10min"][..]));
    let all = tree::keys(&SCENARIO);
    for ((name, sets), level) in incidents.chain(requests) {
        let sets: Vec<String> = level.iter().chain(*sets).map(|set| in_full(set, &path)).collect();
        let refusal = all.iter().find_map(|one| one.key.refusal.filter(|_| one.key.name == *name)).unwrap();
        let Err(problems) = read(&Context::of(&path), &path, &sets) else { panic!("{sets:?} is accepted") };
        let is_said = problems.0.iter().any(|problem| problem.message == refusal.message);
        assert!(is_said, "{sets:?} should say: {}\n{problems}", refusal.message);
        said.insert(*name);
    }
    let declared: BTreeSet<&str> = all.iter().filter(|one| one.key.refusal.is_some()).map(|one| one.key.name).collect();
    assert_eq!(said, declared, "each refusal has a case here");
}

#[test]
fn a_key_at_the_wrong_place_says_where_it_works() {
    for (text, place) in [
        ("[run]\ntimeout = \"1s\"\n", "`timeout` works in [client]"),
        ("[client]\nhorizon = \"1h\"\n", "`horizon` works in [run] or in [run.calibration]"),
        ("[router]\nzones = 3\n", "`zones` works at the top level"),
        ("[cells]\nmetric = \"latency\"\n", "`metric` works in [[expect]]"),
        ("[cost]\ncv = 2\n", "`cv` works in a distribution"),
        ("[cost]\nmtbf = \"1d\"\n", "`mtbf` works in [fault.NAME]"),
    ] {
        let small = SMALL.replace("[run]\n", "");
        let text = if text.starts_with("[run]") { SMALL.to_owned() + &text[6..] } else { small + text };
        let Err(problems) = Scenario::from_text("small", &text) else { panic!("{text} is accepted") };
        let said: Vec<&String> = problems.0.iter().flat_map(|one| one.notes.iter().chain(&one.help)).collect();
        assert!(said.iter().any(|said| *said == place), "{place}: {said:#?}");
    }
}
