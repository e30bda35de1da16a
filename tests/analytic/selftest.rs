//! The cases of `cellsim selftest`: Erlang B and C, finite room, stages in a row, caches, retries, zones, bad minutes.

use cellsim::experiment::Options;
use cellsim::experiment::selftest::{Verdict, cases, examine, level};

use crate::support::Patient;

#[test]
fn every_case_passes() {
    let cases = cases();
    let level = level(cases.iter().map(|case| case.checks.len()).sum());
    let options = Options { threads: Some(1), ..Options::default() };
    for case in &cases {
        let findings =
            examine(case, level, &options, &Patient).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        for finding in findings {
            println!("{finding:?}");
            assert_eq!(finding.verdict, Verdict::Passed, "{finding:#?}");
        }
    }
}
