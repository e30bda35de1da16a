//! The results beside the project are those of the scenarios beside them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Returns the manifests below a folder. A package is without results.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(manifests(&path));
        } else if path.file_name().is_some_and(|name| name == "manifest.json") {
            found.push(path);
        }
    }
    found
}

fn sha256(path: &Path) -> String {
    let content = std::fs::read(path).unwrap_or_default();
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn results_are_of_the_scenarios_as_they_are_now() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut old = Vec::new();
    for manifest in manifests(&root.join("results")) {
        let document: Value = serde_json::from_str(&std::fs::read_to_string(&manifest).unwrap()).unwrap();
        let folder = manifest.parent().unwrap();
        let listed = |list: &str| document[list].as_array().cloned().unwrap_or_default();
        // The digest of the scenario as it was resolved has no file of its own: that of its files tells the same.
        let inputs =
            listed("inputs").into_iter().filter(|input| input["name"] != "scenario").map(|input| (root, input));
        let files = listed("files").into_iter().map(|file| (folder, file));
        for (beside, entry) in inputs.chain(files) {
            let path = beside.join(entry["name"].as_str().unwrap());
            if entry["sha256"] != sha256(&path) {
                old.push(format!("{} tells of another {}", manifest.display(), path.display()));
            }
        }
        if document["cellsim_version"] != env!("CARGO_PKG_VERSION") {
            old.push(format!("{} is of another version", manifest.display()));
        }
    }
    assert!(old.is_empty(), "make these results anew:\n{}", old.join("\n"));
}
