//! `cellsim compare`: designs on the same requests.

use super::arguments::{CompareArguments, Format};
use super::failure::Failure;
use super::one::begin;
use super::progress::Progress;
use super::{interrupt, output, place};
use crate::experiment::Until;
use crate::experiment::compare::{Comparison, compare as run};
use crate::printable::in_a_line;
use crate::report::exit_code::ExitCode;
use crate::report::{compare as report, csv, folder};
use crate::scenario::Scenario;

/// Compares scenarios, writes the table and prints it.
pub(super) fn compare(arguments: &CompareArguments) -> ExitCode {
    interrupt::begin(&arguments.histories);
    match designs(arguments) {
        Ok((text, code)) => output::print(&text, code),
        Err(failure) => failure.say(arguments.format),
    }
}

fn designs(arguments: &CompareArguments) -> Result<(String, ExitCode), Failure> {
    let mut scenarios = Vec::new();
    for file in &arguments.files {
        let scenario = Scenario::read(file, &arguments.sets).map_err(Failure::scenario)?;
        if let Some(problem) = arguments.histories.doubled(&scenario) {
            return Err(Failure::usage(&problem));
        }
        scenarios.push(scenario);
    }
    tell_apart(&mut scenarios);
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let target = arguments.out.clone().unwrap_or_else(|| ["results", "compare", &names.join("-")].iter().collect());
    Failure::of_folder(folder::check(&target))?;
    for scenario in &scenarios {
        begin(scenario, &arguments.histories, Until::Done, arguments.quiet)?;
    }
    let options = arguments.histories.options(Until::Done);
    let progress = Progress::new(arguments.quiet);
    let outcome = run(&scenarios, &options, &progress);
    progress.finish();
    let comparison = outcome.map_err(|problem| Failure::of_run(&problem))?;
    let code = exit_code(&comparison);
    let json = report::json(&comparison, &place::compare_command(arguments), code.number());
    let table = csv::comparison(&comparison);
    let written = folder::write_comparison(&target, &table, json.as_bytes());
    written.map_err(|problem| Failure::failed(&problem.to_string()))?;
    let text = match (arguments.format, arguments.quiet) {
        (Format::Json, _) => json,
        (Format::Text, quiet) => {
            let text = report::render(&comparison, output::colour());
            if quiet {
                text.split_inclusive('\n').take_while(|line| !line.trim().is_empty()).collect()
            } else {
                format!("{text}{}/  {}\n", in_a_line(&target.display().to_string()), folder::COMPARISON.join(", "))
            }
        }
    };
    Ok((text, code))
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
