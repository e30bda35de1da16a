//! The reference tells the truth.

use cellsim::scenario::metrics::METRICS;

use crate::support::{MINIMAL, read};

const REFERENCE: &str = include_str!("../../docs/scenario.md");

#[test]
fn the_minimal_file_of_the_reference_is_the_one_tested() {
    assert!(REFERENCE.contains(MINIMAL));
}

#[test]
fn every_metric_is_in_the_reference_with_its_statistics() {
    for metric in METRICS {
        let row = format!("| `{}` | {} |", metric.name, metric.statistics.join(", "));
        assert!(REFERENCE.contains(&row), "{row}");
    }
}

/// Unknown keys make the readers list what they know: each of those must be in the reference.
#[test]
fn every_known_key_is_in_the_reference() {
    let scenario = format!(
        "nokey = 1\n{MINIMAL}nokey = 1\n[contract]\nnokey = 1\n[client]\nnokey = 1\nbackoff.nokey = 1\n[stage]\nnokey = 1\n\
         size.nokey = 1\ninstance.nokey = 1\n[cells]\nnokey = 1\n[cost]\nnokey = 1\n[run]\nnokey = 1\n[router]\nnokey = 1\n\
         cache.nokey = 1\nstore.nokey = 1\nplacement.nokey = 1\nnetwork.nokey = 1\nwhen_down.nokey = 1\n\
         local_copy.nokey = 1\n[workflow.messaging.tier.smb]\nnokey = 1\n[tier.smb.contract]\nnokey = 1\n"
    );
    let problems = read(&scenario.replace("sla =", "nokey = 1\nsla =")).unwrap_err();
    let mut checked = 0;
    for list in problems.0.iter().flat_map(|one| one.notes.iter().chain(&one.help)) {
        let Some(keys) = list.strip_prefix("known keys: ") else { continue };
        for key in keys.split(", ") {
            let parts =
                [format!("`{key}`"), format!(".{key}`"), format!("{key} ="), format!("`{key}."), format!("[{key}")];
            assert!(parts.iter().any(|part| REFERENCE.contains(part)), "{key} is not in the reference");
            checked += 1;
        }
    }
    assert!(checked > 60, "only {checked} keys were listed");
}
