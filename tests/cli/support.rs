//! A folder to run the command in, and a scenario that takes no time.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// One tier, one workflow, one fault, a few thousand requests.
pub(crate) const SCENARIO: &str = r#"title = "Small"

[tier.smb]
customers = 40
customers_per_cell = { target = 10 }
sla = "99.9%"

[workflow.messaging]
demand = "0.5/s"
client.deadline = "2s"
stage.send.service_time = { p50 = "8ms", p99 = "40ms" }
stage.send.size = { utilization = "60%" }

[fault.crash]
strikes = { workflow = "messaging", tier = "smb", cell = 1 }
effect = "crash"
at = "1min"
for = "1min"

[run]
warmup = "10s"
horizon = "4min"
replications = 3
seed = 7
"#;

/// An expectation about the crash.
pub(crate) fn expect(limit: &str) -> String {
    format!("\n[[expect]]\nmetric = \"blast_radius\"\nfault = \"crash\"\nmean = {{ at_most = \"{limit}\" }}\n")
}

/// A folder that goes away with the test.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    /// Returns a folder with `scenarios/small.toml` in it.
    pub(crate) fn with(scenario: &str) -> Folder {
        let folder = Folder { folder: tempfile::tempdir().unwrap() };
        folder.file("scenarios/small.toml", scenario);
        folder
    }

    pub(crate) fn file(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Returns the names in a folder, sorted.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        names(&self.path(name))
    }

    /// Returns the command, to be run in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cellsim"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("COLUMNS").stdin(Stdio::null());
        command
    }

    /// Runs the command in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs the scenario with these options besides.
    pub(crate) fn simulate(&self, options: &[&str]) -> Ended {
        self.run(&[&["run", "scenarios/small.toml"], options].concat())
    }
}

/// Returns the names in a folder, sorted; none if there is no such folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// How the command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Ended {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ended = Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    /// Checks the exit code, and shows everything if it is another.
    pub(crate) fn code(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
}
