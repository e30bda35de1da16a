//! `cellsim selftest`: theory against simulation.

use super::arguments::{Format, SelftestArguments};
use super::failure::Failure;
use super::progress::Progress;
use super::{interrupt, output};
use crate::experiment::selftest::{self, Case, Verdict};
use crate::experiment::{Options, Until};
use crate::report::exit_code::ExitCode;
use crate::report::selftest as report;

/// Runs the closed-form cases and prints how theory and simulation agree.
pub(super) fn selftest(arguments: &SelftestArguments) -> ExitCode {
    interrupt::listen();
    let mut cases = selftest::cases();
    if !arguments.cases.is_empty() {
        let known = |name: &&String| !cases.iter().any(|case| case.name == name.as_str());
        if let Some(name) = arguments.cases.iter().find(known) {
            let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
            output::error(&format!("there is no case `{name}`; there are {}", names.join(", ")));
            return ExitCode::Usage;
        }
        cases.retain(|case: &Case| arguments.cases.iter().any(|name| name == case.name));
    }
    // A case alone is judged as it is among all.
    let level = selftest::level(selftest::checks());
    let threads = arguments.threads.map(usize::from);
    let options = Options { threads, replications: None, seed: None, until: Until::Done };
    let mut findings = Vec::new();
    for case in &cases {
        let progress = Progress::new(arguments.quiet);
        let outcome = selftest::examine(case, level, &options, &progress);
        progress.finish();
        match outcome {
            Ok(found) => findings.extend(found),
            Err(problem) => return Failure::of_run(&problem).say(arguments.format),
        }
    }
    let passed = findings.iter().all(|finding| finding.verdict == Verdict::Passed);
    let code = if passed { ExitCode::Fine } else { ExitCode::Breached };
    let text = match (arguments.format, arguments.quiet) {
        (Format::Json, _) => report::json(&findings, level, code.number()),
        (Format::Text, false) => report::render(&cases, &findings, level, output::colour()),
        (Format::Text, true) => {
            let text = report::render(&cases, &findings, level, output::colour());
            text.split_inclusive('\n').take(1).collect()
        }
    };
    output::print(&text, code)
}
