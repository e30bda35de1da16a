//! Words of the summary: limits in the style of values, footnotes where they are needed, and what to do where runs cannot decide.

use cellsim::experiment::results::{Outcome, Results};
use cellsim::report::{terminal, verdict};

use crate::support::run_text;

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

fn summary(results: &Results) -> String {
    let context = terminal::Context {
        folder: "x".into(),
        files: Vec::new(),
        seconds: 1.0,
        threads: 1,
        colour: false,
        terminal: false,
    };
    terminal::render(results, &context)
}

fn cells() -> Results {
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
    assert_eq!(one.outcome, Outcome::Undecided, "{one:?}");
    assert!(
        one.note.ends_with("no number of runs can show it: bound it by customers_per_cell.max = 8"),
        "{}",
        one.note
    );
    assert!(verdict::headline(&results).text.contains("bound it by customers_per_cell.max = 8"));
    // A zone holds a part of every cell, and strikes that overlap reach several.
    for one in &results.verdicts[1..3] {
        assert_eq!(one.outcome, Outcome::Undecided, "{one:?}");
        assert!(one.note.ends_with("can show it: it must follow from what its strikes can reach"), "{}", one.note);
    }
}

#[test]
fn one_sided_limits_have_a_footnote() {
    let one_sided = "cannot show is bounded to one side, at 95 %.";
    let unseen = "0 with an interval: not seen in 3 runs";
    let text = summary(&cells());
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    assert_eq!(text.contains(one_sided), has(&["(below ", "(above ", "(at most ", "  at most "]), "{text}");
    assert_eq!(text.contains(unseen), has(&[" 0 (0 to ", " 0 customers (0 to "]), "{text}");
    assert!(text.matches(one_sided).count() <= 1 && text.matches(unseen).count() <= 1);
}
