//! The charts: valid, the same every time, never with an undefined number, whatever the results.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod meaning;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use cellsim::catalogue::Condition;
use cellsim::experiment::outcome::Outcome;
use cellsim::experiment::outcome::curves::LatencyCurve;
use cellsim::report::charts::{self, ChartError};
use fixture::{below, budget, empty, estimate, exact, fault, null, of_requests, twilio};

/// Twenty faults with long names, overlapping and random, of all sizes.
fn crowded() -> Outcome {
    let mut results = twilio();
    results.title = "A very long title <of> a platform & what \"it\" is for, so long that it cannot stand on one line of a slide, ever".into();
    of_requests(&mut results).faults = (0..20)
        .map(|index| {
            let harmed =
                [exact(0.0), below(0.14), estimate(0.3, 0.4), estimate(4_231.0, 310.5), null()][index % 5].clone();
            let span = (index % 7 != 6).then_some((40.0 * index as f64, 40.0 * index as f64 + 90.0));
            let mut fault = fault(
                &format!("regional-carrier-brownout-number-{index}"),
                "messaging/enterprise-with-a-long-name/1",
                span,
                576.0 * (index + 1) as f64,
                harmed,
            );
            fault.single_cell_exposed = (index % 3 != 0).then_some(22_000);
            fault.share_of_traffic = (index % 4 != 0).then_some(0.05 * index as f64);
            fault
        })
        .collect();
    let tiers = [("enterprise", 4.32, 200), ("mid-market", 21.6, 1_800), ("smb", 43.2, 20_000)];
    let mut budgets = Vec::new();
    for (tier, allowed, customers) in tiers {
        for (index, fault) in of_requests(&mut results).faults.iter().enumerate() {
            let used = if index % 3 == 0 { below(0.14) } else { estimate(0.9 * index as f64, 0.5) };
            budgets.push(budget(tier, &fault.name, allowed, used, customers));
        }
        budgets.push(budget(tier, "all", allowed, estimate(17.0, 0.8), customers));
    }
    of_requests(&mut results).budgets = budgets;
    of_requests(&mut results).latencies = (0..12)
        .flat_map(|index| {
            [Condition::NoFault, Condition::WithFaults].map(|condition| {
                fixture::curve(&format!("workflow-with-a-long-name-{index}"), condition, index % 6, 0.001)
            })
        })
        .collect();
    of_requests(&mut results).cells =
        fixture::cells(&[("messaging", [100, 100, 200]), ("real-time", [100, 100, 100]), ("async", [50, 50, 200])]);
    of_requests(&mut results).cells[7].utilization_zone_lost = 1.35;
    results
}

/// One replication: no intervals, nothing but one harmless fault.
fn single() -> Outcome {
    let mut results = twilio();
    results.replications_done = 1;
    of_requests(&mut results).faults.truncate(1);
    of_requests(&mut results).faults[0].harmed = exact(0.0);
    of_requests(&mut results).faults[0].harmed_worst = Some(0);
    of_requests(&mut results).budgets.retain(|row| row.fault.as_deref() == Some("cell-crash") || row.fault.is_none());
    for row in &mut of_requests(&mut results).budgets {
        row.share_worst = exact(0.0);
    }
    for row in &mut of_requests(&mut results).timeline {
        row.ok = [row.ok[1]; 3];
        row.failed = [0.0; 3];
        row.retries = [0.0; 3];
        row.store_load = [row.store_load[1]; 3];
    }
    of_requests(&mut results).cells.truncate(4);
    of_requests(&mut results).cells[0].target = None;
    of_requests(&mut results).latencies.truncate(1);
    results
}

/// Everything there, nothing measured.
fn unmeasured() -> Outcome {
    let mut results = twilio();
    for fault in &mut of_requests(&mut results).faults {
        (fault.harmed, fault.exposed, fault.share_of_customers) = (null(), null(), null());
        (fault.harmed_worst, fault.share_of_traffic, fault.single_cell_exposed) = (None, None, None);
        (fault.span_seconds, fault.store_load_peak) = (None, None);
    }
    for row in &mut of_requests(&mut results).budgets {
        (row.share_worst, row.used_worst) = (null(), null());
    }
    for cell in &mut of_requests(&mut results).cells {
        cell.utilization = null();
    }
    for row in &mut of_requests(&mut results).timeline {
        row.hit_ratio = None;
    }
    of_requests(&mut results).store_capacity = None;
    for curve in &mut of_requests(&mut results).latencies {
        curve.points.clear();
    }
    results
}

/// Undefined and absurd numbers where no run should put them.
fn hostile() -> Outcome {
    let mut results = twilio();
    results.title = "control \u{1} and \u{0} characters, 漢字, <tags> & \"quotes\"".into();
    let undefined = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0];
    for (index, fault) in of_requests(&mut results).faults.iter_mut().enumerate() {
        fault.harmed = estimate(undefined[index], 1.0);
        fault.exposed = exact(undefined[3 - index]);
        fault.share_of_traffic = Some(undefined[index]);
        fault.span_seconds = Some((undefined[index], undefined[3 - index]));
        fault.recovery_median = Some(undefined[index]);
        fault.store_load_peak = Some(1.0);
    }
    for (index, row) in of_requests(&mut results).budgets.iter_mut().enumerate() {
        row.share_worst = estimate(undefined[index % 4], 0.1);
    }
    for (index, cell) in of_requests(&mut results).cells.iter_mut().enumerate() {
        cell.utilization_zone_lost = undefined[index % 4];
        cell.target = Some(undefined[index % 4]);
    }
    for (index, row) in of_requests(&mut results).timeline.iter_mut().enumerate() {
        row.failed = [undefined[index % 4]; 3];
        row.hit_ratio = Some(undefined[index % 4]);
    }
    of_requests(&mut results).latencies.push(LatencyCurve {
        workflow: "empty".into(),
        tier: None,
        condition: Condition::NoFault,
        requests: 0,
        points: vec![(f64::NAN, 20), (0.0, 10), (f64::INFINITY, 5)],
    });
    results
}

fn long() -> Outcome {
    let mut results = twilio();
    of_requests(&mut results).timeline = fixture::timeline(86_400);
    of_requests(&mut results).cells = fixture::cells(&[("messaging", [2, 3, 3]), ("real-time", [1, 2, 3])]);
    of_requests(&mut results).budgets.retain(|row| row.tier != "mid-market");
    for row in &mut of_requests(&mut results).budgets {
        for number in [&mut row.share_worst.value, &mut row.share_worst.low, &mut row.share_worst.high] {
            *number = number.map(|share| share * 4.0);
        }
    }
    results
}

/// Contracts that count requests.
fn by_requests() -> Outcome {
    let mut results = twilio();
    for row in &mut of_requests(&mut results).budgets {
        row.measure = "requests".into();
    }
    results
}

/// Cells sized for two utilizations, some for none.
fn two_targets() -> Outcome {
    let mut results = twilio();
    for (index, cell) in of_requests(&mut results).cells.iter_mut().enumerate() {
        cell.target = [Some(0.6), Some(0.4), None][index % 3];
    }
    results.title = "A platform whose title is set a little smaller than others are".into();
    results
}

fn all() -> Vec<(&'static str, Outcome)> {
    vec![
        ("twilio", twilio()),
        ("crowded", crowded()),
        ("single", single()),
        ("unmeasured", unmeasured()),
        ("hostile", hostile()),
        ("long", long()),
        ("by-requests", by_requests()),
        ("two-targets", two_targets()),
        ("empty", empty()),
    ]
}

/// Fails on anything an XML parser refuses; returns all attribute values.
fn attributes(svg: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(svg);
    let mut values = Vec::new();
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                depth += 1;
                values.extend(tag.attributes().map(|pair| String::from_utf8(pair.unwrap().value.to_vec()).unwrap()));
            }
            Event::Empty(tag) => {
                values.extend(tag.attributes().map(|pair| String::from_utf8(pair.unwrap().value.to_vec()).unwrap()));
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    values
}

#[test]
fn every_chart_is_valid_and_defined() {
    for (name, results) in all() {
        for (chart, svg) in charts::svgs(&results).unwrap() {
            assert!(!svg.chars().any(|letter| letter.is_control() && letter != '\n'), "{name} {chart}");
            for value in attributes(&svg) {
                let lower = value.to_lowercase();
                assert!(!lower.contains("nan") && !lower.contains("inf"), "{name} {chart}: {value}");
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf ") && !svg.contains(">inf"), "{name} {chart}");
        }
    }
}

#[test]
fn no_text_leaves_the_chart() {
    for (name, results) in all() {
        for (chart, svg) in charts::svgs(&results).unwrap() {
            for line in svg.lines().filter(|line| line.starts_with("<text") && line.contains("textLength")) {
                let number = |key: &str| {
                    let rest = &line[line.find(&format!(" {key}=\"")).unwrap() + key.len() + 3..];
                    rest[..rest.find('"').unwrap()].parse::<f64>().unwrap()
                };
                let (x, length) = (number("x"), number("textLength"));
                let left = match () {
                    () if line.contains("\"end\"") => x - length,
                    () if line.contains("\"middle\"") => x - length / 2.0,
                    () => x,
                };
                assert!(left >= 0.0 && left + length <= 4_800.0, "{name} {chart}: {line}");
            }
        }
    }
}

#[test]
fn all_six_are_there_and_absent_where_nothing_is_to_show() {
    let names =
        |results: &Outcome| charts::svgs(results).unwrap().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let six = ["blast-radius", "timeline", "month-budget", "latency-tail", "cell-load", "store-load"];
    assert_eq!(names(&twilio()), six);
    assert_eq!(names(&crowded()), six);
    assert!(names(&empty()).is_empty());
    assert!(!names(&unmeasured()).contains(&"latency-tail"));
}

#[test]
fn a_contract_by_requests_is_not_told_in_minutes() {
    let chart = |results: &Outcome| {
        let all = charts::svgs(results).unwrap();
        all.into_iter().find(|(name, _)| *name == "month-budget").unwrap().1
    };
    let minutes = chart(&twilio());
    assert!(minutes.contains("bad min a month") && minutes.contains("minutes of a month"));
    let requests = chart(&by_requests());
    for wrong in ["bad min", "minutes of a month", "no fault uses any of it", "not measured"] {
        assert!(!requests.contains(wrong), "{wrong}");
    }
    for right in ["0.01 % of a month’s requests", "failed requests of the worst customer"] {
        assert!(requests.contains(right), "{right}");
    }
}

#[test]
fn what_cells_are_sized_for_is_one_line_each() {
    let all = charts::svgs(&two_targets()).unwrap();
    let chart = |wanted: &str| all.iter().find(|(name, _)| *name == wanted).unwrap().1.as_str();
    let svg = chart("cell-load");
    assert!(svg.contains("target 60 %") && svg.contains("target 40 %") && !svg.contains("utilization target"));
    assert!(svg.contains("set a little smaller"), "the subtitle is whole");
    let budgets = charts::svgs(&twilio()).unwrap();
    assert!(budgets.iter().all(|(_, svg)| !svg.contains(" ± 0\n")));
}

#[test]
fn the_same_results_give_the_same_bytes() {
    for (first, second) in charts::svgs(&twilio()).unwrap().iter().zip(charts::svgs(&twilio()).unwrap()) {
        assert_eq!(*first, second);
    }
    let scene = || charts::blast_radius::scene(&twilio()).unwrap();
    assert_eq!(scene().png().unwrap(), scene().png().unwrap());
}

#[test]
fn files_are_written_whole_and_old_ones_removed() {
    let folder = tempfile::tempdir().unwrap();
    let written = charts::write_all(&twilio(), folder.path(), true).unwrap();
    assert_eq!(written.len(), 12);
    for path in &written {
        let bytes = fs::read(path).unwrap();
        let start: &[u8] = if path.extension().unwrap() == "svg" { b"<svg" } else { b"\x89PNG" };
        assert!(bytes.starts_with(start) && bytes.len() > 1_000, "{}", path.display());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 12, "no temporary file remains");
    assert!(charts::write_all(&empty(), folder.path(), false).unwrap().is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_unwritable_folder_is_an_error_that_names_the_file() {
    let error = charts::write_all(&twilio(), Path::new("/dev/null/charts"), false).unwrap_err();
    assert!(matches!(error, ChartError::Write { .. }));
    assert!(error.to_string().contains("blast-radius.svg"), "{error}");
}

/// `CELLSIM_CHARTS=folder cargo test --test charts -- --ignored` writes all of them for a look.
#[test]
#[ignore = "writes pictures to look at"]
fn pictures() {
    let folder = std::env::var_os("CELLSIM_CHARTS").expect("CELLSIM_CHARTS names a folder");
    for (name, results) in all() {
        let folder = Path::new(&folder).join(name);
        fs::create_dir_all(&folder).unwrap();
        charts::write_all(&results, &folder, true).unwrap();
    }
}
