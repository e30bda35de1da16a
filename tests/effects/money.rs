//! Keys of `[cost]` and `[[expect]]`.

use cellsim::experiment::outcome::{Judgement, Outcome};

use crate::support::run_with;

const MONEY: &str = r#"
[tier.t]
customers = 40
cells = 4
sla = "99.9%"
[client]
deadline = "2s"
[workflow.w]
demand = "1/s"
stage.s = { service_time = "10ms", size = { utilization = "50%" } }
[router]
[cost]
[run]
warmup = "1s"
horizon = "30s"
replications = 5
"#;

fn cost(results: &Outcome) -> f64 {
    results.facts.cost.expect("there are prices").total
}

#[test]
fn every_price_is_paid() {
    assert_eq!(cost(&run_with(MONEY, &[])), 0.0);
    // 4 cells, 3 zones of an instance each, 40 requests per second, 30 days.
    for (price, total) in [
        ("cost.cell=$10/month", 40.0),
        ("cost.operations=$7/month", 28.0),
        ("cost.load=$2/month", 80.0),
        ("cost.instance=$3/month", 36.0),
        ("cost.request=$1/million", 40.0 * 2.592),
        ("cost.router=$99/month", 99.0),
    ] {
        let found = cost(&run_with(MONEY, &[price]));
        assert!((found - total).abs() < 1e-6, "{price}: {found} instead of {total}");
    }
    let results = run_with(MONEY, &["cost.cell=$10/month", "cost.instance=$3/month"]);
    let undivided = results.facts.single_cell.expect("it can be carried").cost.expect("there are prices");
    assert!((undivided.total - 19.0).abs() < 1e-9, "one cell, three instances: {}", undivided.total);
}

#[test]
fn a_fault_on_any_cell_leaves_the_undivided_platform_its_price() {
    let strikes = |cell: u32| {
        format!(
            "fault.f={{strikes={{workflow=\"w\", tier=\"t\", cell={cell}}}, effect=\"crash\", at=\"5s\", for=\"10s\"}}"
        )
    };
    for cell in [1, 4] {
        let facts = run_with(MONEY, &["cost.cell=$10/month", &strikes(cell)]).facts;
        let undivided = facts.single_cell.and_then(|undivided| undivided.cost).map(|cost| cost.total);
        assert_eq!((undivided, facts.why_no_single_cell), (Some(10.0), None), "cell {cell}");
    }
    // 0.1 slots' work in each of four cells, of which the undivided platform has one.
    let sets = ["workflow.w.stage.s={service_time=\"50ms\", size={concurrency=1}}", "cost.cell=$10/month"];
    let why = run_with(MONEY, &sets).facts.why_no_single_cell.expect("one slot is too few");
    assert!(why.contains("stage `s` of cell w/1 is asked for 2.0 slots' work and has 1"), "{why}");
}

#[test]
fn expectations_are_kept_breached_undecided_or_not_measured() {
    let fault = "[fault.f]\nstrikes = { workflow = \"w\", tier = \"t\", cell = 1 }\neffect = \"crash\"\nat = \"5s\"\nfor = \"10s\"\n";
    let expect = "[[expect]]\nmetric = \"blast_radius\"\nfault = \"f\"\nworst = { at_most = \"10 customers\" }\n\
                  [[expect]]\nmetric = \"blast_radius\"\nfault = \"f\"\nmean = { at_most = \"2%\" }\n\
                  [[expect]]\nmetric = \"goodput\"\nmean = { at_least = \"36.9/s\" }\n\
                  [[expect]]\nmetric = \"sla_attainment\"\ntier = \"t\"\nmean = { at_least = \"99%\" }\n";
    let results = run_with(&format!("{MONEY}{fault}{expect}"), &[]);
    let outcomes: Vec<Judgement> = results.verdicts.iter().map(|verdict| verdict.outcome).collect();
    assert_eq!(outcomes[0], Judgement::Kept, "{:?}", results.verdicts[0]);
    assert_eq!(outcomes[1], Judgement::Breached, "{:?}", results.verdicts[1]);
    assert_eq!(outcomes[2], Judgement::Undecided, "{:?}", results.verdicts[2]);
    assert_eq!(outcomes[3], Judgement::NotMeasured, "{:?}", results.verdicts[3]);
}
