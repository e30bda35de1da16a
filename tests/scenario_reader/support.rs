//! A folder with files, a minimal scenario, and changes to it.

use std::path::{Path, PathBuf};

use cellsim::diagnostic::{Diagnostic, Diagnostics};
use cellsim::scenario::Scenario;

/// The minimal scenario of the reference.
pub(crate) const MINIMAL: &str = r#"[tier.smb]
customers = 1_000
customers_per_cell = { target = 100 }
sla = "99.9%"

[workflow.messaging]
demand = "0.5/s"
client.deadline = "2s"
stage.send.service_time = { p50 = "8ms", p99 = "40ms" }
stage.send.size = { utilization = "60%" }

[fault.crash]
strikes = { workflow = "messaging", tier = "smb", cell = 1 }
effect = "crash"
at = "2min"
for = "2min"
"#;

/// A folder that goes away with the test.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn read(&self, text: &str) -> Result<Scenario, Diagnostics> {
        Scenario::read(&self.file("scenario.toml", text), &[])
    }
}

/// Reads a text.
pub(crate) fn read(text: &str) -> Result<Scenario, Diagnostics> {
    Folder::new().read(text)
}

/// Reads the minimal scenario with more text below it.
pub(crate) fn read_with(more: &str) -> Result<Scenario, Diagnostics> {
    read(&format!("{MINIMAL}{more}"))
}

/// Reads the minimal scenario with a part of its text replaced.
pub(crate) fn read_changed(from: &str, to: &str) -> Result<Scenario, Diagnostics> {
    assert!(MINIMAL.contains(from), "{from} is not in the minimal scenario");
    read(&MINIMAL.replacen(from, to, 1))
}

/// Returns the first problem, which must underline this text.
#[track_caller]
pub(crate) fn problem(result: Result<Scenario, Diagnostics>, underlined: &str) -> Diagnostic {
    let Err(problems) = result else { panic!("there is no problem") };
    let first = problems.0.first().cloned().unwrap();
    let text = first.span.clone().map(|span| first.source[span].to_owned());
    assert_eq!(text.as_deref(), Some(underlined), "{}", problems.render(false, 120));
    assert!(first.render(false, 120).contains(" --> "));
    first
}
