//! A results folder as its seal says it is: whatever is missing, changed or of another program is refused by name.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::grid::Grid;
use crate::files;
use crate::printable::in_a_line;
use crate::report::folder::COMPARISON;
use crate::report::json::FORMAT_VERSION;
use crate::report::manifest;

/// Most bytes of one file of a folder.
const LARGEST: u64 = 64_000_000;

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Results of a run.
    Run,
    /// Designs compared.
    Comparison,
    /// Many points of a design.
    Sweep,
}

/// A folder that fits its seal.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The folder, as it may be shown: its own name, not where it lies.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// manifest.json, or compare.json.
    pub seal: Value,
    files: BTreeMap<String, String>,
}

impl Sealed {
    /// Reads a folder.
    ///
    /// # Errors
    /// It has no seal, the seal is not of this program's format, or a file is not the one that was sealed.
    pub fn read(folder: &Path) -> Result<Sealed, String> {
        let shown = in_a_line(&folder.display().to_string()).into_owned();
        if !folder.is_dir() {
            return Err(format!("{shown} is no folder: name the folder that `cellsim run` wrote, as results/twilio"));
        }
        let name = folder.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
        let name = in_a_line(&name).into_owned();
        let [table, document] = COMPARISON;
        match (folder.join(manifest::NAME).exists(), folder.join(document).exists()) {
            (true, _) => {
                let seal = seal(folder, &shown, manifest::NAME)?;
                let files = listed(folder, &shown, &seal)?;
                let kind = match ["summary.csv", "points.csv"].map(|table| files.contains_key(table)) {
                    [true, _] => Kind::Run,
                    [false, true] => Kind::Sweep,
                    [false, false] => return Err(format!("{shown}/{} lists no tables of a run", manifest::NAME)),
                };
                Ok(Sealed { name, kind, seal, files })
            }
            (false, true) => {
                let seal = seal(folder, &shown, document)?;
                let text = text(folder, &shown, table)?;
                let lines = Grid::read(&text).map_err(|problem| format!("{shown}/{table}: {problem}"))?.rows.len();
                let told = seal["comparison"]["differences"].as_array().map_or(0, Vec::len);
                if lines != told {
                    return Err(format!(
                        "{shown}/{table} has {lines} lines, {document} tells of {told}: they are not of one run"
                    ));
                }
                Ok(Sealed { name, kind: Kind::Comparison, seal, files: BTreeMap::from([(table.to_owned(), text)]) })
            }
            (false, false) => Err(format!(
                "{shown} has no {}: it holds no results, or a run was ended while it wrote them",
                manifest::NAME
            )),
        }
    }

    /// Returns a file's text, if the folder has it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// Returns a table; `None` if the folder has none of this name.
    pub fn table(&self, name: &str) -> Option<Grid> {
        Grid::read(self.text(name)?).ok()
    }

    /// Returns the names of the files that end like this, in the order in which the run lists them.
    pub fn names<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = &'a str> {
        let listed = self.seal["files"].as_array().into_iter().flatten();
        listed.filter_map(|file| file["name"].as_str()).filter(move |name| name.ends_with(ending))
    }

    /// Returns a text of the seal; empty if it has none.
    pub fn said(&self, key: &str) -> &str {
        self.seal[key].as_str().unwrap_or_default()
    }

    /// Returns the digest of an input: of the resolved scenario under the name "scenario".
    pub fn input(&self, name: &str) -> Option<&str> {
        let inputs = self.seal["inputs"].as_array()?;
        inputs.iter().find(|input| input["name"] == name)?["sha256"].as_str()
    }
}

/// Reads a seal.
fn seal(folder: &Path, shown: &str, name: &str) -> Result<Value, String> {
    let text = text(folder, shown, name)?;
    let seal: Value =
        serde_json::from_str(&text).map_err(|problem| format!("{shown}/{name} is no JSON document: {problem}"))?;
    match seal["format_version"].as_u64() {
        Some(version) if version == u64::from(FORMAT_VERSION) && seal["cellsim_version"].is_string() => Ok(seal),
        Some(version) => Err(format!(
            "{shown}/{name} is of format {version}, this program reads {FORMAT_VERSION}: run `{}` again",
            in_a_line(seal["command"].as_str().unwrap_or("cellsim run"))
        )),
        None => Err(format!("{shown}/{name} is not of cellsim: it has no format_version")),
    }
}

/// Reads all files that a manifest lists, and holds them to their digests.
fn listed(folder: &Path, shown: &str, seal: &Value) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    for file in manifest::listed(seal.to_string().as_bytes()) {
        let name = in_a_line(&file.name).into_owned();
        let content = bytes(folder, shown, &file.name)?;
        if manifest::digest(&content) != file.sha256 {
            return Err(format!("{shown}/{name} has changed since {} was written: run it again", manifest::NAME));
        }
        // Pictures are no text, and not needed.
        if let Ok(text) = String::from_utf8(content) {
            found.insert(file.name, text);
        }
    }
    Ok(found)
}

fn bytes(folder: &Path, shown: &str, name: &str) -> Result<Vec<u8>, String> {
    files::read(&folder.join(name), LARGEST)
        .map_err(|problem| format!("cannot read {shown}/{}: {problem}", in_a_line(name)))
}

fn text(folder: &Path, shown: &str, name: &str) -> Result<String, String> {
    String::from_utf8(bytes(folder, shown, name)?).map_err(|_| format!("{shown}/{name} is no text"))
}
