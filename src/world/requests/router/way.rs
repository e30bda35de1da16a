//! The way through the router of an attempt that is not in the cache: what comes next at each step, and when.

use super::homes::Homes;
use super::{Answer, Router};
use crate::scenario::fault::RouterStep;
use crate::units::Nanos;
use crate::world::operations::effects::{Admission, Facts};
use crate::world::platform::population::NONE;
use crate::world::requests::attempt::{Attempt, AttemptId, Path};
use crate::world::requests::setting::Setting;

/// An attempt that seeks its cell, now.
#[derive(Clone, Copy)]
pub struct Seeker<'a> {
    /// Its number.
    pub id: AttemptId,
    /// It.
    pub attempt: &'a Attempt,
    /// What does not change.
    pub setting: &'a Setting,
    /// Who lives where.
    pub homes: &'a Homes,
    /// Now.
    pub now: Nanos,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It asks the store, now.
    Store,
    /// It waits for the store, which answers then; `NEVER` while it stands still.
    Answer(Nanos),
    /// A new customer is placed: that is done then.
    Placement(Nanos),
    /// Its cell is known, in this way.
    Found(Path, Sent),
    /// It cannot be routed.
    Nowhere,
    /// It vanishes.
    Lost,
    /// Its client has left meanwhile.
    Unneeded,
}

/// What becomes of an attempt on the network to its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It arrives then.
    Arrives(Nanos),
    /// It cannot be sent.
    Refused,
    /// It vanishes.
    Lost,
}

impl Seeker<'_> {
    /// Returns what faults may tell it by.
    fn facts(&self) -> Facts {
        self.attempt.facts(self.setting)
    }
}

impl Router {
    /// How long a step takes for an attempt.
    #[inline]
    fn takes(&self, step: RouterStep, seeker: &Seeker) -> Nanos {
        self.latency(step, seeker.attempt.key, || seeker.facts())
    }

    /// The cell is known, in this way: over the network to it, after `wait`.
    #[inline]
    pub fn send(&self, seeker: &Seeker, path: Path, wait: Nanos) -> Next {
        let sent = match self.admit(RouterStep::Network, || seeker.facts()) {
            Admission::Pass => {
                let latency = self.takes(RouterStep::Network, seeker);
                Sent::Arrives(seeker.now.saturating_add(wait).saturating_add(latency))
            }
            Admission::Refuse | Admission::Error => Sent::Refused,
            Admission::Swallow => Sent::Lost,
        };
        Next::Found(path, sent)
    }

    /// Decides what comes next where a fault bears on the cache; `None`: it is asked all the same.
    pub fn without_cache(&self, seeker: &Seeker) -> Option<Next> {
        match self.admit(RouterStep::Cache, || seeker.facts()) {
            Admission::Pass => None,
            Admission::Refuse | Admission::Error if self.cache_asks_store => Some(Next::Store),
            Admission::Refuse | Admission::Error => Some(Next::Nowhere),
            Admission::Swallow => Some(Next::Lost),
        }
    }

    /// The cache knows the cell.
    #[inline]
    pub fn after_hit(&self, seeker: &Seeker) -> Next {
        self.send(seeker, Path::Hit, self.takes(RouterStep::Cache, seeker))
    }

    /// The cache does not know it: returns when the store is asked.
    #[inline]
    pub fn after_miss(&self, seeker: &Seeker) -> Nanos {
        seeker.now.saturating_add(self.takes(RouterStep::Cache, seeker))
    }

    /// The lookup reaches the store; returns what comes next, and whether the store was asked for it.
    pub fn at_store(&mut self, seeker: &Seeker) -> (Next, bool) {
        match self.admit(RouterStep::Store, || seeker.facts()) {
            Admission::Pass => {}
            Admission::Refuse | Admission::Error => return (self.without_store(seeker), false),
            Admission::Swallow => return (Next::Lost, false),
        }
        let latency = self.takes(RouterStep::Store, seeker);
        match self.ask(seeker.id, seeker.attempt.request.sub, seeker.attempt.key, latency, seeker.now) {
            Answer::At { ready, is_shared } => (Next::Answer(ready), !is_shared),
            Answer::Full => (self.without_store(seeker), true),
        }
    }

    /// The store cannot answer: the last known mapping serves, or nothing does.
    fn without_store(&self, seeker: &Seeker) -> Next {
        let Seeker { setting, homes, now, .. } = *seeker;
        let (platform, sub) = (&setting.platform, seeker.attempt.request.sub);
        let customer = platform.population.key.nth(u64::from(setting.customer(sub)));
        let is_older = |ago| homes.was_placed(platform, sub, ago, now);
        if !self.remembers(customer, is_older) || homes.of(platform, sub) == NONE {
            return Next::Nowhere;
        }
        self.send(seeker, Path::LocalCopy, 0)
    }

    /// Returns whether an answer of the store that is due was put off, or has been given already.
    #[inline]
    pub fn is_put_off(&mut self, seeker: &Seeker) -> bool {
        self.pace.as_mut().is_some_and(|pace| !pace.takes(seeker.id, seeker.now))
    }

    /// The store has answered: it knows the cell, or a new customer is placed.
    pub fn after_store(&mut self, seeker: &Seeker) -> Next {
        let Seeker { attempt, setting, homes, now, .. } = *seeker;
        let sub = attempt.request.sub;
        let found = homes.was_placed(&setting.platform, sub, self.replication_lag, now);
        self.answered(sub, found, attempt.has_client(), now);
        if !attempt.has_client() {
            return Next::Unneeded;
        }
        if found {
            return self.send(seeker, attempt.path, 0);
        }
        match self.admit(RouterStep::Placement, || seeker.facts()) {
            Admission::Pass => {
                let latency = self.takes(RouterStep::Placement, seeker);
                Next::Placement(now.saturating_add(self.placing(latency, attempt.key)))
            }
            Admission::Refuse | Admission::Error => Next::Nowhere,
            Admission::Swallow => Next::Lost,
        }
    }

    /// A new customer has been given a cell (or already had one, when the store's replica lagged).
    pub fn after_placement(&self, seeker: &Seeker) -> Next {
        if seeker.attempt.has_client() { self.send(seeker, Path::New, 0) } else { Next::Unneeded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event_list::EventList;
    use crate::engine::rng::Key;
    use crate::scenario::fault::Effect;
    use crate::units::MILLISECOND;
    use crate::world::operations::effects::Strike;
    use crate::world::requests::demand::arrivals::Arrival;
    use crate::world::requests::setting::tests::setting;

    const NOW: Nanos = 5 * MILLISECOND;

    /// Asks a router of 2 ms for the cache, 10 ms for the store, 0 for the network, about an attempt whose client waits or does not.
    fn asked<T>(
        more: &str,
        struck: &[(RouterStep, Effect)],
        waits: bool,
        ask: impl Fn(&mut Router, &Seeker) -> T,
    ) -> T {
        let setting = setting(more);
        let spec = setting.platform.router.as_ref().expect("there is a router");
        let mut router = Router::new(spec, setting.subscriptions(), &mut EventList::new());
        for &(step, effect) in struck {
            let (place, destination, zone, tier) = (None, None, None, None);
            let key = Key(1);
            let effects = vec![effect];
            router.struck(
                step,
                vec![Strike { activation: 0, key, place, destination, zone, tier, detected: false, effects }],
            );
        }
        let mut attempt = Attempt::new(&Arrival { at: 0, key: Key(2), sub: 0, class: 0, surge: false });
        if waits {
            attempt.begin(0, 0, 1000 * MILLISECOND);
        }
        let homes = Homes::new(&setting);
        ask(&mut router, &Seeker { id: AttemptId(0), attempt: &attempt, setting: &setting, homes: &homes, now: NOW })
    }

    #[test]
    fn a_miss_asks_the_store_which_knows_the_cell() {
        assert_eq!(asked("", &[], true, |router, seeker| router.after_miss(seeker)), NOW + 2 * MILLISECOND);
        let (next, is_asked) = asked("", &[], true, Router::at_store);
        assert_eq!((next, is_asked), (Next::Answer(NOW + 10 * MILLISECOND), true));
        let answer = |router: &mut Router, seeker: &Seeker| {
            router.at_store(seeker);
            router.after_store(seeker)
        };
        assert!(matches!(asked("", &[], true, answer), Next::Found(_, Sent::Arrives(NOW))));
        assert_eq!(asked("", &[], false, answer), Next::Unneeded);
    }

    #[test]
    fn what_is_down_says_so_or_nothing() {
        let send = |router: &mut Router, seeker: &Seeker| router.send(seeker, Path::Hit, 0);
        let network = |effect| asked("", &[(RouterStep::Network, effect)], true, send);
        assert_eq!(network(Effect::Crash), Next::Found(Path::Hit, Sent::Refused));
        assert_eq!(network(Effect::Blackhole), Next::Found(Path::Hit, Sent::Lost));
        let store = |effect| asked("", &[(RouterStep::Store, effect)], true, Router::at_store);
        assert_eq!(store(Effect::Crash), (Next::Nowhere, false));
        assert_eq!(store(Effect::Blackhole), (Next::Lost, false));
    }

    #[test]
    fn without_its_cache_it_asks_the_store_or_fails() {
        let cache = |more: &str, effect| {
            asked(more, &[(RouterStep::Cache, effect)], true, |router, seeker| router.without_cache(seeker))
        };
        assert_eq!(cache("", Effect::Slow { factor: 2.0, shift: 0 }), None, "slow, and asked all the same");
        assert_eq!(cache("[router.when_down]\ncache = \"ask-store\"\n", Effect::Crash), Some(Next::Store));
        assert_eq!(cache("[router.when_down]\ncache = \"fail\"\n", Effect::Crash), Some(Next::Nowhere));
        assert_eq!(cache("", Effect::Blackhole), Some(Next::Lost));
    }

    #[test]
    fn a_slow_cache_delays_its_hits() {
        let slow = [(RouterStep::Cache, Effect::Slow { factor: 3.0, shift: 0 })];
        let next = asked("", &slow, true, |router, seeker| router.after_hit(seeker));
        assert_eq!(next, Next::Found(Path::Hit, Sent::Arrives(NOW + 6 * MILLISECOND)));
    }
}
