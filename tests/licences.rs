//! What is built in may be given away under the terms of this project.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::Command;

use serde_json::Value;
use spdx::expression::Expression;
use spdx::{LicenseItem, ParseMode};

/// Licences without duties beyond naming them.
const PERMISSIVE: [&str; 10] =
    ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib"];

/// Of the project itself: its fonts.
const FONTS: &str = "OFL-1.1";

fn metadata() -> Value {
    let arguments = ["metadata", "--locked", "--format-version", "1"];
    let told = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
}

#[test]
#[ignore = "reads the manifests of all platforms' crates, which a build for one does not download"]
fn every_crate_has_a_permissive_licence() {
    let mut others = Vec::new();
    for package in metadata()["packages"].as_array().unwrap() {
        let (name, licence) = (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or("none"));
        let is_fine = Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|expression| {
            expression.evaluate(|asked| match &asked.license {
                LicenseItem::Spdx { id, .. } => {
                    PERMISSIVE.contains(&id.name) || name == env!("CARGO_PKG_NAME") && id.name == FONTS
                }
                LicenseItem::Other { .. } => false,
            })
        });
        if !is_fine {
            others.push(format!("{name}: {licence}"));
        }
    }
    assert!(others.is_empty(), "not permissive, or not told in SPDX's terms:\n{}", others.join("\n"));
}
