//! Keys of `[fault.NAME]`: whom each filter strikes, what each effect does, when, and how faults overlap.

use cellsim::experiment::outcome::Outcome;
use cellsim::report::warnings;

use crate::Moves::{Down, Up};
use crate::support::{Folder, Of, incident, of_fault, row, run, run_with};
use crate::{blast, compare, figure, moves};

const FAULTS: &str = r#"
[tier.big]
customers = 12
cells = 3
sla = "99.9%"
[tier.small]
customers = 80
cells = 2
sla = "99%"
[client]
deadline = "3s"
timeout = "500ms"
[workflow.w]
demand = { big = "4/s", small = "1/s" }
path = ["front", "back"]
stage.front = { service_time = { exponential = "10ms" }, size = { concurrency = 12 } }
stage.back = { service_time = { exponential = "10ms" }, size = { concurrency = 12 } }
[workflow.v]
demand = "1/s"
stage.front = { service_time = { exponential = "10ms" }, size = { concurrency = 12 } }
[router]
[fault.f]
strikes = { workflow = "w", tier = "big", cell = 1 }
effect = "crash"
at = "30s"
for = "30s"
[run]
warmup = "10s"
horizon = "4min"
replications = 1
"#;

fn fault(strikes: &str, effect: &str) -> String {
    let fault = FAULTS.replace("{ workflow = \"w\", tier = \"big\", cell = 1 }", strikes);
    fault.replace("effect = \"crash\"", &format!("effect = {effect}"))
}

#[test]
fn each_filter_exposes_whom_it_says() {
    for (strikes, exposed) in [
        ("{ workflow = \"w\", tier = \"big\", cell = 1 }", 4),
        ("{ workflow = \"w\", tier = \"small\", cell = 2 }", 40),
        ("{ workflow = \"w\", tier = \"small\" }", 80),
        ("{ workflow = \"v\", cell_of = \"big/7\" }", 4),
        ("{ workflow = \"w\", tier = \"small\", cell_of = \"busiest\" }", 40),
        ("{ tier = \"big\" }", 12),
        ("{ workflow = \"v\" }", 92),
        ("{ workflow = \"w\", tier = \"big\", cell = 1, stage = \"back\" }", 4),
        ("{ zone = \"b\" }", 92),
        ("{ zone = \"b\", tier = \"big\" }", 12),
        ("{ router = \"network\" }", 92),
        ("{ platform = true }", 92),
    ] {
        let results = run_with(&fault(strikes, "\"crash\""), &[]);
        let incident = incident(&results);
        assert_eq!((incident.exposed, incident.harmed, incident.spillover), (exposed, exposed, 0), "{strikes}");
        assert!(incident.recovery == "recovered", "{strikes}: {}", incident.recovery);
    }
    let one = fault("{ customer = \"small/5\" }", "{ errors = \"100%\" }");
    let results = run_with(&one, &[]);
    assert_eq!((incident(&results).exposed, incident(&results).harmed), (1, 1));
    // Tiers that share cells: only one tier's attempts are struck.
    let shared = run_with(&fault("{ tier = \"big\" }", "\"crash\""), &["cells.shared_by=tiers"]);
    assert_eq!((incident(&shared).exposed, incident(&shared).harmed), (12, 12));
}

fn share(cause: &str, text: &str) -> f64 {
    let results = run_with(text, &[]);
    let found = results.rows.iter().find(|row| {
        row.subject.field("cause") == cause && row.subject.tier() == "big" && row.subject.workflow() == "w"
    });
    found.and_then(|row| row.estimate.value).unwrap_or(0.0)
}

#[test]
fn each_effect_fails_in_its_way() {
    let cell = "{ workflow = \"w\", tier = \"big\", cell = 1 }";
    let eighth = 30.0 / 240.0 / 3.0;
    let near = |found: f64, expected: f64| (found / expected - 1.0).abs() < 0.1;
    assert!(near(share("refused", &fault(cell, "\"crash\"")), eighth));
    assert!(share("dropped", &fault(cell, "\"crash\"")) > 0.0, "what was in flight is lost");
    assert!(near(share("timed-out", &fault(cell, "\"blackhole\"")), eighth));
    assert!(near(share("error", &fault(cell, "{ errors = \"100%\" }")), eighth));
    assert!(near(share("error", &fault(cell, "{ errors = \"50%\" }")), eighth / 2.0));
    assert!(near(share("unrouted", &fault("{ router = \"network\" }", "\"crash\"")), 30.0 / 240.0));
    let p99 = figure("latency", "p99");
    for effect in ["{slow=10}", "{slow_by=\"200ms\"}", "{capacity=\"2%\"}"] {
        let calm = "fault.f.effect={slow=1}";
        let everywhere = "fault.f.strikes={workflow=\"w\"}";
        compare(FAULTS, &[calm, everywhere], &[&format!("fault.f.effect={effect}")], "p99", &p99, Up);
    }
    let surge = fault("{ workflow = \"w\", tier = \"small\" }", "{ demand = 40 }");
    assert!(incident(&run_with(&surge, &[])).harmed > 40, "a surge beyond capacity harms");
    let less = fault("{ workflow = \"w\", tier = \"small\" }", "{ demand = 0 }");
    moves(&less, &["fault.f=false"], "requests", &figure("request_rate", "mean"), Up);
}

#[test]
fn extra_requests_load_the_store_and_are_nobody_s_demand() {
    let surge = fault("{ workflow = \"w\", tier = \"small\" }", "{ demand = 4 }");
    let (calm, surged) = (run_with(&surge, &["fault.f=false"]), run_with(&surge, &[]));
    for metric in ["request_rate", "attempt_rate", "goodput"] {
        let rate = figure(metric, "mean");
        assert_eq!(rate(&calm), rate(&surged), "{metric}");
    }
    let load = figure("store_load", "mean");
    assert!(load(&surged) > 1.1 * load(&calm), "{} {}", load(&calm), load(&surged));
    // The documents say so.
    let reference = include_str!("../../docs/results.md");
    assert!(reference.contains("**Extra requests of a demand fault** load stations, router and store"));
}

#[test]
fn a_noisy_customer_harms_its_neighbours_and_is_no_victim() {
    let noisy = fault("{ workflow = \"w\", tier = \"small\", customer = \"busiest\" }", "{ demand = 3000 }");
    let results = run_with(&noisy, &[]);
    let incident = incident(&results);
    assert_eq!((incident.exposed, incident.harmed, incident.spillover), (39, 39, 0));
}

#[test]
fn detection_ends_a_zone_s_errors() {
    let zone = fault("{ zone = \"b\" }", "\"crash\"");
    moves(&zone, &["fault.f.detected_after=10s"], "errors", &figure("error_share", "mean"), Down);
    let slots = fault("{ workflow = \"w\" }", "{ errors = \"40%\", per = \"slot\" }");
    moves(&slots, &["fault.f.detected_after=10s"], "errors", &figure("error_share", "mean"), Down);
}

#[test]
fn when_and_how_long() {
    moves(FAULTS, &["fault.f.for=60s"], "customer-minutes", &blast("customer_minutes"), Up);
    let onset = |results: &Outcome| incident(results).onset_seconds;
    moves(FAULTS, &["fault.f.at=50s"], "onset", &onset, Up);
    let spread = run_with(FAULTS, &["fault.f.at=50s ± 20s", "run.replications=6"]);
    let onsets: Vec<f64> =
        spread.requests().expect("requests were run").incidents.iter().map(|incident| incident.onset_seconds).collect();
    assert!(onsets.iter().all(|at| (30.0..=70.0).contains(at)) && onsets.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn random_clocks() {
    let random = |clock: &str| {
        FAULTS
            .replace("at = \"30s\"\nfor = \"30s\"", &format!("mtbf = \"60s\"\nmttr = \"5s\"\n{clock}"))
            .replace("strikes = { workflow = \"w\", tier = \"big\", cell = 1 }", "strikes = { workflow = \"w\" }")
            .replace("replications = 1", "replications = 8\nfaults = \"random\"")
    };
    let count = |results: &Outcome| results.requests().expect("requests were run").incidents.len() as f64;
    let exposed = |results: &Outcome| of_fault(results, "exposed", "mean", "f");
    let one = run_with(&random(""), &[]);
    assert_eq!(exposed(&one), 92.0);
    let cell = run_with(&random("one_of = \"cell\""), &[]);
    assert!(exposed(&cell) < 50.0 && count(&cell) > 8.0);
    let each = run_with(&random("each = \"cell\""), &[]);
    assert!(count(&each) > 1.5 * count(&cell), "five clocks: {} against {}", count(&each), count(&cell));
    compare(&random(""), &[], &["fault.f.mtbf=20s"], "errors", &figure("error_share", "mean"), Up);
    compare(&random(""), &[], &["fault.f.mttr=30s"], "errors", &figure("error_share", "mean"), Up);
    assert_eq!(count(&run_with(&random(""), &["run.faults=scripted"])), 0.0);
    assert_eq!(count(&run_with(FAULTS, &["run.faults=random"])), 0.0);
    assert_eq!(count(&run_with(FAULTS, &["run.faults=all"])), 1.0);
}

#[test]
fn recorded_incidents() {
    let table = "start,end,share,vendor\n20,50,1,A\n100,130,0.5,A\n200,230,1,B\n";
    let folder = Folder::new().with("incidents.csv", table);
    let recorded = FAULTS
        .replace("at = \"30s\"\nfor = \"30s\"", "csv = \"incidents.csv\"")
        .replace("effect = \"crash\"", "effect = { errors = \"60%\" }");
    let all = run(&folder.read(&recorded, &[]));
    let onsets: Vec<f64> =
        all.requests().expect("requests were run").incidents.iter().map(|incident| incident.onset_seconds).collect();
    assert_eq!(onsets, [20.0, 100.0, 200.0]);
    assert_eq!(
        all.requests().expect("requests were run").faults.len(),
        1,
        "a recorded fault has a summary like a scripted one"
    );
    assert_eq!(all.requests().expect("requests were run").faults[0].incidents, 3);
    let errors = figure("error_share/error", "mean");
    let rate = (12.0 * 4.0 + 80.0) + 92.0;
    let expected = |weight: f64| weight * 0.6 * 30.0 / 240.0 * 16.0 / rate;
    assert!((errors(&all) / expected(2.5) - 1.0).abs() < 0.15, "{} instead of {}", errors(&all), expected(2.5));
    let some = run(&folder.read(&recorded, &["fault.f.where={vendor=\"A\"}"]));
    assert_eq!(some.requests().expect("requests were run").incidents.len(), 2);
    assert_eq!(
        run(&folder.read(&recorded, &["run.faults=random"])).requests().expect("requests were run").incidents.len(),
        0
    );
}

#[test]
fn recorded_dates_count_from_where_they_are_told_to() {
    let table =
        "start_time,end_time\n2019-01-01T00:01:00Z,2019-01-01T00:01:30Z\n2019-01-01T00:02:30Z,2019-01-01T00:03:00Z\n";
    let folder = Folder::new().with("incidents.csv", table);
    let recorded = FAULTS.replace("at = \"30s\"\nfor = \"30s\"", "csv = \"incidents.csv\"");
    let onsets = |sets: &[&str]| -> Vec<f64> {
        let results = run(&folder.read(&recorded, sets));
        results.requests().expect("requests were run").incidents.iter().map(|incident| incident.onset_seconds).collect()
    };
    assert_eq!(onsets(&[]), [0.0, 90.0]);
    assert_eq!(onsets(&["fault.f.from=\"2019-01-01T00:00:00Z\""]), [60.0, 150.0]);
    assert_eq!(onsets(&["fault.f.from=\"2019-01-01T00:02:00Z\""]), [30.0], "what began before is left out");
}

#[test]
fn the_cell_of_one_of_several_named_customers() {
    let whales = "customer.whale={count=3, tier=\"big\", cell=\"dedicated\"}";
    let strikes = |who: &str| {
        let fault = fault(&format!("{{ workflow = \"w\", cell_of = \"{who}\" }}"), "\"crash\"");
        let results = run_with(&fault, &[whales]);
        assert_eq!(incident(&results).exposed, 1);
        incident(&results).strikes.clone()
    };
    assert_eq!((strikes("whale"), strikes("whale/2")), ("w/big/whale-1".to_owned(), "w/big/whale-2".to_owned()));
}

#[test]
fn overlapping_faults_combine_as_stated() {
    let other = |effect: &str| {
        format!(
            "fault.g={{strikes={{workflow=\"w\", tier=\"big\", cell=1}}, effect={effect}, at=\"30s\", for=\"30s\"}}"
        )
    };
    let cause = |effect: &str, other_effect: &str| {
        let text = fault("{ workflow = \"w\", tier = \"big\", cell = 1 }", effect);
        let results = run_with(&text, &[&other(other_effect)]);
        assert_eq!(
            results.requests().expect("requests were run").incidents.len(),
            1,
            "they share a cell: one compound incident"
        );
        assert_eq!(
            (
                results.requests().expect("requests were run").incidents[0].fault.as_str(),
                results.requests().expect("requests were run").incidents[0].activations
            ),
            ("f+g", 2)
        );
        results
    };
    // A blackhole wins over a crash, a crash over errors.
    let timed_out = cause("\"crash\"", "\"blackhole\"");
    assert!(timed_out.rows.iter().all(|row| row.subject.field("cause") != "refused"));
    let refused = cause("{ errors = \"100%\" }", "\"crash\"");
    assert!(refused.rows.iter().all(|row| row.subject.field("cause") != "error"));
    // Shares of errors are independent: 1 - 0.5 x 0.5.
    let errors = figure("error_share/error", "mean");
    let (half, both) = (
        errors(&run_with(&fault("{ workflow = \"w\", tier = \"big\", cell = 1 }", "{ errors = \"50%\" }"), &[])),
        errors(&cause("{ errors = \"50%\" }", "{errors=\"50%\"}")),
    );
    assert!((both / half - 1.5).abs() < 0.1, "{half}, {both}");
    // A zone that several faults take is lost once.
    let zone = fault("{ zone = \"b\" }", "\"crash\"");
    let twice = "fault.g={strikes={zone=\"b\"}, effect=\"crash\", at=\"30s\", for=\"30s\"}";
    let all = figure("error_share", "mean");
    assert_eq!(all(&run_with(&zone, &[])), all(&run_with(&zone, &[twice])));
    // Elsewhere: an incident of its own, and neither changes the other.
    let apart = "fault.g={strikes={workflow=\"v\", tier=\"big\", cell=1}, effect=\"crash\", at=\"40s\", for=\"30s\"}";
    let results = run_with(FAULTS, &[apart]);
    let names: Vec<&str> = results
        .requests()
        .expect("requests were run")
        .incidents
        .iter()
        .map(|incident| incident.fault.as_str())
        .collect();
    assert_eq!(names, ["f", "g"]);
    let alone = run_with(FAULTS, &[]);
    assert_eq!(
        results.requests().expect("requests were run").incidents[0].customer_minutes,
        alone.requests().expect("requests were run").incidents[0].customer_minutes
    );
    assert_eq!(results.requests().expect("requests were run").incidents[1].harmed, 4);
}

/// What strikes again before all is well is one incident, and the summary says how many strikes there were.
#[test]
fn strikes_of_one_fault_that_come_close_together_are_counted() {
    let often = "fault.f={strikes={workflow=\"w\"}, each=\"cell\", effect=\"crash\", mtbf=\"40s\", mttr=\"5s\"}";
    let results = run_with(FAULTS, &[often, "run.faults=random", "run.horizon=10min"]);
    let strikes: u32 =
        results.requests().expect("requests were run").incidents.iter().map(|incident| incident.activations).sum();
    let compound = results
        .requests()
        .expect("requests were run")
        .incidents
        .iter()
        .filter(|incident| incident.activations > 1)
        .count();
    assert!(compound > 0 && strikes as usize > results.requests().expect("requests were run").incidents.len());
    let said = format!("{compound} of {} ", results.requests().expect("requests were run").incidents.len());
    assert!(
        results
            .warnings
            .iter()
            .map(warnings::text)
            .any(|text| text.starts_with(&said) && text.contains(&format!("({strikes} strikes"))),
        "{said}: {:?}",
        results.warnings
    );
}

/// The largest seen is no exact number: larger ones may come, up to what is possible.
#[test]
fn the_largest_seen_is_a_bound() {
    let results = run_with(FAULTS, &["run.replications=3"]);
    let of = Of { fault: "f", ..Of::default() };
    let customers = |metric| row(&results, metric, "worst", Of { unit: Some("customers"), ..of });
    // A cell of four of 92 customers crashes; cells share nothing that would take harm further.
    for (metric, seen, most) in [("blast_radius", 4.0, 4.0), ("idle", 0.0, 4.0), ("spillover", 0.0, 0.0)] {
        let worst = customers(metric);
        assert_eq!((worst.value, worst.low, worst.high), (Some(seen), Some(seen), Some(most)), "{metric}: {worst:?}");
    }
    let exposed = customers("exposed");
    assert_eq!((exposed.value, exposed.low, exposed.high), (Some(4.0), Some(4.0), Some(4.0)));
    let minutes = row(&results, "customer_minutes", "worst", of);
    assert!(minutes.low == minutes.value && minutes.high > minutes.value, "{minutes:?}");
}

#[test]
fn a_flush_sends_everyone_to_the_store() {
    let flush = FAULTS
        .replace("{ workflow = \"w\", tier = \"big\", cell = 1 }", "{ router = \"cache\" }")
        .replace("effect = \"crash\"", "effect = \"flush\"")
        .replace("for = \"30s\"\n", "");
    let worst = figure("store_load", "worst");
    moves(&flush, &["fault.f=false"], "busiest second of the store", &worst, Down);
    let results = run_with(&flush, &[]);
    assert!(results.requests().expect("requests were run").faults[0].store_load_peak.is_some_and(|peak| peak > 40.0));
}
