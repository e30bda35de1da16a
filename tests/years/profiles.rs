//! Demand that changes with the hours, over years: faults that harm only at the peak, against closed forms.

use crate::support::{Of, read, row, run_with, value_of};
use crate::{cause, inside};
use cellsim::engine::theory::mmck::Mmck;
use cellsim::units::MINUTE;
use cellsim::world::flow::health::Health;
use cellsim::world::flow::model::Model;
use cellsim::world::platform::Platform;
use std::sync::Arc;

/// Eight hours at twice the mean, the others at half of it: 80 % busy by day, 20 % by night.
const HOURS: &str = "profile = { hours = [1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1] }";

/// One cell of customers with a hundred requests a minute each, no retries, and hardly a queue.
fn text(demand: &str, profile: &str, fault: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"{demand}\"\n{profile}\n\
         client = {{ timeout = \"2s\", deadline = \"2s\", attempts = 1 }}\n\
         stage.s = {{ service_time = {{ exponential = \"20ms\" }}, queue = 20, size = {{ utilization = \"80%\" }}, instance = {{ concurrency = 1 }} }}\n\
         [fault.half]\nstrikes = {{ workflow = \"w\", tier = \"t\", cell = 1 }}\neffect = {{ capacity = \"50%\" }}\n{fault}\n\
         [run]\nlevel = \"incident\"\nhorizon = \"30d\"\nreplications = 2\n"
    )
}

const OF_TIER: Of<'static> = Of { tier: "t", workflow: "", fault: "", condition: None, unit: None };

fn bad_minutes(text: &str, more: &[&str]) -> f64 {
    let scripted = ["run.faults=scripted"];
    value_of(&run_with(text, &[&scripted[..], more].concat()), "bad_minutes", "mean", OF_TIER)
}

#[test]
fn lost_capacity_harms_at_the_peak_alone() {
    let minutes = |fault: &str| bad_minutes(&text("100/min", HOURS, fault), &[]);
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.05, "{found}, not {expected}");
    near(minutes("at = \"10h\"\nfor = \"1h\""), 60.0);
    near(minutes("at = \"20h\"\nfor = \"1h\""), 0.0);
    // Across both ends of the peak, and on its first day only.
    near(minutes("at = \"7h30min\"\nfor = \"1h\""), 30.0);
    near(minutes("at = \"15h30min\"\nfor = \"10h\""), 30.0);
    near(minutes("at = \"6h\"\nfor = \"3 days\""), 3.0 * 8.0 * 60.0);
    // On a schedule: every day at the peak's last half hour.
    near(minutes("at = \"15h30min\"\nfor = \"1h\"\nevery = \"1day\""), 30.0 * 30.0);
}

#[test]
fn a_random_fault_harms_for_the_share_of_time_at_the_peak() {
    // Repairs of an hour after two days in the mean; the peak is a third of the day.
    let fault = "mtbf = \"48h\"\nmttr = \"1h\"";
    let more = ["run.faults=random", "run.horizon=10 years", "run.replications=20"];
    let results = run_with(&text("100/min", HOURS, fault), &more);
    let bad = row(&results, "bad_minutes", "mean", OF_TIER);
    // With any part of a minute from an eighth on, a minute is bad: up to one more for each fault.
    let faults = 30.0 * 24.0 / 49.0;
    inside("bad minutes at the peak", bad, faults / 3.0 * 60.5, 6.0);
}

#[test]
fn at_night_a_crash_finds_fewer_requests() {
    // A request in two minutes by night, two a minute by day: a minute is bad unless nobody asks.
    let profile = HOURS;
    let minutes = |at: &str| {
        let fault = format!("at = \"{at}\"\nfor = \"1h\"");
        let text = text("1/min", profile, &fault).replace("capacity = \"50%\"", "errors = \"100%\"");
        bad_minutes(&text.replace("customers = 100", "customers = 10000"), &["workflow.w.stage.s.queue=2000"])
    };
    for (at, rate) in [("10h", 2.0_f64), ("20h", 0.5)] {
        let expected = 60.0 * (1.0 - (-rate).exp());
        assert!((minutes(at) - expected).abs() < 0.02 * expected, "{at}: {} {expected}", minutes(at));
    }
}

#[test]
fn requests_weigh_by_the_demand_of_their_minute() {
    let share = |at: &str| {
        let fault = format!("at = \"{at}\"\nfor = \"1h\"");
        let text = text("100/min", HOURS, &fault).replace("capacity = \"50%\"", "errors = \"100%\"");
        bad_minutes(&text, &["contract.measure=requests", "workflow.w.stage.s.queue=2000"])
    };
    assert!(
        (share("10h") - 120.0).abs() < 0.1 && (share("20h") - 30.0).abs() < 0.1,
        "{} {}",
        share("10h"),
        share("20h")
    );
}

#[test]
fn a_flat_profile_is_none() {
    let flat = format!("profile = {{ hours = [{}] }}", vec!["1"; 24].join(", "));
    let fault = "mtbf = \"5d\"\nmttr = \"1h\"";
    let more = ["run.faults=random", "run.horizon=5 years"];
    let rows = |profile: &str| format!("{:?}", run_with(&text("100/min", profile, fault), &more).rows);
    assert_eq!(rows(&flat), rows(""));
}

#[test]
fn a_week_has_a_level_for_each_hour_and_no_more() {
    let steps: Vec<String> =
        (0..168).map(|hour| format!("{{ at = \"{hour}h\", factor = {} }}", 1.0 + 0.005 * f64::from(hour))).collect();
    let week = format!("profile = {{ steps = [{}], every = \"168h\" }}", steps.join(", "));
    let scenario = read(&text("100/min", &week, "at = \"10h\"\nfor = \"1h\""));
    let platform = Arc::new(Platform::new(&scenario).expect("fits"));
    assert_eq!(Model::new(&scenario, &platform).levels.count(), 168);
    let results =
        run_with(&text("100/min", &week, "mtbf = \"5d\"\nmttr = \"1h\""), &["run.faults=random", "run.horizon=1 year"]);
    assert!(cause(&results, "half").incidents > 0);
}

#[test]
fn both_levels_agree_on_the_hour_in_which_the_peak_begins() {
    // From 0:00 on calm, from 0:06 on busy; half the slots are gone from 0:03 to 0:09.
    let profile = "profile = { steps = [{ at = \"6min\", factor = 4 }, { at = \"14min\", factor = 1 }] }";
    let text = text("25/min", profile, "at = \"3min\"\nfor = \"6min\"");
    let requests = [
        "run.level=request",
        "run.horizon=20min",
        "run.warmup=10s",
        "run.replications=40",
        "run.confidence=90%",
        "run.faults=scripted",
    ];
    let requests = run_with(&text, &requests);
    let minutes: Vec<f64> = requests
        .requests()
        .expect("requests were run")
        .incidents
        .iter()
        .map(|incident| incident.customer_minutes as f64)
        .collect();
    let requests = cellsim::engine::stats::mean(&minutes, 0.90);
    let flows = run_with(&text, &["run.faults=scripted"]);
    let flow = cause(&flows, "half").minutes.value.expect("measured") * crate::years(&flows).years / 2.0;
    assert!((flow - 300.0).abs() < 10.0, "{flow}: 100 customers for three minutes");
    inside_margin(&requests, flow, 0.05 * flow);
}

#[track_caller]
fn inside_margin(requests: &cellsim::engine::stats::Estimate, flow: f64, margin: f64) {
    let (low, high) = requests.low.zip(requests.high).expect("an interval");
    assert!(low - flow >= -margin && high - flow <= margin, "{requests:?} and {flow} differ by more than {margin}");
}

/// Two days in one: half of the mean demand by night, twice of it in eight hours from 8:00 on.
const BY_DAY: [(f64, f64); 2] = [(0.5, 16.0), (2.0, 8.0)];

/// The share of a day's requests of which a share is lost that hangs on the factor of their hour.
fn of_requests(lost: impl Fn(f64) -> f64) -> f64 {
    BY_DAY.iter().map(|&(factor, hours)| factor * hours / 24.0 * lost(factor)).sum()
}

/// No faults, a few slots and places: requests are lost in health.
const FEW_PLACES: [&str; 5] = [
    "fault.half=false",
    "contract.measure=requests",
    "workflow.w.stage.s.queue=4",
    "workflow.w.stage.s.size={ concurrency = 8 }",
    "run.horizon=60d",
];

/// What the finite queue loses of the requests, hour by hour, by theory.
fn lost_in_health() -> f64 {
    let lost = |factor: f64| {
        Mmck { arrival_rate: factor * 10_000.0 / 60.0, service_rate: 50.0, servers: 8, room: 12 }.refused()
    };
    of_requests(lost)
}

#[test]
fn a_finite_queue_loses_as_much_as_the_hours_demand() {
    let minutes = bad_minutes(&text("100/min", HOURS, "at = \"1h\"\nfor = \"1h\""), &FEW_PLACES[..]);
    let theory = 43_200.0 * lost_in_health();
    assert!(theory > 500.0 && (minutes / theory - 1.0).abs() < 1e-3, "{minutes} {theory}");
}

#[test]
fn calibrated_losses_follow_the_hours() {
    let calibrated = [&FEW_PLACES[..], &["run.calibration={ horizon = \"2min\", replications = 6 }"]].concat();
    let results = run_with(&text("100/min", HOURS, "at = \"1h\"\nfor = \"1h\""), &calibrated);
    // Theory is exact here: what runs find is it, but for their error.
    inside("lost", row(&results, "bad_minutes", "mean", OF_TIER), 43_200.0 * lost_in_health(), 150.0);
}

#[test]
fn caches_hit_as_often_as_the_hour_asks() {
    let hits = |cache: &str| {
        let router = format!("[router]\ncache = {{ latency = \"1ms\", {cache} }}\nstore = {{ latency = \"1ms\" }}\n");
        let scenario = read(&(text("1/min", HOURS, "at = \"1h\"\nfor = \"1h\"") + &router));
        let platform = Arc::new(Platform::new(&scenario).expect("fits"));
        let model = Model::new(&scenario, &platform);
        let health = Health::new(&scenario, &model, Arc::default());
        [10, 20].map(|hour| health.lookups[model.levels.at(hour * 60 * MINUTE)].hits)
    };
    let near = |found: [f64; 2], expected: [f64; 2]| {
        let most = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max);
        assert!(most < 1e-6, "{found:?}, not {expected:?}");
    };
    // Entries live for a minute and are asked for twice in it, or every other time: rate / (1 + rate).
    near(hits("ttl = \"1min\""), [2.0 / 3.0, 1.0 / 3.0]);
    // A quarter of the customers, who all ask alike, whatever the hour.
    near(hits("entries = 25"), [0.25, 0.25]);
    near(hits("hit_ratio = \"40%\""), [0.4, 0.4]);
}

#[test]
fn a_weeks_profile_meets_a_weeks_maintenance() {
    // From a Thursday: Sunday is the fourth day, and the only busy one.
    let week = "profile = { steps = [{ at = \"0h\", factor = 0.5 }, { at = \"72h\", factor = 2 }, { at = \"96h\", factor = 0.5 }], every = \"168h\" }";
    let minutes = |at: &str, more: &[&str]| {
        let text = text("100/min", week, &format!("at = \"{at}\"\nfor = \"1h\""));
        bad_minutes(&text, &[&["run.starts_on=2026-01-01", "run.horizon=59d"], more].concat())
    };
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.05, "{found}, not {expected}");
    // January 2026 has Sundays 4, 11, 18, 25; February 1, 8, 15, 22.
    near(minutes("sunday 02:00", &[]), 4.0 * 60.0);
    near(minutes("saturday 02:00", &[]), 0.0);
    near(minutes("saturday 23:30", &[]), 4.0 * 30.0);
    // Of a rolling week each day sees one Sunday; of two weeks, two.
    near(minutes("sunday 02:00", &["contract.window={ rolling = \"7d\" }"]), 60.0);
    near(minutes("sunday 02:00", &["contract.window={ rolling = \"14d\" }"]), 120.0);
    let text = text("100/min", week, "at = \"sunday 02:00\"\nfor = \"1h\"");
    let months = run_with(&text, &["run.faults=scripted", "run.starts_on=2026-01-01", "run.horizon=90d"]);
    let worst = row(&months, "bad_minutes", "worst", OF_TIER);
    // March has five Sundays: 1, 8, 15, 22, 29.
    assert_eq!(worst.value.map(f64::round), Some(5.0 * 60.0), "{worst:?}");
}

#[test]
fn recorded_and_daily_profiles_are_what_their_hours_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let hours: Vec<u32> = (0..24).map(|hour| if (8..16).contains(&hour) { 4 } else { 1 }).collect();
    let rows: Vec<String> = hours.iter().zip(0..).map(|(rate, hour)| format!("{},{rate}", 3600 * hour)).collect();
    std::fs::write(folder.path().join("rates.csv"), format!("time,value\n{}\n", rows.join("\n"))).expect("written");
    let of_file = |profile: &str, sets: &[&str]| {
        let path = folder.path().join("scenario.toml");
        let fault = "at = \"6h\"\nfor = \"3 days\"";
        std::fs::write(&path, text("100/min", profile, fault)).expect("written");
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let scenario = cellsim::scenario::Scenario::read(&path, &sets).unwrap_or_else(|problems| panic!("{problems}"));
        crate::support::run(&scenario)
    };
    let scripted = ["run.faults=scripted"];
    let csv = of_file("profile = { csv = \"rates.csv\", time = \"time\", value = \"value\" }", &scripted);
    let same = of_file(HOURS, &scripted);
    assert_eq!(format!("{:?}", csv.rows), format!("{:?}", same.rows));
    assert!((value_of(&csv, "bad_minutes", "mean", OF_TIER) - 3.0 * 8.0 * 60.0).abs() < 0.1);
    // A cosine between 40 % and all of the peak, in quarters of an hour: half the slots of a station that is 80 % busy at the peak
    // bear 62.5 % of it, and a minute is bad from 5 % lost on.
    let daily = of_file("profile = { daily = { peak_at = \"14h\", low = \"40%\" } }", &scripted);
    let above = |demand: f64| {
        let steps = (0..96).filter(|step| {
            let hour = 0.25 * (f64::from(*step) + 0.5);
            0.7 + 0.3 * ((hour - 14.0) / 12.0 * std::f64::consts::PI).cos() > demand
        });
        3.0 * 15.0 * steps.count() as f64
    };
    let found = value_of(&daily, "bad_minutes", "mean", OF_TIER);
    assert!(found >= above(0.625 / 0.95 + 0.01) && found <= above(0.625), "{found} {}", above(0.625));
}

#[test]
fn whom_a_fault_strikes_feels_it_by_the_hour() {
    // 30 % of the customers get nothing but errors: of their minutes those with a request are bad.
    for (at, rate) in [("10h", 2.0_f64), ("20h", 0.5)] {
        let fault = format!("at = \"{at}\"\nfor = \"1h\"");
        let text = text("1/min", HOURS, &fault)
            .replace("effect = { capacity = \"50%\" }", "effect = { errors = \"30%\", per = \"customer\" }")
            .replace("customers = 100", "customers = 10000");
        let minutes = bad_minutes(&text.replace("queue = 20", "queue = 2000"), &[]);
        let theory = 0.3 * 60.0 * (1.0 - (-rate).exp());
        assert!((minutes - theory).abs() < 0.02 * theory, "{at}: {minutes} {theory}");
    }
}

#[test]
fn cells_down_at_once_are_those_of_every_level() {
    // Of 0.4 % of the slots most is lost at the peak, and some is left by night.
    let part = "[fault.part]\neach = \"cell\"\neffect = { capacity = \"0.4%\" }\nmtbf = \"60d\"\nmttr = \"10min\"";
    let found = |profile: &str, demand: &str, more: &[&str]| {
        let text = crate::outages(6, &format!("[run.rare]\ncells_down = 2\nerror = \"20%\"\n{part}\n"))
            .replace("client.deadline", &format!("{profile}\nclient.deadline"))
            .replace("size =", "queue = 20, size =")
            .replace("20/min", demand);
        let results = run_with(&text, &[&["run.horizon=1 year", "run.replications=4"], more].concat());
        let at_once = crate::years(&results).at_once.clone().expect("it is asked");
        (at_once.counted, format!("{:?}", at_once.cells_down))
    };
    // A crash is one at every hour; the faults' clocks know no demand.
    let (by_day, always) = (found(HOURS, "2000/min", &[]), found("", "4000/min", &[]));
    assert_eq!((by_day.0.len(), always.0.len()), (1, 2), "{by_day:?} {always:?}");
    assert_eq!(found("", "2000/min", &["fault.part=false"]), by_day);
}
