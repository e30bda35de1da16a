//! What people and programs read of a run over years: unchanged until somebody looks at the change, and whole whatever the run.

use cellsim::experiment::outcome::Outcome;
use cellsim::report::charts;
use cellsim::report::csv;
use cellsim::report::terminal::{self, Context};
use cellsim::report::verdict;

use crate::outages;
use crate::support::{printing, run_with};

fn context() -> Context {
    Context {
        folder: "results/x".into(),
        files: ["summary.csv", "incidents.csv", "exceedance.svg"].map(String::from).into(),
        seconds: 4.3,
        threads: 2,
        terminal: true,
        ..printing()
    }
}

/// Cells that fail alone, a release in waves and a configuration that reaches all, with credits and expectations.
fn eventful(sets: &[&str]) -> Outcome {
    let more = "[fault.bad-config]\neffect = { errors = \"60%\" }\nmtbf = { prior = \"configuration\", of_incidents_every = \"50d\" }\nmttr = \"10min\"\n\
        [fault.bad-release]\neffect = \"crash\"\nmtbf = \"90d\"\nmttr = \"10min\"\n\
        waves = { sizes = [\"1 cell\", \"100%\"], bake = \"1h\", after = \"10min\" }\n\
        [contract]\ncredits = [{ below = \"99.9%\", share = \"10%\" }]\n";
    let expect = "[[expect]]\nmetric = \"sla_attainment\"\ntier = \"t\"\nmean = { at_least = \"99%\" }\n\
        [[expect]]\nmetric = \"blast_radius\"\nfault = \"outage\"\nworst = { at_most = \"50 customers\" }\n";
    let text = outages(20, "").replace("[run]", &format!("{more}[run]"));
    let mut results = run_with(&format!("{text}{expect}"), sets);
    results.scenario_file = "x.toml".into();
    results
}

#[test]
fn the_summary_and_the_tables() {
    let results = eventful(&["run.replications=10"]);
    let mut text = terminal::render(&results, &context());
    for sheet in csv::sheets(&results) {
        let table = String::from_utf8((sheet.write)(&results)).expect("text");
        let first: Vec<&str> = table.lines().take(3).collect();
        text += &format!("\n{}\n{}\n", sheet.file, first.join("\n"));
    }
    insta::assert_snapshot!("outputs", text);
}

/// Rounding makes nothing uncertain: where every customer keeps every month, none is lost and nothing is owed.
#[test]
fn what_is_certain_is_certain_for_all() {
    let credits = "[contract]\ncredits = [{ below = \"99%\", share = \"30%\" }]\n[run]";
    let sets = ["fault.outage.each=false", "fault.outage.one_of=platform", "fault.outage.strikes={zone=\"a\"}"];
    let sets = [&sets[..], &["fault.outage.detected_after=1ms", "workflow.w.demand=20/s"]].concat();
    let results = run_with(&outages(1, "").replace("[run]", credits), &sets);
    let tier = &results.years().expect("years").tiers[0];
    assert_eq!((tier.meets_sla.value, tier.no_sla_miss.value), (Some(1.0), Some(1.0)), "{tier:?}");
    assert_eq!((tier.meets_sla.low, tier.meets_sla.state), (tier.no_sla_miss.low, tier.no_sla_miss.state), "{tier:?}");
    assert_eq!(tier.credits.as_ref().and_then(|credits| credits.value), Some(0.0));
}

/// Long names, one history, no incident at all, many causes: nothing may break, and no number be undefined.
#[test]
fn whole_whatever_the_run() {
    let quiet = run_with(&outages(3, ""), &["fault.outage=false", "run.replications=2"]);
    let one = eventful(&["run.replications=1", "run.horizon=60d"]);
    let short = eventful(&["run.replications=2", "run.horizon=3d"]);
    let many: String = (0..12)
        .map(|index| {
            format!("[fault.regional-carrier-brownout-number-{index}]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"{}d\"\nmttr = \"5min\"\n", 30 + index)
        })
        .collect();
    let many = run_with(&outages(40, "").replace("[run]", &format!("{many}[run]")), &["run.replications=3"]);
    let usual = eventful(&["run.replications=5"]);
    // Where nothing is expected, the first line says the worst.
    let first = |results: &Outcome| verdict::headline(results).text;
    assert_eq!(first(&quiet), "t meets its 99.9 % SLA in 100 % of contract months");
    assert!(first(&many).starts_with("t meets its 99.9 % SLA in "), "{}", first(&many));
    let shortly = run_with(&outages(3, ""), &["run.horizon=20d", "run.replications=4"]);
    assert!(first(&shortly).starts_with("outage harms "), "{}", first(&shortly));
    for (what, results) in [("quiet", quiet), ("one", one), ("short", short), ("many", many), ("usual", usual)] {
        let text = terminal::render(&results, &context());
        for line in text.lines().skip(1) {
            assert!(line.chars().count() <= terminal::WIDTH, "{what}: {line}");
        }
        assert!(!text.contains("NaN") && !text.contains("inf "), "{what}: {text}");
        for (name, scene) in charts::CHARTS {
            let Some(_) = scene(&results) else { continue };
            assert!(results.years().is_some(), "{what}: {name} is of requests");
        }
        let drawn = charts::svgs(&results).expect("charts are drawn");
        assert_eq!(drawn, charts::svgs(&results).expect("charts are drawn"), "{what}");
        for (name, svg) in &drawn {
            let mut reader = quick_xml::Reader::from_str(svg);
            while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
            assert!(!svg.contains("NaN") && !svg.contains("\"inf"), "{what}: {name}");
        }
        if what == "usual" {
            let names: Vec<&str> = drawn.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ["exceedance", "attainment", "budget-burn", "yearly-minutes"]);
        }
    }
}
