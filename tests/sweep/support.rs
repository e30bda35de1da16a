//! A folder with a scenario whose sizing has a closed form.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// 300 customers in cells; every cell is down every 60 days in the mean, for exactly as long as it takes to repair it.
pub(crate) const SCENARIO: &str = r#"title = "Sized by hand"
[tier.enterprise]
customers = 300
customers_per_cell = { target = 50 }
sla = "99.9%"
[workflow.w]
demand = "1/s"
client.deadline = "1s"
stage.s = { service_time = "10ms", size = { concurrency = 4 } }
[cost]
cell = "$2000/month"
[fault.outage]
each = "cell"
effect = "crash"
mtbf = { exponential = "60d" }
mttr = "45min"
[run]
level = "incident"
horizon = "1year"
replications = 5
[[expect]]
metric = "sla_attainment"
tier = "enterprise"
mean = { at_least = "99%" }
[[expect]]
metric = "blast_radius"
fault = "outage"
worst = { at_most = "50 customers" }
"#;

/// Levers of its cells and its repair.
pub(crate) const STUDY: &str = r#"scenario = "opt.toml"
[lever.cell]
path   = "tier.enterprise.customers_per_cell.target"
values = [30, 50, 60, 100]
[lever.repair]
path   = "fault.outage.mttr"
values = ["45min", "30min", "20min", "13min", "8min"]
cost   = ["$0/month", "$1000/month", "$3000/month", "$7500/month", "$20000/month"]
"#;

/// How the command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder that goes away with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// Returns a folder with `opt.toml` and `opt.study.toml` in it.
    pub(crate) fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.file("opt.toml", SCENARIO);
        folder.file("opt.study.toml", STUDY);
        folder
    }

    pub(crate) fn file(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cellsim"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `cellsim` in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns the files of a results folder: (name, content), sorted.
    pub(crate) fn results(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(self.path(name)).unwrap().map(|entry| entry.unwrap());
        let mut files: Vec<(String, Vec<u8>)> = entries
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// Returns a table of a results folder: each line by the names of its columns.
    pub(crate) fn table(&self, name: &str) -> Vec<std::collections::BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        reader.deserialize().map(|line| line.unwrap()).collect()
    }

    /// Returns a JSON document of a results folder.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }
}
