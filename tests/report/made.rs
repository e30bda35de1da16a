//! A scenario that takes no time, run and made into a page.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Two workflows, two tiers, a router; a crash, and a cache that is flushed. Its texts try to be markup.
pub(crate) const SCENARIO: &str = r#"title = "Small </script><b>bold</b> & \"quoted\" {{ 7 * 7 }}"

[tier.ent]
customers = 12
customers_per_cell = { target = 4 }
sla = "99.9%"

[tier.smb]
customers = 60
customers_per_cell = { target = 20 }
sla = "99%"

[workflow.voice]
demand = "0.8/s"
client.deadline = "2s"
stage.send.service_time = { p50 = "8ms", p99 = "40ms" }
stage.send.size = { utilization = "60%" }

[workflow.mail]
demand = "0.4/s"
client.deadline = "2s"
stage.send.service_time = { p50 = "8ms", p99 = "40ms" }
stage.send.size = { utilization = "60%" }

[router]
cache.ttl = "5min"

[fault.crash]
strikes = { workflow = "voice", tier = "ent", cell = 1 }
effect = "crash"
at = "1min"
for = "1min"

[fault.slow]
strikes = { workflow = "mail", tier = "smb", cell = 2 }
effect = { slow = 60 }
at = "3min"
for = "30s"

[run]
warmup = "10s"
horizon = "5min"
replications = 5
seed = 7
"#;

/// A folder with `small.toml` and its results in it; it goes away with the test.
pub(crate) struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    /// Runs a scenario.
    pub(crate) fn of(scenario: &str) -> Made {
        let made = Made { folder: tempfile::tempdir().unwrap() };
        std::fs::write(made.path("small.toml"), scenario).unwrap();
        let ran = made.cellsim(&["run", "small.toml", "--quiet"]);
        assert!([0, 3, 4].contains(&ran.status.code().unwrap()), "{ran:?}");
        made
    }

    /// Runs a scenario and makes its page.
    pub(crate) fn page(scenario: &str) -> Made {
        let made = Made::of(scenario);
        let reported = made.cellsim(&["report", "results/small"]);
        assert_eq!(reported.status.code(), Some(0), "{reported:?}");
        made
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the command in the folder.
    pub(crate) fn cellsim(&self, arguments: &[&str]) -> Output {
        cellsim(self.folder.path(), arguments)
    }
}

/// Runs the command in a folder.
pub(crate) fn cellsim(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cellsim")).args(arguments).current_dir(folder).output().unwrap()
}

/// Returns the rows of a table: each a list of cells, the header first.
pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}
