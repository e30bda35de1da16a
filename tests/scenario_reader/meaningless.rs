//! What has no meaning together, or not there.

use cellsim::scenario::Scenario;

use crate::support::{MINIMAL, problem, read_with};

#[test]
fn changes_that_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, format!("{MINIMAL}[router]\ncache.ttl = \"1min\"\n")).unwrap();
    for [one, other] in [
        ["tier.smb.cells=3", "tier.smb.customers_per_cell.target=20"],
        ["tier.smb.sla=99.5%", "tier.smb.contract.sla=99%"],
        ["router.cache.hit_ratio=50%", "router.cache.ttl=5min"],
    ] {
        for sets in [[one, other], [other, one]] {
            let problems = Scenario::read(&path, &sets.map(str::to_owned)).unwrap_err().to_string();
            assert!(problems.contains("exclude each other") || problems.contains("given twice"), "{problems}");
        }
        // Either alone takes the place of what the file says.
        Scenario::read(&path, &[other.to_owned()]).unwrap();
    }
}

#[test]
fn a_limit_is_a_table() {
    let error = problem(read_with("[[expect]]\nmetric = \"latency\"\np99 = \"200ms\"\n"), "\"200ms\"");
    assert_eq!(error.help.as_deref(), Some("write p99 = { at_most = \"200ms\" }"));
}

#[test]
fn recorded_shares_of_what_has_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), "start,end,share\n0,60,0.5\n").unwrap();
    let path = folder.path().join("scenario.toml");
    let text = |effect: &str| {
        format!(
            "{MINIMAL}[fault.rows]\nstrikes = {{ workflow = \"messaging\" }}\neffect = {effect}\ncsv = \"rows.csv\"\n"
        )
    };
    for (effect, fits) in
        [("\"crash\"", true), ("\"blackhole\"", true), ("{ errors = \"80%\" }", true), ("{ slow = 3 }", false)]
    {
        std::fs::write(&path, text(effect)).unwrap();
        let read = Scenario::read(&path, &[]);
        assert_eq!(read.is_ok(), fits, "{effect}");
        if let Err(problems) = read {
            assert!(problems.to_string().contains("recorded shares scale errors"), "{problems}");
        }
    }
}
