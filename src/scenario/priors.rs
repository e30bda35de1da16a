//! Priors: what has been published about how often things fail and how long repair takes.
//!
//! They stand in until one's own incidents are counted. Shares of causes are shares of *written-up* incidents, not of all; repair
//! times come from public status pages, where long incidents are over-represented.

/// What a prior is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum About {
    /// Time to repair: log-normal with this median (minutes) and standard deviation of the logarithm.
    Repair {
        /// Median, in minutes.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Share of written-up incidents that have this cause.
    Share(f64),
}

/// One published number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Name in a scenario.
    pub name: &'static str,
    /// What it is about.
    pub about: About,
    /// Who published it.
    pub source: &'static str,
    /// When, and for which time.
    pub date: &'static str,
}

const WORKBOOK: &str = "Beyer et al., The Site Reliability Workbook, appendix C: thousands of written-up incidents";
const STATUS_PAGES: &str = "public incident reports of the provider's status pages";

/// All of them.
pub const PRIORS: [Prior; 9] = [
    Prior { name: "binary-release", about: About::Share(0.37), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior { name: "configuration", about: About::Share(0.31), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior { name: "user-behaviour", about: About::Share(0.09), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior { name: "processing-pipeline", about: About::Share(0.06), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior { name: "provider-change", about: About::Share(0.05), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior { name: "performance-decay", about: About::Share(0.05), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior { name: "hardware", about: About::Share(0.02), source: WORKBOOK, date: "2018, for 2010-2017" },
    Prior {
        name: "aws-repair",
        about: About::Repair { median: 125.0, sigma: 1.03 },
        source: STATUS_PAGES,
        date: "2018-2020",
    },
    Prior {
        name: "gcp-repair",
        about: About::Repair { median: 101.0, sigma: 1.46 },
        source: STATUS_PAGES,
        date: "2018-2020",
    },
];

/// Says a prior in one line: what, where from, when.
pub fn describe(prior: &Prior) -> String {
    let what = match prior.about {
        About::Repair { median, sigma } => format!("log-normal, median {median} min, sigma {sigma}"),
        About::Share(share) => format!("{:.0} % of written-up incidents", 100.0 * share),
    };
    format!("{}: {what} ({}; {})", prior.name, prior.source, prior.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_causes_are_shares() {
        let sum: f64 = PRIORS
            .iter()
            .map(|prior| match prior.about {
                About::Share(share) => share,
                About::Repair { .. } => 0.0,
            })
            .sum();
        assert!(sum < 1.0, "{sum}");
        assert!(PRIORS.iter().all(|prior| !prior.source.is_empty() && !prior.date.is_empty()));
    }
}
