//! manifest.json: what made these results, and how to tell whether two folders hold the same.
//!
//! Holds neither time, thread count nor any path of the machine, so that the same run gives the same bytes.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json::{FORMAT_VERSION, document};
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::stopping::Stopping;

/// File name.
pub const NAME: &str = "manifest.json";

/// What is known about a run besides its results.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The command that repeats the run: "cellsim run scenarios/twilio.toml".
    pub command: String,
    /// Digests of the resolved scenario and of each input file: (name as written, hexadecimal SHA-256).
    pub digests: Vec<(String, String)>,
    /// Digest of what the samplers draw.
    pub sampler_digest: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format_version: u32,
    cellsim_version: &'a str,
    command: &'a str,
    name: &'a str,
    title: &'a str,
    seed: u64,
    warmup_seconds: f64,
    warmup_found: bool,
    horizon_seconds: f64,
    replications_asked: u32,
    replications_done: u32,
    stopping: Option<&'a Stopping>,
    inputs: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    priors: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    calibration: &'a [String],
    sampler_digest: &'a str,
    result_digest: String,
    files: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    sha256: String,
}

/// Returns the document for a folder with these other files: (name, content), in the order of the listing.
///
/// `result_digest` is the SHA-256 of all lines "digest, two spaces, name, line feed" of the CSV files in the order of
/// the listing: what `sha256sum` prints for them, digested again.
pub fn render(results: &Outcome, provenance: &Provenance, files: &[(String, Vec<u8>)]) -> String {
    let listed: Vec<Entry<'_>> = files.iter().map(|(name, content)| Entry { name, sha256: digest(content) }).collect();
    let tables = listed.iter().filter(|entry| entry.name.ends_with(".csv"));
    let lines: String = tables.map(|entry| format!("{}  {}\n", entry.sha256, entry.name)).collect();
    let inputs = provenance.digests.iter().map(|(name, sha256)| Entry { name, sha256: sha256.clone() });
    document(&Manifest {
        format_version: FORMAT_VERSION,
        cellsim_version: env!("CARGO_PKG_VERSION"),
        command: &provenance.command,
        name: &results.name,
        title: &results.title,
        seed: results.seed,
        warmup_seconds: results.requests().map_or(0.0, |requests| requests.warmup_seconds),
        warmup_found: results.requests().is_some_and(|requests| requests.warmup_found),
        horizon_seconds: results.horizon_seconds,
        replications_asked: results.replications_asked,
        replications_done: results.replications_done,
        stopping: results.stopping.as_ref(),
        inputs: inputs.collect(),
        priors: results.years().map_or(&[], |years| &years.priors),
        calibration: results.years().map_or(&[], |years| &years.calibration),
        sampler_digest: &provenance.sampler_digest,
        result_digest: digest(lines.as_bytes()),
        files: listed,
    })
}

/// Returns the document for another set of files: what is known of it stands before its inputs and files.
pub fn of_set(facts: &Value, provenance: &Provenance, files: &[(String, Vec<u8>)]) -> String {
    let entry = |(name, content): &(String, Vec<u8>)| serde_json::json!({ "name": name, "sha256": digest(content) });
    let listed: Vec<Value> = files.iter().map(entry).collect();
    let inputs = provenance.digests.iter();
    let inputs: Vec<Value> =
        inputs.map(|(name, sha256)| serde_json::json!({ "name": name, "sha256": sha256 })).collect();
    let mut value = serde_json::json!({
        "format_version": FORMAT_VERSION,
        "cellsim_version": env!("CARGO_PKG_VERSION"),
        "command": provenance.command,
        "sampler_digest": provenance.sampler_digest,
        "inputs": inputs,
        "files": listed,
    });
    if let (Some(all), Some(facts)) = (value.as_object_mut(), facts.as_object()) {
        all.extend(facts.clone());
    }
    document(&value)
}

/// A file that a manifest lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its name in the folder.
    pub(super) name: String,
    /// Its digest.
    pub(super) sha256: String,
}

/// Returns the files that a manifest of this program lists, but for names that lead elsewhere; none if it is no such manifest.
pub(super) fn listed(manifest: &[u8]) -> Vec<Listed> {
    let Ok(document) = serde_json::from_slice::<Value>(manifest) else { return Vec::new() };
    let is_ours = document.get("cellsim_version").is_some_and(Value::is_string);
    let files = document.get("files").and_then(Value::as_array).filter(|_| is_ours).cloned().unwrap_or_default();
    let text = |file: &Value, key| Some(file.get(key)?.as_str()?.to_owned());
    let read = |file: &Value| Some(Listed { name: text(file, "name")?, sha256: text(file, "sha256")? });
    files.iter().filter_map(read).filter(|listed| is_plain(&listed.name)).collect()
}

/// Returns whether a name stays in its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && Path::new(name).file_name().is_some_and(|last| last == name)
}

/// Returns the SHA-256 in hexadecimal.
pub(super) fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lists_names_of_its_folder_only() {
        let names = ["a.csv", "../b.csv", "/c.csv", "d/e.csv", ".f", "", "..", "g.csv/"];
        let files: Vec<Value> = names.iter().map(|name| serde_json::json!({ "name": name, "sha256": "0" })).collect();
        let manifest = serde_json::json!({ "cellsim_version": "1", "files": files });
        let listed = listed(manifest.to_string().as_bytes());
        assert_eq!(listed.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a.csv"]);
        for stranger in ["", "[]", "{}", "{\"files\": [{\"name\": \"a.csv\", \"sha256\": \"0\"}]}"] {
            assert_eq!(super::listed(stranger.as_bytes()), [], "{stranger}");
        }
    }
}
