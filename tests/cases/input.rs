//! Recorded incidents and requests, measured laws, caches, times.

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
