//! How many cells are down at once: closed forms from scenarios, what counts as down, and what is refused.

use cellsim::engine::stats::{Estimate, State};
use cellsim::engine::theory::renewal::Repairable;
use cellsim::experiment::outcome::Outcome;
use cellsim::experiment::outcome::years::AtOnce;
use cellsim::scenario::Scenario;

use crate::support::{Of, read_with, row, run_on, run_with, value_of};
use crate::{outages, years};

/// Sixty cells whose times to failure wear out (Weibull, shape 2, a month on average), repaired in 2 minutes by the median.
fn sixty(rare: &str) -> String {
    outages(60, &format!("[run.rare]\n{rare}"))
        .replace("mtbf = \"30d\"", "mtbf = { weibull = { mean = \"30d\", shape = 2 } }")
        .replace(
            "{ p50 = \"5min\", p84.1344746 = \"13.591409min\" }",
            "{ p50 = \"2min\", p84.1344746 = \"5.436563657min\" }",
        )
        .replace("10 years", "2 years")
}

#[track_caller]
fn at_once(results: &Outcome) -> &AtOnce {
    years(results).at_once.as_ref().expect("it is asked")
}

/// Theory lies inside the interval of 99.9 %, four fifths of it do not.
#[track_caller]
fn close(what: &str, estimate: &Estimate, theory: f64) {
    let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
    assert!(low <= theory && theory <= high, "{what}: theory says {theory:e}, found {estimate:?}");
    assert!(0.8 * theory < low, "{what}: a wrong model is told apart: {estimate:?}");
}

#[test]
fn three_and_four_of_sixty_cells_where_plain_histories_see_nothing() {
    let text = sixty("cells_down = 4\nerror = \"4%\"");
    let sure = "run.confidence=99.9%";
    let results = run_with(&text, &[sure]);
    let cell = Repairable { mean_up: 43_200.0, mean_down: 2.0 * 0.5_f64.exp() };
    for k in [3, 4] {
        let found = &at_once(&results).cells_down[k as usize - 1];
        let theory = cell.down_together(k, 60);
        close(&format!("exactly {k} down"), &found.exactly, theory);
        let entries = cell.entries(k, 60) * 525_600.0;
        close(&format!("entries to {k}"), &found.a_year, entries);
        let error = found.relative_error.expect("measured");
        assert!(error <= 0.05, "{k}: a relative error of {error}");
        assert!(found.contributed >= 50 && found.trials == 200, "{found:?}");
        let statistic = format!("exactly_{k}");
        assert_eq!(row(&results, "cells_down_share", &statistic, Of::default()), &found.exactly);
    }
    let plain = run_with(&text, &[sure, "run.rare.split=false"]);
    for k in [3, 4] {
        let found = &at_once(&plain).cells_down[k - 1];
        let none = row(&plain, "cells_down_share", &format!("at_least_{k}"), Of::default());
        assert_eq!((none.state, none.value), (State::Null, None), "{found:?}");
        assert!(none.reason.as_ref().expect("null says why").contains("must contribute"), "{none:?}");
        assert!(found.contributed < 50);
    }
    assert_eq!(at_once(&plain).cells_down[3].contributed, 0, "four at once is never seen in 400 years");
    close("one down, plain", &at_once(&plain).cells_down[0].exactly, cell.down_together(1, 60));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    for replications in ["2", "7"] {
        let sets = [&format!("run.replications={replications}"), "run.horizon=100d"];
        let scenario = read_with(&sixty("cells_down = 3\nhistories = 100\nerror = \"20%\""), &sets);
        let text = |threads| cellsim::report::json::run(&run_on(&scenario, threads), "", "", &[]);
        assert_eq!(text(1), text(3));
    }
}

/// Five cells with outages and more, all of them awake.
fn five(more: &str, rare: &str) -> String {
    outages(5, &format!("{rare}\n")).replace("[run]", &format!("{more}\n[run]"))
}

#[test]
fn a_common_cause_takes_all_cells_at_once() {
    let config = "[fault.config]\neffect = \"blackhole\"\nmtbf = \"20d\"\nmttr = \"10min\"";
    let results = run_with(
        &five(config, "[run.rare]\ncells_down = 5\nerror = \"3%\""),
        &["run.confidence=99.9%", "run.horizon=5 years", "run.replications=50"],
    );
    let all = 10.0 / (20.0 * 1440.0 + 10.0);
    let cell = Repairable { mean_up: 43_200.0, mean_down: 5.0 * 0.5_f64.exp() };
    let two: f64 = (2..=5).map(|k| cell.down_together(k, 5)).sum();
    let table = &at_once(&results).cells_down;
    close("all down", &table[4].share, all + (1.0 - all) * cell.down_together(5, 5));
    close("two down", &table[1].share, all + (1.0 - all) * two);
    assert_eq!(at_once(&results).counted, ["outage", "config"]);
}

#[test]
fn what_counts_as_down_is_what_flows_make_of_it() {
    // Counted: all of a cell's requests fail. Left out: a part of them, waves, what strikes something else.
    let more = "[router]\n\
        [fault.hole]\neach = \"cell\"\neffect = \"blackhole\"\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.errors]\none_of = \"cell\"\neffect = { errors = \"100%\" }\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.starved]\neach = \"tier\"\neffect = { capacity = 0 }\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.stage]\nstrikes = { stage = \"s\" }\neach = \"workflow\"\neffect = \"crash\"\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.half]\neffect = { errors = \"50%\" }\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.zone]\none_of = \"zone\"\neffect = \"crash\"\ndetected_after = \"10s\"\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.network]\nstrikes = { router = \"network\" }\neffect = \"crash\"\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.surge]\nstrikes = { tier = \"t\", workflow = \"w\" }\neffect = { demand = 2 }\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        [fault.release]\neffect = \"crash\"\nmtbf = \"50d\"\nmttr = \"1h\"\n\
        waves = { sizes = [\"1 cell\", \"100%\"], bake = \"1h\", after = \"10min\" }";
    let text = five(more, "[run.rare]\ncells_down = 5\nhistories = 100\nerror = \"20%\"");
    let results = run_with(&text, &["run.replications=2", "run.horizon=1 years"]);
    let found = at_once(&results);
    assert_eq!(found.counted, ["outage", "hole", "errors", "starved", "stage"]);
    let names: Vec<&str> = found.left_out.iter().filter_map(|why| why.split(':').next()).collect();
    assert_eq!(names, ["half", "zone", "network", "surge", "release"], "{:?}", found.left_out);
    assert!(found.left_out[0].contains("50"), "{:?}", found.left_out);
}

#[test]
fn cells_down_add_up_to_what_flows_lose() {
    // Both follow the same law by different ways: the mean number of cells down, and the requests that fail.
    let rare = "[run.rare]\ncells_down = 5\nhistories = 200\nsplit = false";
    let sets = ["run.replications=100", "contract.measure=requests", "fault.outage.mtbf=2d", "fault.outage.mttr=1h"];
    let results = run_with(&five("", rare), &[&sets[..], &["run.horizon=2 years"]].concat());
    let down: f64 = at_once(&results).cells_down.iter().map(|row| row.share.value.unwrap_or(0.0)).sum::<f64>() / 5.0;
    let lost = value_of(&results, "bad_minutes", "mean", Of { tier: "t", ..Of::default() }) / 43_200.0;
    assert!((down / lost - 1.0).abs() < 0.02, "{down} {lost}");
}

/// What is wrong with a text, from reading it or from what follows of it: it must point at the line with `mark`.
#[track_caller]
fn refused(text: &str, mark: &str, message: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, text).expect("the temporary folder takes files");
    let problems = match Scenario::read(&path, &[]) {
        Ok(scenario) => cellsim::experiment::facts(&scenario).expect_err(mark),
        Err(problems) => problems,
    };
    let line = text.lines().position(|line| line.contains(mark)).expect("the mark is in the text") as u32 + 1;
    let found: Vec<_> = problems.0.iter().map(|problem| (problem.line(), problem.message.clone())).collect();
    let fits = |(at, text): &(Option<u32>, String)| *at == Some(line) && text.contains(message);
    assert!(found.iter().any(fits), "{mark} in line {line}: {found:?}");
}

#[test]
fn bad_input_by_its_line() {
    let with = |rare: &str| five("", &format!("[run.rare]\n{rare}"));
    refused(&with("cells_down = 6"), "cells_down", "of a platform of 5");
    refused(&with("cells_down = 0"), "cells_down", "expected 1 to");
    refused(&with("cells_down = \"half\""), "cells_down", "expected a count");
    refused(&with("histories = 200"), "[run.rare]", "`cells_down` is missing");
    refused(&with("cells_down = 3\nhistories = 20"), "histories", "expected 100 to");
    refused(&with("cells_down = 3\nerror = \"0%\""), "error", "");
    refused(&with("cells_down = 3\nerror = \"90%\""), "error", "relative error");
    refused(&with("cells_down = 3\nsplit = \"no\""), "split", "true or false");
    refused(&with("cell_down = 3"), "cell_down", "unknown key");
    let asked = with("cells_down = 3");
    refused(&asked.replace("effect = \"crash\"", "effect = { errors = \"60%\" }"), "[run.rare]", "takes a whole cell");
    refused(&asked.replace("each = \"cell\"", "one_of = \"cell\""), "cells_down", "1 at most");
    let request = asked.replace("\"incident\"", "\"request\"").replace("10 years", "5min");
    refused(&request, "[run.rare]", "request level");
    let expect = |statistic: &str| {
        format!("{asked}\n[[expect]]\nmetric = \"cells_down_share\"\n{statistic} = {{ at_most = \"1%\" }}\n")
    };
    refused(&expect("at_least_4"), "at_least_4", "nothing measures 4");
    refused(&expect("at_least_0"), "at_least_0", "no statistic");
    refused(&expect("mean"), "mean =", "no statistic");
    refused(&expect("exactly_2").replace("[run.rare]\ncells_down = 3", ""), "exactly_2", "nothing measures 2");
}

#[test]
fn expectations_limit_what_is_down_at_once() {
    let expect = "[[expect]]\nmetric = \"cells_down_share\"\nat_least_2 = { at_most = \"1%\" }\n\
        [[expect]]\nmetric = \"cells_down_entries\"\nat_least_1 = { at_least = 50, at_most = 70 }\n";
    let text = five("", &format!("[run.rare]\ncells_down = 2\n{expect}"));
    let results = run_with(&text, &["run.replications=50", "run.horizon=3 years"]);
    let outcomes: Vec<_> = results.verdicts.iter().map(|verdict| format!("{:?}", verdict.outcome)).collect();
    assert_eq!(outcomes, ["Kept", "Kept", "Kept"], "{:?}", results.verdicts);
}
