//! Words of the summary: limits in the style of values, footnotes where they are needed, and what to do where runs cannot decide.

use cellsim::experiment::outcome::{Judgement, Outcome, Warning};
use cellsim::report::verdict;

use crate::support::{run_text, summary};

/// Four cells, a crash of the last, one of a zone and one that is drawn; limits in every unit.
const CELLS: &str = r#"
[tier.t]
customers = 40
customers_per_cell = { target = 10, max = 20 }
sla = "99.9%"
[client]
deadline = "1s"
[workflow.w]
demand = "1/s"
stage.s = { service_time = "10ms", size = { concurrency = 50 } }
[fault.crash]
strikes = { workflow = "w", tier = "t", cell = 4 }
effect = "crash"
at = "2min"
for = "1min"
[fault.drawn]
one_of = "cell"
effect = "crash"
mtbf = "4min"
mttr = "1min"
[fault.zone]
strikes = { zone = "a" }
effect = "crash"
at = "30s"
for = "10s"
[cost]
cell = "$10/month"
[run]
faults = "all"
horizon = "5min"
warmup = "5s"
replications = 3
[[expect]]
metric = "blast_radius"
fault = "crash"
worst = { at_most = "8 customers" }
[[expect]]
metric = "blast_radius"
fault = "zone"
worst = { at_most = "39 customers" }
[[expect]]
metric = "blast_radius"
fault = "drawn"
worst = { at_most = "30 customers" }
[[expect]]
metric = "error_share"
mean = { at_most = "70%" }
[[expect]]
metric = "latency"
p99 = { at_most = "250ms" }
[[expect]]
metric = "cost"
mean = { at_most = "$150000" }
"#;

fn cells() -> Outcome {
    run_text(CELLS)
}

#[test]
fn limits_are_written_as_values_are() {
    let text = summary(&cells());
    for limit in ["limit 8 customers", "limit 39 customers", "limit 70 %", "limit 250 ms", "limit $150,000"] {
        assert!(text.contains(limit), "{limit}: {text}");
    }
    assert!(!text.contains("70%") && !text.contains("250ms"), "{text}");
}

/// What no run can exclude is bounded by construction, and the summary says how.
#[test]
fn a_largest_value_that_runs_cannot_decide_says_what_to_do() {
    // Customers who ask nearly nothing: nobody sees that a crash would harm them.
    let quiet = "[customer.quiet]\ncount = 8\ntier = \"t\"\ncell = \"w/t/4\"\ndemand = \"0.00001/s\"\n[workflow.w]";
    let results = run_text(&CELLS.replace("[workflow.w]", quiet));
    let one = &results.verdicts[0];
    assert_eq!(one.outcome, Judgement::Undecided, "{one:?}");
    assert!(
        one.note.ends_with("no number of replications can show it: bound it by customers_per_cell.max = 8"),
        "{}",
        one.note
    );
    assert!(verdict::headline(&results).text.contains("bound it by customers_per_cell.max = 8"));
    // A zone holds a part of every cell, and strikes that overlap reach several.
    for one in &results.verdicts[1..3] {
        assert_eq!(one.outcome, Judgement::Undecided, "{one:?}");
        assert!(one.note.ends_with("can show it: it must follow from what its strikes can reach"), "{}", one.note);
    }
}

#[test]
fn one_sided_limits_have_a_footnote() {
    let one_sided = "a one-sided bound at 95 %";
    let unseen = "95 % bound: not seen in 3 replications";
    let text = summary(&cells());
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    assert_eq!(text.contains(one_sided), has(&["(above ", "(at most ", "  at most "]), "{text}");
    assert_eq!(
        text.contains(unseen),
        has(&[
            "% bound: 0",
            "% bound: 1",
            "% bound: 2",
            "% bound: 3",
            "% bound: 4",
            "% bound: 5",
            "% bound: 6",
            "% bound: 7",
            "% bound: 8",
            "% bound: 9"
        ]),
        "{text}"
    );
    assert!(text.matches(one_sided).count() <= 1 && text.matches(unseen).count() <= 1);
}

/// Whose worst customer lost 6 minutes to two faults is not told that the 4 minutes of its neighbour's fault did it.
#[test]
fn mostly_by_names_what_struck_the_worst_customer() {
    let fault = |name: &str, cell: u32, at: &str, length: &str| {
        format!(
            "[fault.{name}]\nstrikes = {{ workflow = \"w\", tier = \"t\", cell = {cell} }}\neffect = \"crash\"\nat = \"{at}\"\nfor = \"{length}\"\n"
        )
    };
    let faults = [
        fault("first", 1, "1min", "2min"),
        fault("neighbour", 2, "4min", "4min"),
        fault("second", 1, "9min", "3min"),
        fault("third", 1, "14min", "1min"),
    ];
    let text = format!(
        "[tier.t]\ncustomers = 10\ncells = 2\nsla = \"99.9%\"\n[workflow.w]\ndemand = \"2/s\"\nclient.deadline = \"1s\"\n\
         stage.s = {{ kind = \"delay\", service_time = \"10ms\" }}\n{}[run]\nhorizon = \"16min\"\nreplications = 2\n",
        faults.concat()
    );
    let results = run_text(&text);
    let of = |fault: &str| {
        results
            .requests()
            .unwrap()
            .budgets_of("t")
            .find(|row| row.fault.as_deref().unwrap_or("all") == fault && row.workflow.is_none())
            .unwrap()
    };
    assert_eq!((of("all").used_worst.value, of("all").mostly_by.as_deref()), (Some(6.0), Some("second")));
    assert_eq!(of("neighbour").used_worst.value, Some(4.0));
    assert!(summary(&results).contains("second"), "{}", summary(&results));
    // Who is never struck has nobody to name.
    let calm = run_text(&text.replace("[run]", "[run]\nfaults = \"random\""));
    assert!(calm.requests().unwrap().budgets_of("t").all(|row| row.mostly_by.is_none()));
}

/// A week is no month, in any text.
#[test]
fn windows_are_called_what_they_are() {
    let text = |window: &str, run: &str| {
        summary(&run_text(&format!(
            "[tier.t]\ncustomers = 10\ncells = 2\nsla = \"99.9%\"\ncontract.window = {window}\n[workflow.w]\ndemand = \"2/s\"\n\
             client.deadline = \"1s\"\nstage.s = {{ kind = \"delay\", service_time = \"10ms\" }}\n[fault.f]\none_of = \"cell\"\n\
             effect = \"crash\"\nmtbf = \"30d\"\nmttr = \"5min\"\n[run]\nfaults = \"random\"\nreplications = 2\n{run}\n\
             [[expect]]\nmetric = \"sla_attainment\"\ntier = \"t\"\nmean = {{ at_least = \"10%\" }}\n"
        )))
    };
    let years = "level = \"incident\"\nhorizon = \"2year\"";
    for window in ["\"7d\"", "\"28d\"", "{ rolling = \"30d\" }"] {
        let text = text(window, years);
        assert!(text.contains("windows with no miss") && text.contains("contract windows"), "{text}");
        assert!(!text.contains("month"), "{text}");
    }
    for (window, run) in
        [("\"30d\"", years), ("\"month\"", "starts_on = \"2025-03-01\"\nlevel = \"incident\"\nhorizon = \"2year\"")]
    {
        assert!(text(window, run).contains("months with no miss"), "{window}");
    }
}

/// A quantile among those that failed is known from one side: that is shown, not a dash.
#[test]
fn a_quantile_among_failed_requests_is_shown_as_far_as_it_is_known() {
    // An exponential service of 80 ms within 360 ms: 1.1 % are late, so p99 is among them.
    let text = summary(&run_text(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"360ms\"\n\
         stage.s = { kind = \"delay\", service_time = { exponential = \"80ms\" } }\n[run]\nhorizon = \"2min\"\nreplications = 5\n",
    ));
    let line = text.lines().find(|line| line.contains("p50/p99")).unwrap();
    assert!(line.contains("360 ms") && !line.contains("/-"), "{line}");
}

/// One run shows nothing for certain, not even where all of its requests failed.
#[test]
fn quantiles_of_one_run_in_which_all_failed() {
    let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\n\
         client = { timeout = \"50ms\", deadline = \"50ms\", attempts = 1 }\n\
         stage.s = { kind = \"delay\", service_time = \"80ms\" }\n[run]\nhorizon = \"1min\"\nreplications = 1\n\
         [[expect]]\nmetric = \"latency\"\np50 = { at_most = \"20ms\" }\n";
    let line = |text: &str, word: &str| text.lines().find(|line| line.contains(word)).map(str::to_owned).unwrap();
    let all = summary(&run_text(text));
    assert!(line(&all, "p50/p99").contains("w not bounded/> 50 ms (fails)"), "{all}");
    assert!(line(&all, "UNDECIDED  latency").contains("not bounded") && !all.contains("above 0"), "{all}");
    // So few that there is no median.
    let few = summary(&run_text(&text.replace("customers = 10", "customers = 1").replace("\"1/s\"", "\"10/min\"")));
    assert!(!line(&few, "p50/p99").contains("-/"), "{few}");
}

/// A customer's bad minutes are a time; customer-minutes are a count.
#[test]
fn limits_of_minutes_in_their_units() {
    let with = |metric: &str, limit: &str| {
        let more = format!("[[expect]]\nmetric = \"{metric}\"\ntier = \"t\"\n{limit}\n");
        let folder = crate::support::Folder::new().with("s.toml", &format!("{CELLS}{more}"));
        let read = cellsim::scenario::Scenario::read(&folder.path().join("s.toml"), &[]);
        read.map(|_| ()).map_err(|problems| problems.render(false, 120))
    };
    for limit in ["\"15min\"", "\"1h 5min\"", "\"15 minutes\"", "15"] {
        assert_eq!(with("bad_minutes", &format!("worst = {{ at_most = {limit} }}")), Ok(()), "{limit}");
    }
    let error = with("bad_minutes", "worst = { at_most = \"15 customers\" }").unwrap_err();
    assert!(error.contains("expected minutes") && error.contains("\"15min\""), "{error}");
}

/// A share of the customers of each struck cell: cells have clocks, customers have luck.
#[test]
fn errors_per_customer_strike_cells_that_have_clocks() {
    let results = run_text(
        "[tier.t]\ncustomers = 400\ncells = 4\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"1s\"\n\
         stage.s = { kind = \"delay\", service_time = \"10ms\" }\n[fault.f]\neach = \"cell\"\n\
         effect = { errors = \"30%\", per = \"customer\" }\nmtbf = \"20min\"\nmttr = \"1min\"\n\
         [run]\nfaults = \"random\"\nhorizon = \"10min\"\nreplications = 10\n",
    );
    let single = results.requests().unwrap().incidents.iter().filter(|one| one.exposed == 100);
    let harmed: Vec<f64> = single.map(|one| f64::from(u32::try_from(one.harmed).unwrap())).collect();
    let mean = harmed.iter().sum::<f64>() / harmed.len() as f64;
    assert!(harmed.len() >= 8 && (mean - 30.0).abs() < 6.0, "{harmed:?}");
}

#[test]
fn few_runs_miss_what_is_not_rare_and_say_so() {
    let text = |runs: u32| {
        format!(
            "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"5/s\"\nclient.deadline = \"1s\"\n\
             stage.s = {{ kind = \"delay\", service_time = {{ exponential = \"10ms\" }} }}\n\
             [run]\nhorizon = \"20s\"\nreplications = {runs}\n\
             [[expect]]\nmetric = \"latency\"\nworkflow = \"w\"\np50 = {{ at_most = \"500ms\" }}\n"
        )
    };
    let shown = |runs: u32| summary(&run_text(&text(runs))).split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "A mode that appears in fewer than 26 % of replications would not have been seen (10 replications).";
    assert!(shown(10).contains(said));
    assert!(!shown(300).contains("would not have been seen"));
}

#[test]
fn where_no_window_fits_nothing_is_allowed_or_measured() {
    // 30 days, and January has 31.
    let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99.9%\"\n[workflow.w]\ndemand = \"5/s\"\nclient.deadline = \"1s\"\n\
        client.retry_budget = { ratio = 0.1 }\nstage.s = { kind = \"delay\", service_time = \"5ms\" }\n\
        [fault.f]\nstrikes = { platform = true }\neffect = \"crash\"\nmtbf = \"10d\"\nmttr = \"10min\"\n\
        [run]\nlevel = \"incident\"\nstarts_on = \"2024-01-01\"\nhorizon = \"30d\"\nreplications = 2\n";
    let results = run_text(text);
    let years = results.years().expect("years");
    assert_eq!(years.tiers[0].allowed, None);
    // What is said in vain is told over years as well.
    let is_told = results.warnings.iter().any(|warning| matches!(warning, Warning::NobodyTriesTwice { .. }));
    assert!(is_told, "{:?}", results.warnings);
}
