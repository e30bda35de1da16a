//! `cellsim compare`: designs on the same requests.

use super::arguments::{CompareArguments, Format};
use super::progress::Progress;
use super::run::said;
use super::{interrupt, output, place};
use crate::experiment::compare::{Comparison, compare as run};
use crate::experiment::{Options, Until};
use crate::report::exit_code::ExitCode;
use crate::report::{compare as report, folder};
use crate::scenario::Scenario;

/// Compares scenarios, writes the table and prints it.
pub(super) fn compare(arguments: &CompareArguments) -> ExitCode {
    interrupt::listen();
    let mut scenarios = Vec::new();
    for file in &arguments.files {
        match Scenario::read(file, &arguments.sets) {
            Ok(scenario) => scenarios.push(scenario),
            Err(problems) => return output::diagnostics(&problems),
        }
    }
    tell_apart(&mut scenarios);
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let target = arguments.out.clone().unwrap_or_else(|| ["results", "compare", &names.join("-")].iter().collect());
    if let Err(problem) = folder::check(&target) {
        output::error(&problem.to_string());
        return ExitCode::Failed;
    }
    let options = Options {
        threads: arguments.threads.map(usize::from),
        replications: arguments.replications,
        seed: arguments.seed,
        until: Until::Done,
    };
    let progress = Progress::new(arguments.quiet);
    let outcome = run(&scenarios, &options, &progress);
    progress.finish();
    let comparison = match outcome {
        Ok(comparison) => comparison,
        Err(problem) => return said(&problem),
    };
    let code = exit_code(&comparison);
    let json = report::json(&comparison, &place::compare_command(arguments), code.number());
    let table = report::csv(&comparison);
    for (name, content) in [("compare.csv", table.as_slice()), ("compare.json", json.as_bytes())] {
        if let Err(problem) = folder::write_single(&target.join(name), content) {
            output::error(&problem.to_string());
            return ExitCode::Failed;
        }
    }
    let text = match (arguments.format, arguments.quiet) {
        (Format::Json, _) => json,
        (Format::Text, quiet) => {
            let text = report::render(&comparison, output::colour());
            if quiet {
                text.split_inclusive('\n').take_while(|line| !line.trim().is_empty()).collect()
            } else {
                format!("{text}{}/  compare.csv, compare.json\n", target.display())
            }
        }
    };
    output::print(&text, code)
}

/// Files of one name in several folders, and one file twice, get numbers.
fn tell_apart(scenarios: &mut [Scenario]) {
    for index in 1..scenarios.len() {
        let name = scenarios[index].name.clone();
        let alike =
            scenarios[..index].iter().filter(|other| other.name == name || other.name.starts_with(&format!("{name}#")));
        let alike = alike.count();
        if alike > 0 {
            scenarios[index].name = format!("{name}#{}", alike + 1);
        }
    }
}

/// Another demand is another question, and an interrupted comparison is none yet.
fn exit_code(comparison: &Comparison) -> ExitCode {
    let whole = comparison.replications_done == comparison.replications_asked;
    if comparison.demand_differs.is_empty() && whole { ExitCode::Fine } else { ExitCode::Undecided }
}
