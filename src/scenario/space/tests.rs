//! Spaces read from files: what they are, and what is wrong with them, by line.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use super::{Near, Plan, Point, Refused, Space};

/// Two tiers over a year.
const SCENARIO: &str = r#"
[tier.a]
customers = 100
customers_per_cell = { target = 20 }
sla = "99.9%"
[tier.b]
customers = 1000
customers_per_cell = { target = 100 }
sla = "99%"
[workflow.w]
demand = "1/s"
client.deadline = "1s"
stage.s = { service_time = "10ms", size = { concurrency = 2 } }
[fault.f]
each = "cell"
effect = "crash"
mtbf = "30d"
mttr = { p50 = "20min", p95 = "60min" }
[run]
level = "incident"
horizon = "1year"
"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.put("mine.toml", SCENARIO);
        folder
    }
    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
    /// A study of the scenario.
    fn study(&self, text: &str) -> Result<Space, Vec<String>> {
        let path = self.put("x.study.toml", &format!("scenario = \"mine.toml\"\n{text}"));
        Space::read(&path, &[], &[]).map_err(|problems| {
            let name = |problem: &crate::diagnostic::Diagnostic| {
                let line = problem.line().unwrap_or(0);
                format!("{line}: {} | {}", problem.message, problem.help.clone().unwrap_or_default())
            };
            problems.0.iter().map(name).collect()
        })
    }
    fn vary(&self, varies: &[&str]) -> Result<Space, String> {
        let varies: Vec<String> = varies.iter().map(|&text| text.to_owned()).collect();
        Space::read(&self.0.path().join("mine.toml"), &varies, &[]).map_err(|problems| problems.to_string())
    }
}

fn all(space: &Space) -> Vec<Point> {
    space.points(Plan::All, 100, 1).unwrap()
}

#[test]
fn points_resolve_to_scenarios() {
    let folder = Folder::new();
    let space = folder.vary(&["tier.a.customers_per_cell.target=10,20", "fault.f.mttr=x0.5,x1,\"7min\""]).unwrap();
    assert_eq!(space.levers.iter().map(|lever| lever.name.as_str()).collect::<Vec<_>>(), ["target", "mttr"]);
    let points = all(&space);
    assert_eq!(points.len(), 6);
    assert_eq!(space.describe(&points[1]), "target 10, mttr { p50 = \"20min\", p95 = \"60min\" }");
    assert_eq!(space.describe(&points[5]), "target 20, mttr 7min");
    let digest = |point: &Point| space.at(point).unwrap()[0].digests[0].1.clone();
    let digests: std::collections::BTreeSet<String> = points.iter().map(digest).collect();
    assert_eq!(digests.len(), 6);
    // What the scenario says anyway is the scenario.
    assert_eq!(digest(&points[4]), space.scenarios[0].digests[0].1);
    // The same as another file would say.
    let other = folder.put(
        "other.toml",
        "extends = \"mine.toml\"\n[tier.a]\ncustomers_per_cell.target = 10\n[fault.f]\nmttr = \"7min\"\n",
    );
    let other = crate::scenario::Scenario::read(&other, &[]).unwrap();
    assert_eq!(digest(&points[2]), other.digests[0].1);
}

#[test]
fn names_are_the_shortest_ends() {
    let folder = Folder::new();
    let space = folder
        .vary(&[
            "tier.a.customers_per_cell.target=10,20",
            "tier.b.customers_per_cell.target=50,100",
            "mine:run.seed=1,2",
        ])
        .unwrap();
    let names: Vec<&str> = space.levers.iter().map(|lever| lever.name.as_str()).collect();
    assert_eq!(names, ["a.customers_per_cell.target", "b.customers_per_cell.target", "mine"]);
    assert!(space.levers[2].changes_demand && !space.levers[0].changes_demand);
}

#[test]
fn a_study_says_more() {
    let folder = Folder::new();
    let space = folder
        .study(
            "[lever.cell]\npath = \"tier.a.customers_per_cell.target\"\nvalues = \"10..40/4\"\n\
             [lever.big]\npath = \"tier.b.customers_per_cell.target\"\nvalues = [20, 100]\n\
             [lever.repair]\npath = \"fault.f.mttr.p50\"\nvalues = [\"20min\", \"5min\"]\n\
             also = { \"fault.f.mttr.p95\" = [\"60min\", \"15min\"] }\ncost = [\"$0/month\", \"$4000/month\"]\n\
             [[where]]\nlever = \"cell\"\nat_most = \"lever.big\"\n[[where]]\nlever = \"cell\"\nnot = 30\n\
             [size]\nnear_enough = { sla_attainment = \"0.1 points\", cost = \"1%\" }\n",
        )
        .unwrap();
    assert_eq!(space.name, "x");
    let points = all(&space);
    // 10, 20 with 20 and 100; 40 with 100 only; each with two repairs.
    assert_eq!(points.len(), 10);
    assert_eq!(points.iter().map(|point| point.number).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    assert_eq!(space.extra_cost(&points[1]), 4000.0);
    let size = space.size.unwrap();
    assert_eq!(size.confidence, 0.95);
    assert_eq!(
        size.near_enough,
        [("sla_attainment".to_owned(), Near::Points(0.001)), ("cost".to_owned(), Near::Relative(0.01))]
    );
}

#[test]
fn what_is_wrong_is_named_by_line() {
    let folder = Folder::new();
    let lever = "[lever.x]\npath = \"tier.a.customers_per_cell.target\"\n";
    let cases: [(&str, &str); 16] = [
        (
            "[lever.x]\npath = \"tier.a.customers_per_cel.target\"\nvalues = [1, 2]\n",
            "3: a scenario has no key `tier.a.customers_per_cel.target` | did you mean `tier.a.customers_per_cell`?",
        ),
        ("[lever.x]\npath = \"tier.c.cells\"\nvalues = [1, 2]\n", "3: the scenario has no tier `c` | "),
        (
            "[lever.x]\npath = \"fault.f.mttr\"\nvalue = [1, 2]\n",
            "4: unknown key `value` in `lever.x` | did you mean `values`?",
        ),
        ("[lever.x]\npath = \"fault.f.mttr\"\n", "2: `values` is missing in `lever.x`"),
        (&format!("{lever}values = []\n"), "4: a lever without values"),
        (&format!("{lever}values = [10, 10]\n"), "4: the value 10 twice in one lever"),
        (&format!("{lever}values = [10, 20]\ncost = [\"$1/month\"]\n"), "5: 1 costs for 2 values"),
        (
            &format!("{lever}values = [10, 20]\nalso = {{ \"fault.f.mttr.p95\" = [\"1h\"] }}\n"),
            "5: `fault.f.mttr.p95` has 1 values, and its lever 2",
        ),
        (
            &format!("{lever}values = [10, 20]\nalso = {{ \"fault.f.mtt\" = [1, 2] }}\n"),
            "5: a scenario has no key `fault.f.mtt`",
        ),
        (&format!("{lever}values = [10, 20]\n[[where]]\nlever = \"y\"\nat_most = 3\n"), "6: there is no lever `y`"),
        (
            &format!("{lever}values = [10, 20]\n[[where]]\nlever = \"x\"\nat_most = \"3min\"\n"),
            "7: 10 of lever `x` cannot be compared",
        ),
        (&format!("{lever}values = [10, 20]\n[[where]]\nlever = \"x\"\n"), "5: `where` says nothing of its lever"),
        (
            "[lever.x]\npath = \"client.timeout\"\nvalues = [\"x2\"]\n",
            "4: the scenario does not say `client.timeout`, so it has no multiples",
        ),
        (
            "[lever.x]\npath = \"fault.g\"\nvalues = [true, false]\n",
            "3: the scenario has no fault `g` | did you mean `f`?",
        ),
        (
            &format!("{lever}values = [10, 20]\n[size]\nminimise = \"cost\"\n"),
            "6: unknown key `minimise` in `size` | did you mean `minimize`?",
        ),
        (
            &format!("{lever}values = [10, 20]\n[size]\nnear_enough = {{ latancy = \"2%\" }}\n"),
            "6: there is no metric `latancy` | did you mean `latency`?",
        ),
    ];
    for (text, expected) in cases {
        let found = folder.study(text).unwrap_err();
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{text}\n{found:?}\n{expected}");
    }
    assert!(folder.study("").unwrap_err()[0].contains("nothing is varied"));
    folder.put("none.study.toml", "scenario = \"gone.toml\"\n");
    let error = Space::read(&folder.0.path().join("none.study.toml"), &[], &[]).unwrap_err();
    assert!(error.to_string().contains("none.study.toml:1: cannot read"), "{error}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_point() {
    let folder = Folder::new();
    let space = folder.study("[lever.x]\npath = \"fault.f.mttr\"\nvalues = [\"5min\", \"5%\"]\n").unwrap();
    let points = all(&space);
    assert!(space.at(&points[0]).is_ok());
    let Refused::Value(problems) = space.at(&points[1]).unwrap_err() else { panic!("not the study's fault") };
    assert!(problems.to_string().contains("x.study.toml:4: expected a duration"), "{problems}");
    assert_eq!(problems.0[0].notes.last().unwrap(), "found at point 2: x 5%");
    // Two levers that exclude each other.
    let space = folder.vary(&["tier.a.cells=2,4", "tier.a.customers_per_cell=10,20"]).unwrap();
    let refused = space.at(&all(&space)[0]).unwrap_err();
    assert!(
        matches!(&refused, Refused::Value(problems) if problems.to_string().contains("exclude each other")),
        "{refused:?}"
    );
    // Values that are fine and make no platform together.
    let space = folder.vary(&["tier.a.customers=100,200"]).unwrap();
    assert!(space.at(&all(&space)[1]).is_ok());
}

#[test]
fn too_many_points_name_the_lever_to_thin() {
    let folder = Folder::new();
    let space = folder.vary(&["tier.a.cells=1..50/50", "tier.b.cells=1..10/10"]).unwrap();
    let error = space.points(Plan::All, 100, 1).unwrap_err().0.remove(0);
    assert_eq!(error.message, "500 points, and --max-points allows 100");
    assert!(error.help.unwrap().contains("thin out `a.cells` with its 50 values"));
    assert!(space.points(Plan::Latin(20), 100, 1).unwrap().len() <= 20);
    assert_eq!(space.points(Plan::OneAtATime, 100, 1).unwrap().len(), 61);
}

#[test]
fn faults_may_be_left_out() {
    let folder = Folder::new();
    let space = folder.vary(&["fault.f=true,false"]).unwrap();
    let points = all(&space);
    assert_eq!(space.at(&points[0]).unwrap()[0].faults.len(), 1);
    assert_eq!(space.at(&points[1]).unwrap()[0].faults.len(), 0);
    assert_eq!(space.describe(&points[1]), "f false");
}
