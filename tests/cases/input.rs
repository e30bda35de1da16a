//! Recorded incidents and requests, measured laws, caches, times.

use cellsim::experiment::outcome::Warning;
use cellsim::report::warnings;
use cellsim::scenario::Scenario;

use crate::read;
use crate::support::{self, Folder, Of, run, value_of};

fn of_tier(tier: &str) -> Of<'_> {
    Of { tier, ..Of::default() }
}

/// Case 03: the law of eight repair times has their mean, 133.125 minutes: availability 10,080 / (10,080 + 133.125).
#[test]
fn measured_repair_times_keep_their_mean() {
    let sets = ["run.horizon=60years", "run.replications=100"];
    let results = run(&read("03-empirical-repair-times", "scenario.toml", &sets).unwrap());
    let estimate = support::row(&results, "availability", "mean", of_tier("t"));
    let (low, high) = (estimate.low.unwrap(), estimate.high.unwrap());
    assert!(low < 0.986965 && 0.986965 < high && high < 0.9872, "{estimate:?}");
}

/// Its neighbours: an outlier among few values, more values than a table would hold, the request level.
#[test]
fn measured_values_are_drawn_as_they_are() {
    let outlier = "7\n".repeat(7) + "1000\n";
    let many: String = (0..20_000).map(|i| if i < 19_990 { "1\n".to_owned() } else { format!("{i}\n") }).collect();
    let folder = Folder::new().with("few.csv", &format!("ms\n{outlier}")).with("many.csv", &format!("ms\n{many}"));
    let text = "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
        [workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"500ms\"\n\
        stage.s = { service_time = { empirical = { csv = \"few.csv\", column = \"ms\", unit = \"ms\" } }, size.utilization = \"50%\" }\n\
        [run]\nhorizon = \"1min\"\nreplications = 10\n";
    // An eighth of the requests takes a second: it fails, at both levels, and so does nobody else.
    let few = folder.read(text, &[]);
    assert!((few.class(0, 0).unwrap().path[0].service_time.mean() - 131.125e6).abs() < 1.0);
    let failed = support::row(&run(&few), "error_share", "mean", of_tier("")).clone();
    assert!(failed.low.unwrap() <= 0.125 && 0.125 <= failed.high.unwrap(), "{failed:?}");
    let sets = ["run.level=incident", "run.horizon=60d", "workflow.w.stage.s.kind=delay", "contract.measure=requests"];
    let years = run(&folder.read(text, &sets));
    assert!((value_of(&years, "availability", "mean", of_tier("t")) - 0.875).abs() < 1e-9);
    let many = folder.read(&text.replace("few.csv", "many.csv"), &[]);
    let mean = (19_990.0 + (19_990..20_000).sum::<i32>() as f64) / 20_000.0;
    assert!((many.class(0, 0).unwrap().path[0].service_time.mean() / 1e6 - mean).abs() < 1e-9);
}

/// A triangular law, wherever a law may stand.
#[test]
fn a_triangular_law_is_a_law() {
    let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n\
        [workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"2s\"\n\
        stage.s = { kind = \"delay\", service_time = { triangular = { from = \"0s\", mode = \"1s\", to = \"4s\" } } }\n\
        [fault.f]\nstrikes = { platform = true }\neffect = \"crash\"\nmtbf = \"7d\"\n\
        mttr = { triangular = { from = \"5min\", mode = \"10min\", to = \"1h\" } }\n\
        [run]\nhorizon = \"5min\"\nreplications = 10\n";
    // Beyond 2 s: (4 - 2)^2 / (4 (4 - 1)).
    let failed = support::row(&run(&support::read(text)), "error_share", "mean", of_tier("")).clone();
    assert!((failed.value.unwrap() - 1.0 / 3.0).abs() < 0.02, "{failed:?}");
    let sets = ["contract.measure=requests", "run.level=incident", "run.horizon=300d", "fault.f=false"];
    let years = run(&support::read_with(text, &sets));
    assert!((value_of(&years, "availability", "mean", of_tier("t")) - 2.0 / 3.0).abs() < 1e-3);
    let text = text.replace("\"1s\", to", "\"5s\", to");
    let error = Scenario::from_text("corners", &text).unwrap_err().render(false, 100);
    assert!(error.contains("in order"), "{error}");
}

/// Case 11: down from 10:00, where the run begins, to 10:30, and for a minute at 10:40: 31 bad minutes of 60.
#[test]
fn an_incident_under_way_at_time_0_counts_for_what_lies_inside_the_run() {
    let scenario = read("11-incident-under-way-at-start", "scenario.toml", &[]).unwrap();
    let results = run(&scenario);
    assert_eq!(value_of(&results, "bad_minutes", "mean", of_tier("t")), 31.0);
    assert!(results.facts.recorded[0].contains("2 of 2 rows"), "{:?}", results.facts.recorded);
    assert!(results.facts.recorded[0].contains("1 under way at time 0"), "{:?}", results.facts.recorded);
    // The same over years, in months of the calendar, which then say what time 0 is.
    let sets =
        ["run.level=incident", "run.faults=all", "run.horizon=31d", "run.starts_on=2024-01-01", "fault.out.from=false"];
    let folder = Folder::new().with("data.csv", "start,end\n2023-12-30T00:00:00Z,2024-01-01T02:00:00Z\n");
    let text = std::fs::read_to_string(crate::folder("11-incident-under-way-at-start").join("scenario.toml")).unwrap();
    let months = run(&folder.read(&text, &sets));
    assert!((value_of(&months, "bad_minutes", "mean", of_tier("t")) - 120.0).abs() < 1e-6);
    assert_eq!(months.years().unwrap().incidents, 0, "what began before the run is no incident of it");
}

/// Case 13: columns have names of their own, what `where` leaves out is not parsed, an incident without an end lasts to the horizon.
#[test]
fn an_export_of_a_tracker_is_read_as_it_is() {
    let columns = "fault.auth.columns={ start = \"OpenedAt\", end = \"ResolvedAt\" }";
    let scenario = read("13-open-incidents", "scenario.toml", &[columns, "contract.measure=bad-minutes"]).unwrap();
    let results = run(&scenario);
    // Open from 13 February 00:30 to 3 March 00:00, and 120 minutes on the 12th.
    let expected = (18.0 * 24.0 - 0.5) * 60.0 + 120.0;
    assert!((value_of(&results, "bad_minutes", "mean", of_tier("t")) - expected).abs() < 1e-6);
    let said = &results.facts.recorded[0];
    assert!(said.contains("2 of 3 rows") && said.contains("1 open") && said.contains("1 by `where`"), "{said}");
    let refused = read("13-open-incidents", "scenario.toml", &[]).unwrap_err();
    assert!(refused.contains("no column `start`") && refused.contains("columns = {"), "{refused}");
}

/// The bad minutes of an hour in which what this file says happens.
fn bad_minutes(file: &str, keys: &str) -> f64 {
    let text = format!(
        "[tier.t]\ncustomers = 20\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"2/s\"\nclient.deadline = \"2s\"\n\
         stage.s = {{ kind = \"delay\", service_time = \"5ms\" }}\n[fault.f]\nstrikes = {{ platform = true }}\n\
         effect = \"crash\"\ncsv = \"x.csv\"\n{keys}\n[run]\nhorizon = \"1h\"\nreplications = 2\n"
    );
    let scenario = Folder::new().with("x.csv", file).read(&text, &[]);
    value_of(&run(&scenario), "bad_minutes", "mean", of_tier("t"))
}

/// Ten minutes from 10:05 on 1 January 2024, however it is written.
#[test]
fn recorded_incidents_in_the_forms_that_files_have() {
    let from = "from = \"2024-01-01 10:00\"";
    for (file, keys) in [
        ("start;end\n2024-01-01 10:05;2024-01-01 10:15\n", from),
        ("start\tend\n1 Jan 2024 10:05:00\t1 Jan 2024 10:15:00\n", from),
        ("start,end\n1704103500,1704104100\n", from),
        ("start,end\n1704103500000,1704104100000\n", from),
        ("start,duration\n2024-01-01T10:05:00Z,10min\n", from),
        ("start,duration\n2024-01-01T12:05:00+0200,600\n", from),
        ("start,duration\n01.01.2024 10:05,0:10:00\n", from),
        (
            "when,minutes\n2024-01-01T10:05:00Z,10\n",
            "from = \"2024-01-01T10:00:00Z\"\nunit = \"min\"\ncolumns = { start = \"when\", duration = \"minutes\" }",
        ),
        ("start;duration\n300,0;600,0\n", ""),
        ("start,end,status\n300,900,closed\n", ""),
        ("start,end\n1704103200,1704103200\n1704103500,1704104100\n", ""),
    ] {
        assert_eq!(bad_minutes(file, keys), 10.0, "{file}");
    }
    assert_eq!(bad_minutes("start,end\n-600,300\n3000,\n", ""), 15.0);
}

/// Case 14: a flush is an instant: five of them make each of 200 customers miss once, of 72,000 look-ups.
#[test]
fn a_recorded_flush_needs_no_length() {
    let sets = ["run.replications=3"];
    let results = run(&read("14-recorded-flush-zero-length", "scenario.toml", &sets).unwrap());
    let found = value_of(&results, "hit_ratio", "mean", Of { condition: Some("with faults"), ..Of::default() });
    assert!((found - 0.9861).abs() < 3e-4, "{found}");
    let nothing = read("14-recorded-flush-zero-length", "scenario.toml", &["fault.sweep.effect=crash"]).unwrap_err();
    assert!(nothing.contains("without length") && nothing.contains("only a flush"), "{nothing}");
}

/// Case 09: of 60 recorded requests 45 come after the horizon: that is said, with the horizon that would hold them.
#[test]
fn recorded_requests_beyond_the_horizon_are_counted() {
    let scenario = read("09-trace-longer-than-horizon", "scenario.toml", &[]).unwrap();
    let (facts, warnings) = cellsim::experiment::facts(&scenario).unwrap();
    let said = |warnings: &[Warning]| {
        warnings.iter().map(warnings::text).any(|line| line.contains("45 of 60") && line.contains("\"60min\""))
    };
    assert!(said(&warnings), "{warnings:?}");
    assert_eq!(facts.recorded, ["requests: 15 of 60 played"]);
    assert!(said(&run(&scenario).warnings));
    let whole = read("09-trace-longer-than-horizon", "scenario.toml", &["run.horizon=60min"]).unwrap();
    assert!(
        cellsim::experiment::facts(&whole)
            .unwrap()
            .1
            .iter()
            .all(|line| !warnings::text(line).contains("recorded requests"))
    );
    let text = std::fs::read_to_string(crate::folder("09-trace-longer-than-horizon").join("scenario.toml")).unwrap();
    let folder = Folder::new().with("data.csv", "at;op;plan\n1704103200;w;t\n1704103260;w;t\n");
    let columns = "trace.columns={ time = \"at\", workflow = \"op\", tier = \"plan\" }";
    assert_eq!(folder.read(&text, &[columns]).trace.iter().map(|row| row.at).collect::<Vec<_>>(), [0, 60_000_000_000]);
    let late = Folder::new().with("data.csv", "time,workflow,tier\n1000,w,t\n").with("scenario.toml", &text);
    let error = Scenario::read(&late.path().join("scenario.toml"), &[]).unwrap_err().render(false, 120);
    assert!(error.contains("no recorded request comes before the horizon"), "{error}");
}

/// Case 05: entries that live for hours are there from the start as in the long run, whatever the warm-up: hit ratio
/// r T / (1 + r T), 5,000 r / (1 + r T) look-ups a second at the store.
#[test]
fn caches_start_as_in_the_long_run() {
    for warmup in ["0s", "1min", "auto", "30min"] {
        let warm = format!("run.warmup={warmup}");
        let results = run(&read("05-ttl-expiry-in-step", "scenario.toml", &[warm.as_str()]).unwrap());
        let load = value_of(&results, "store_load", "mean", Of::default());
        // 5 times 15 min: 1,560 misses expected, with a standard deviation of at most 40.
        let theory = 5000.0 / 30.0 / (1.0 + 480.0);
        assert!((load / theory - 1.0).abs() < 0.11, "{warmup}: {load} for {theory}");
        let hits = value_of(&results, "hit_ratio", "mean", Of::default());
        assert!((hits - 480.0 / 481.0).abs() < 3e-4, "{warmup}: {hits}");
    }
    let cold = ["router.cache.starts=cold", "run.warmup=0s", "run.replications=2", "tier.t.customers=2000"];
    let results = run(&read("05-ttl-expiry-in-step", "scenario.toml", &cold).unwrap());
    assert!(value_of(&results, "store_load", "mean", Of::default()) > 2.0, "everybody misses once");
}

/// The same of the most recently used, of batches, of demand that changes, and of a given hit ratio.
#[test]
fn every_kind_of_cache_starts_warm_and_may_start_cold() {
    let text = |cache: &str, more: &str| {
        format!(
            "[tier.t]\ncustomers = 2000\ncells = 2\nsla = \"99%\"\n\
             [workflow.w]\ndemand = \"2/min\"\nskew = {{ zipf = 0.8 }}\nclient.deadline = \"2s\"\n{more}\n\
             stage.s = {{ kind = \"delay\", service_time = \"5ms\" }}\n[router]\n{cache}\n\
             [run]\nwarmup = \"0s\"\nhorizon = \"5min\"\nreplications = 6\n"
        )
    };
    let hits =
        |text: &str, sets: &[&str]| value_of(&run(&support::read_with(text, sets)), "hit_ratio", "mean", Of::default());
    // A long warm-up knows the answer for the list of the most recently used.
    let lru = text("cache.entries = 1500", "");
    let (at_once, later) = (hits(&lru, &[]), hits(&lru, &["run.warmup=1h"]));
    assert!((at_once - later).abs() < 0.006, "{at_once} {later}");
    assert!(hits(&lru, &["router.cache.starts=cold"]) < later - 0.01);
    let batches = text("cache.ttl = \"10min\"", "arrivals = { batch = 200 }");
    let (at_once, later) = (hits(&batches, &[]), hits(&batches, &["run.warmup=3h"]));
    assert!((at_once - later).abs() < 0.02, "{at_once} {later}");
    let steps = text(
        "cache.ttl = \"10min\"",
        "profile = { steps = [{ at = \"0s\", factor = 1 }, { at = \"30min\", factor = 3 }], every = \"1h\" }",
    );
    let (at_once, later) = (hits(&steps, &[]), hits(&steps, &["run.warmup=10h"]));
    assert!((at_once - later).abs() < 0.01, "{at_once} {later}");
    let ratio = text("cache.hit_ratio = \"90%\"", "");
    let (warm, cold) = (hits(&ratio, &[]), hits(&ratio, &["router.cache.starts=cold"]));
    assert!((warm - 0.9).abs() < 0.01 && cold < 0.85, "{warm} {cold}");
    let years = ["run.level=incident", "run.warmup=false", "router.cache.starts=cold"];
    let sets: Vec<String> = years.iter().map(|&set| set.to_owned()).collect();
    let folder = Folder::new().with("scenario.toml", &ratio);
    let refused = Scenario::read(&folder.path().join("scenario.toml"), &sets).unwrap_err().render(false, 120);
    assert!(refused.contains("begins empty"), "{refused}");
}

/// Adv-05: instants beyond what the event list holds never come, and runs that would reach them are refused by line.
#[test]
fn times_beyond_two_years_neither_wrap_nor_hang() {
    for time in ["72057594.1s", "72057593s", "100years", "834d"] {
        let set = format!("workflow.w.stage.s.service_time={time}");
        let results = run(&read("adv-05-time-past-2-28-years", "scenario.toml", &[&set]).unwrap());
        assert_eq!(value_of(&results, "error_share", "mean", Of::default()), 1.0, "{time}");
    }
    // A law without an end: what is drawn beyond all instants is late, nothing else; at a delay, and at a pool.
    let wild = "workflow.w.stage.s.service_time={ pareto = { min = \"1s\", shape = 1.01 } }";
    let pool = ["workflow.w.stage.s.kind=pool", "workflow.w.stage.s.size.concurrency=100000"];
    for sets in [&[wild, "workflow.w.demand=10/s"][..], &[wild, "workflow.w.demand=10/s", pool[0], pool[1]]] {
        let results = run(&read("adv-05-time-past-2-28-years", "scenario.toml", sets).unwrap());
        let late = value_of(&results, "error_share", "mean", Of::default());
        assert!((late - 0.5_f64.powf(1.01)).abs() < 0.02, "{late}");
    }
    for (sets, key) in [
        (["run.horizon=2.3years", "workflow.w.demand=0.1/day"], "2.3years"),
        (["run.warmup=100years", "workflow.w.demand=0.1/day"], "100years"),
    ] {
        let error = read("adv-05-time-past-2-28-years", "scenario.toml", &sets).unwrap_err();
        assert!(error.contains("two years at most") && error.contains(key), "{error}");
    }
    // A repair that takes longer than all instants.
    let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"2s\"\n\
        stage.s = { kind = \"delay\", service_time = \"5ms\" }\n[fault.f]\nstrikes = { platform = true }\neffect = \"crash\"\n\
        mtbf = \"1min\"\nmttr = { pareto = { min = \"20years\", shape = 1.5 } }\n\
        [run]\nfaults = \"random\"\nhorizon = \"10min\"\nreplications = 4\n";
    let down = value_of(&run(&support::read(text)), "error_share", "mean", Of::default());
    assert!(down > 0.5, "{down}");
}

/// Latencies of hours have quantiles: a deadline may be a day.
#[test]
fn quantiles_reach_as_far_as_deadlines() {
    let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"6/min\"\nclient.deadline = \"24h\"\n\
        stage.s = { kind = \"delay\", service_time = \"20h\" }\n[run]\nhorizon = \"10min\"\nreplications = 2\n";
    let p50 =
        value_of(&run(&support::read(text)), "latency", "p50", Of { condition: Some("no fault"), ..Of::default() });
    assert!((p50 / 72_000.0 - 1.0).abs() < 0.01, "{p50}");
}
