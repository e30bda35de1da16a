//! Faults that bear on customers wherever they are: errors in their requests, and demand that they do without.

use super::arrivals::Arrival;
use crate::engine::rng::Slot;
use crate::scenario::fault::Effect;
use crate::world::operations::effects::{self, Admission, Strike};
use crate::world::platform::scope::Target;
use crate::world::requests::attempt::Attempt;
use crate::world::requests::setting::Setting;

const THINNING: Slot = Slot::named("fault/thinning");

/// What bears on customers now; nearly always nothing.
#[derive(Debug, Clone, Default)]
pub struct CustomerStrikes(Vec<Strike>);

impl CustomerStrikes {
    /// Returns those among the strikes of what is active that bear on customers.
    pub fn among(setting: &Setting, active: impl Iterator<Item = Strike>) -> CustomerStrikes {
        let target = |strike: &Strike| &setting.activations[strike.activation as usize].target;
        CustomerStrikes(active.filter(|strike| matches!(target(strike), Target::Customers { .. })).collect())
    }

    /// Returns whether nothing bears on anybody.
    #[inline]
    pub fn are_quiet(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a demand fault below 1 takes this request away.
    pub fn take_away(&self, setting: &Setting, arrival: &Arrival) -> bool {
        let is_taken = |strike: &Strike, factor: f64| {
            factor < 1.0
                && bears_on(strike, setting, arrival.class, || setting.customer(arrival.sub))
                && arrival.key.uniform(Slot(THINNING.0 ^ strike.key.0)) >= factor
        };
        self.0.iter().any(|strike| {
            strike.effects.iter().any(|effect| match *effect {
                Effect::Demand { factor } => is_taken(strike, factor),
                _ => false,
            })
        })
    }

    /// Returns whether an error fault strikes this attempt.
    pub fn spoil(&self, setting: &Setting, attempt: &Attempt) -> bool {
        let facts = attempt.facts(setting);
        self.0.iter().any(|strike| {
            bears_on(strike, setting, attempt.request.class, || facts.customer)
                && effects::admit(std::slice::from_ref(strike), None, &facts) == Admission::Error
        })
    }
}

fn bears_on(strike: &Strike, setting: &Setting, class: u16, customer: impl FnOnce() -> u32) -> bool {
    setting.activations[strike.activation as usize].target.is_struck(&setting.platform, class, customer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Key;
    use crate::world::platform::population::SubId;
    use crate::world::requests::setting::tests::setting;

    fn strikes(setting: &Setting) -> CustomerStrikes {
        CustomerStrikes::among(setting, (0..setting.activations.len() as u32).map(|index| setting.strike(index, 0)))
    }

    fn fault(strikes: &str, effect: &str) -> String {
        format!(
            "[fault.f]\nstrikes = {{ {strikes} }}\neffect = {{ {effect} }}\nat = \"1s\"\nfor = \"1s\"\n\
             [fault.g]\nstrikes = {{ workflow = \"w\" }}\neffect = \"crash\"\nat = \"1s\"\nfor = \"1s\"\n"
        )
    }

    /// Of the first class are subscriptions 0 to 3, of the second 4 to 9.
    fn arrivals(sub: SubId) -> impl Iterator<Item = Arrival> {
        let class = u16::from(sub > 3);
        (0..1000).map(move |n| Arrival { at: n, key: Key(9).nth(n), sub, class, surge: false })
    }

    #[test]
    fn nearly_always_nothing() {
        assert!(CustomerStrikes::default().are_quiet());
        let setting = setting(&fault("customer = \"big/1\"", "errors = \"100%\""));
        assert_eq!(strikes(&setting).0.len(), 1, "a fault on cells is none on customers");
    }

    #[test]
    fn errors_spoil_the_attempts_of_those_who_are_struck() {
        let setting = setting(&fault("customer = \"big/1\"", "errors = \"100%\""));
        let spoils = |sub| arrivals(sub).filter(|one| strikes(&setting).spoil(&setting, &Attempt::new(one))).count();
        assert_eq!((spoils(0), spoils(1), spoils(4)), (1000, 0, 0));
    }

    #[test]
    fn demand_below_one_takes_its_share_away() {
        let setting = setting(&fault("tier = \"big\"", "demand = 0.4"));
        let strikes = strikes(&setting);
        let taken = |sub| arrivals(sub).filter(|one| strikes.take_away(&setting, one)).count();
        assert!((550..650).contains(&taken(0)), "{}", taken(0));
        assert_eq!(taken(4), 0);
    }
}
