//! Reading a law that a published number stands in for.

use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Kind};
use super::keys::Keys;
use super::priors::{self, PRIORS};
use super::values;
use crate::engine::law::Law;
use crate::units::{MINUTE, Nanos};

/// Which published number.
pub(super) const PRIOR: About = About::new("prior", Kind::Name("prior"), "a [published number](#priors)")
    .required_if("required with `of_incidents_every`", "prior = \"aws-repair\"");
/// How often an incident of any cause is written up.
pub(super) const OF_INCIDENTS_EVERY: Key<Nanos> = key::positive_duration(
    "of_incidents_every",
    "with a `prior` that is a share of incidents: how often an incident of any cause is written up",
);

/// Reads `{ prior = "aws-repair" }`, or `{ prior = "configuration", of_incidents_every = "30d" }`: the mean time between incidents
/// of that cause, if written-up incidents of any cause happen so often.
pub(super) fn prior(keys: &Keys<'_>) -> Option<Law> {
    let context = keys.context;
    let names: Vec<&str> = PRIORS.iter().map(|prior| prior.name).collect();
    let which = keys.required(&PRIOR, |node| values::reference(node, "prior", &names));
    let every = keys.read(&OF_INCIDENTS_EVERY);
    let prior = &PRIORS[which?];
    match (prior.about, every) {
        (priors::About::Repair { median, sigma }, None) => {
            context.used_prior(prior);
            Some(Law::LogNormal { mu: libm::log(median * MINUTE as f64), sigma })
        }
        (priors::About::Share(share), Some(every)) => {
            context.used_prior(prior);
            Some(Law::Exponential { mean: every as f64 / share })
        }
        (priors::About::Repair { .. }, Some(_)) => {
            let place = keys.entry(&OF_INCIDENTS_EVERY).map_or(keys.place, |entry| &entry.key_place);
            context.problem(place.error("a repair time is no share of incidents", "has no effect here"));
            None
        }
        (priors::About::Share(share), None) => {
            let message = format!("{:.0} % of how many incidents?", 100.0 * share);
            let help = "add `of_incidents_every = \"30d\"`: how often an incident of any cause is written up";
            context.problem(keys.place.error(message, "a share of incidents").help(help));
            None
        }
    }
}
