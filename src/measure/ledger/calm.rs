//! Windows in which nothing happens: judged once for all customers of a rate, whatever the replication.

use std::collections::HashMap;

use super::account::Alike;
use super::ground::Ground;
use super::rate_class::RateClass;
use super::scale::Scale;
use super::window::{Judged, Terms};
use crate::units::MINUTE;

/// Kinds of windows without strikes that are remembered: where demand changes, no two may be alike.
const CALM: usize = 32;

/// By tenancy and rate class: how a window is judged in which nothing happens.
type OfWindow = Vec<Vec<Judged>>;

/// Windows without strikes, by their minutes at each level of demand.
#[derive(Debug, Default)]
pub(super) struct Calm(HashMap<Vec<u64>, OfWindow>);

impl Calm {
    /// Judges windows with these minutes, unless that was done before.
    pub(super) fn prepare(&mut self, ground: &Ground<'_>, minutes: &[u64]) {
        if self.0.contains_key(minutes) {
            return;
        }
        if self.0.len() == CALM {
            self.0.clear();
        }
        let of =
            |tenancy| rates(ground, tenancy).iter().map(|rate| judge(ground, tenancy, rate, minutes, &[])).collect();
        let all = (0..ground.model.tenancies.len()).map(of).collect();
        self.0.insert(minutes.to_vec(), all);
    }

    /// Returns how windows with these minutes are judged, which have been prepared.
    pub(super) fn of(&self, minutes: &[u64]) -> &OfWindow {
        &self.0[minutes]
    }
}

/// Judges a window of a rate class to which these minutes happened.
pub(super) fn judge(
    ground: &Ground<'_>,
    tenancy: usize,
    rate: &RateClass,
    minutes: &[u64],
    happened: &[Alike],
) -> Judged {
    let model = ground.model;
    let class = model.tenancies[tenancy].class as usize;
    let terms = Terms {
        contract: &ground.scenario.tiers[model.platform.classes[class].tier].contract,
        rate,
        odds: &ground.rates.odds[rate.bad..][..model.levels.count()],
        factors: model.levels.factors(class),
        base: ground.health.failed(tenancy),
        minutes,
        entries: &ground.health.entries,
    };
    terms.judge(happened)
}

/// Returns the bad minutes of a window without strikes, of some classes' customers.
pub fn calm_minutes(ground: &Ground<'_>, classes: &[usize]) -> Scale {
    let mut calm = Scale::default();
    let Some(&class) = classes.first() else { return calm };
    let model = ground.model;
    let span = ground.reach.spans[model.platform.classes[class].tier];
    // Of mean length, from time 0: where demand changes, other windows may hold a little more or less of the peak.
    let minutes = model.levels.minutes(0, (span.window / 60.0).round() as u64 * MINUTE);
    let is_mine = |tenancy: &usize| classes.contains(&(model.tenancies[*tenancy].class as usize));
    let mine = (0..model.tenancies.len()).filter(is_mine);
    for (tenancy, rate) in mine.flat_map(|tenancy| rates(ground, tenancy).iter().map(move |rate| (tenancy, rate))) {
        calm.add_law(&judge(ground, tenancy, rate, &minutes, &[]).law, rate.customers);
    }
    calm
}

fn rates<'a>(ground: &'a Ground<'_>, tenancy: usize) -> &'a [RateClass] {
    &ground.rates.classes[ground.rates.of_tenancy[tenancy].clone()]
}
