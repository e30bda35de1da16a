//! Homes: which cell a subscription lives in, and who has been placed since the beginning.

use crate::units::{NEVER, Nanos};
use crate::world::platform::Platform;
use crate::world::platform::placement::Placer;
use crate::world::platform::population::{NONE, SubId};
use crate::world::requests::setting::Setting;

/// Homes of those who join later; the others' are the platform's.
#[derive(Debug, Clone)]
pub struct Homes {
    /// Home of each newcomer's subscription, `NONE` before its placement, and when it was placed.
    newcomers: Vec<(u32, Nanos)>,
    placers: Vec<Placer>,
}

impl Homes {
    /// Returns the homes at the beginning: no newcomer has one.
    pub fn new(setting: &Setting) -> Homes {
        let newcomers = vec![(NONE, NEVER); setting.newcomers.subs.len()];
        let placers = if newcomers.is_empty() { Vec::new() } else { setting.platform.placers.clone() };
        Homes { newcomers, placers }
    }

    /// Returns the home of a subscription; `NONE` for a newcomer that has not been placed.
    #[inline]
    pub fn of(&self, platform: &Platform, sub: SubId) -> u32 {
        match platform.home.get(sub as usize) {
            Some(&home) => home,
            None => self.newcomers[sub as usize - platform.home.len()].0,
        }
    }

    /// Returns, by newcomer's subscription, whether it has been placed.
    pub fn placed(&self) -> impl Iterator<Item = bool> + '_ {
        self.newcomers.iter().map(|home| home.0 != NONE)
    }

    /// Returns whether a subscription was placed before an instant: always for the initial population, never for who has no cell yet.
    pub fn was_placed(&self, platform: &Platform, sub: SubId, ago: Nanos, now: Nanos) -> bool {
        let newcomer = (sub as usize).checked_sub(platform.home.len());
        newcomer.is_none_or(|newcomer| self.newcomers[newcomer].1.saturating_add(ago) <= now)
    }

    /// Places a subscription that has no home yet; returns whether there is one now. A newcomer's own load is unknown, so it counts as
    /// a mean customer from then on.
    pub fn place(&mut self, setting: &Setting, sub: SubId, class: u16, now: Nanos) -> bool {
        if self.of(&setting.platform, sub) != NONE {
            return true;
        }
        let index = sub as usize - setting.platform.home.len();
        let class = &setting.platform.classes[class as usize];
        let key = setting.newcomers.subs[index].key;
        let Some(cell) = self.placers[class.group].place(|| key, class.mean_rate) else { return false };
        self.newcomers[index] = (cell, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::requests::setting::tests::setting;

    #[test]
    fn who_was_there_lives_where_he_was_placed() {
        let setting = setting("");
        let mut homes = Homes::new(&setting);
        assert_eq!(homes.of(&setting.platform, 1), setting.platform.home[1]);
        assert!(homes.was_placed(&setting.platform, 1, NEVER, 0) && homes.place(&setting, 1, 0, 0));
    }

    #[test]
    fn a_newcomer_is_placed_once() {
        let setting = setting("[tier.later]\ncustomers = 1\ncells = 1\nsla = \"99%\"\nnew_customers = \"60/min\"\n");
        let (platform, first) = (&setting.platform, setting.platform.home.len() as SubId);
        let class = setting.class_of(first);
        let mut homes = Homes::new(&setting);
        assert_eq!((homes.of(platform, first), homes.was_placed(platform, first, 0, 100)), (NONE, false));
        assert!(homes.place(&setting, first, class, 100));
        let home = homes.of(platform, first);
        assert_ne!(home, NONE);
        assert!(homes.was_placed(platform, first, 10, 110) && !homes.was_placed(platform, first, 11, 110));
        assert!(homes.place(&setting, first, class, 200) && homes.of(platform, first) == home);
        assert!(homes.was_placed(platform, first, 10, 110), "since the first time");
        assert!(homes.placed().next().is_some_and(|is_placed| is_placed));
    }
}
