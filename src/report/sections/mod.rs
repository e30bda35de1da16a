//! The sections of a run's summary, in the order in which they are shown.

pub mod expectations;
pub mod healthy;
pub mod sla;
pub mod spread;
pub mod stopping;
pub mod walls;
pub mod years;

use super::footnotes;
use super::section::Section;
use crate::experiment::outcome::{Found, Outcome};

/// Returns all sections of a run, from the results alone.
pub fn all(results: &Outcome) -> Vec<Section> {
    let mut sections = match &results.found {
        Found::Years(years) => {
            let mut sections = years::sections(results, years);
            sections.extend([healthy::section(results), expectations::section(results)]);
            sections
        }
        Found::Requests(requests) => vec![
            spread::section(results, requests),
            sla::section(results, requests),
            walls::section(results),
            healthy::section(results),
            expectations::section(results),
            stopping::section(results),
        ],
    };
    sections.retain(|section| !section.is_empty());
    footnotes::add(&mut sections, results);
    sections
}
