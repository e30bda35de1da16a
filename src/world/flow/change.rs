//! What a change of faults, backlogs or look-ups does to one cell, and what is reported of it.

use std::sync::Arc;

use super::condition::Condition;
use super::doubt::Doubt;
use super::entries::Unfilled;
use super::observer::{FlowObserver, Stretch};
use super::run::{CROSSING, FlowWorld, Known, Signature};
use super::solve::{Flow, Outcome, solve};
use super::state::{CellState, NEVER};
use super::storm::{Aftermath, aftermath};
use super::surroundings::{State, Surroundings};
use crate::engine::law::sum::Sum;
use crate::units::{Nanos, nanos, seconds};
use crate::world::operations::effects::Strike;
use crate::world::platform::scope::Target;

impl FlowWorld<'_> {
    /// Something about a cell changes: reports what was, finds what is.
    pub(super) fn change<O: FlowObserver>(&mut self, cell: u32, at: Nanos, anew: bool, observer: &mut O) {
        let state = &mut self.cells[cell as usize];
        let before = (Arc::clone(&state.flow), state.level, state.unfilled);
        state.advance(at);
        (state.level, state.unfilled) = (self.level, self.unfilled);
        if anew {
            self.let_retries_come(cell, at, &before.0);
        }
        let is_down = self.flow_anew(cell, anew);
        self.report(cell, at, (&before.0, before.1, before.2), is_down, observer);
        let state = &self.cells[cell as usize];
        if state.crossing != NEVER {
            let crossing = state.crossing;
            self.schedule(crossing, CROSSING, cell);
        } else if state.active.is_empty() && state.is_settled() {
            self.flush(cell, at, observer);
            self.incidents.release(cell, at, observer);
        }
    }

    /// Less fails from now on: what clients still try again may hold the cell down.
    fn let_retries_come(&mut self, cell: u32, at: Nanos, before: &Arc<Flow>) {
        let state = &self.cells[cell as usize];
        let opened = self.opened[cell as usize];
        if at == opened || !self.incidents.is_open(cell) || state.late.contains(&true) {
            return;
        }
        let tenancies = self.model.cells[cell as usize].tenancies.clone();
        let class = |tenancy: usize| self.model.tenancies[tenancy].class as usize;
        let longest = tenancies.map(|tenancy| self.model.callers[class(tenancy)].deadline()).fold(0.0, f64::max);
        // Who came before the longest deadline tries no more.
        let lasted = seconds(at - opened).min(longest);
        let is_undisturbed = self.router_faults.is_empty() && self.demand_faults.is_empty() && state.active.is_empty();
        let is_usual = is_undisturbed && lasted == longest && state.backlog.iter().all(|&backlog| backlog == 0.0);
        let key = (cell, self.level, Arc::as_ptr(before) as usize);
        let known = self.aftermaths.get(&key).filter(|_| is_usual).map(|known| known.1.clone());
        let found = known.unwrap_or_else(|| {
            let found = self.aftermath(cell, before, lasted, is_undisturbed);
            if is_usual {
                // Flows are kept, so that an address is that of one flow only.
                self.aftermaths.insert(key, (Arc::clone(before), found.clone()));
            }
            found
        });
        let by_chance: Vec<_> = found.by_chance.into_iter().map(|station| (station, Doubt::Chance)).collect();
        self.doubt(cell, &by_chance);
        if let Some(held) = found.held {
            self.cells[cell as usize].backlog = held;
        }
    }

    fn aftermath(&mut self, cell: u32, before: &Flow, lasted: f64, is_undisturbed: bool) -> Aftermath {
        let condition = self.condition(cell);
        if condition.is_down {
            return Aftermath::default();
        }
        let (demand, attempts) = (self.demand(cell), self.attempts(cell, &condition));
        let (model, lookup, losses) = (self.model, &*self.lookup, &*self.health.losses);
        let (condition, attempts, demand) = (&condition, attempts.as_slice(), demand.as_slice());
        let around =
            Surroundings { model, cell: &model.cells[cell as usize], condition, lookup, attempts, losses, demand };
        let CellState { backlog, late, .. } = &self.cells[cell as usize];
        let normal = match is_undisturbed {
            true => Arc::clone(self.health.flow(model, self.level, cell)),
            false => Arc::new(solve(&State { around, backlog: &vec![0.0; backlog.len()], late })),
        };
        aftermath(&State { around, backlog, late }, before, lasted, &normal)
    }

    fn doubt(&mut self, cell: u32, doubts: &[(usize, Doubt)]) {
        let first = self.model.platform.cells[cell as usize].first_station;
        self.doubts.extend(doubts.iter().map(|&(station, doubt)| (first + station as u32, doubt)));
    }

    /// Finds the flow of a cell; returns whether all that was in it is lost.
    fn flow_anew(&mut self, cell: u32, anew: bool) -> bool {
        let state = &self.cells[cell as usize];
        let in_health = state.backlog.iter().all(|&backlog| backlog == 0.0);
        let undisturbed = self.router_faults.is_empty() && self.demand_faults.is_empty() && in_health;
        if undisturbed && state.active.is_empty() {
            let state = &mut self.cells[cell as usize];
            state.late.fill(false);
            state.flow = Arc::clone(self.health.flow(self.model, self.level, cell));
            state.crossing = NEVER;
            return false;
        }
        let alone = match state.active.as_slice() {
            &[one] => self.active[one as usize].as_ref().filter(|active| active.activation.share.is_none()),
            _ => None,
        };
        let signature = alone.and_then(|active| match &active.activation.target {
            Target::Cells { zone, tier, .. } => {
                Some((self.level, active.activation.fault, *zone, *tier, active.detected))
            }
            Target::Router(_) | Target::Customers { .. } => None,
        });
        if undisturbed
            && anew
            && let Some(known) = signature.and_then(|signature| self.known(cell, signature))
        {
            let state = &mut self.cells[cell as usize];
            state.late.fill(false);
            state.flow = known.flow;
            state.crossing = NEVER;
            return known.is_down;
        }
        let condition = self.condition(cell);
        let demand = self.demand(cell);
        let attempts = self.attempts(cell, &condition);
        let around = Surroundings {
            model: self.model,
            cell: &self.model.cells[cell as usize],
            condition: &condition,
            lookup: &self.lookup,
            attempts: &attempts,
            losses: &self.health.losses,
            demand: &demand,
        };
        let state = &mut self.cells[cell as usize];
        if condition.is_down {
            state.empty();
        }
        state.resolve(&around, anew);
        if undisturbed
            && anew
            && state.is_settled()
            && let Some(under) = signature
        {
            let (flow, is_down) = (Arc::clone(&state.flow), condition.is_down);
            self.known[cell as usize].push(Known { under, flow, is_down });
        }
        self.unsettled += u64::from(!state.flow.settled);
        let doubts = state.flow.doubts.clone();
        self.doubt(cell, &doubts);
        condition.is_down
    }

    /// Returns the flow of a cell under one fault alone, if it has been found before.
    fn known(&self, cell: u32, signature: Signature) -> Option<Known> {
        self.known[cell as usize].iter().find(|known| known.under == signature).cloned()
    }

    /// Returns what strikes a cell and the customers in it.
    fn condition(&self, cell: u32) -> Condition {
        let state = &self.cells[cell as usize];
        if state.active.is_empty() {
            return self.health.conditions[cell as usize].clone();
        }
        let model = &self.model.cells[cell as usize];
        let mut condition = Condition::new(self.model, model, &self.strikes(cell));
        for active in self.demand_faults.iter().filter_map(|&slot| self.active[slot as usize].as_ref()) {
            for (at, tenancy) in model.tenancies.clone().enumerate() {
                // Of one customer among others there are no errors at this level.
                if self.share_of_demand(&active.activation, tenancy) == 1.0 {
                    condition.strike_customers(at, &self.effects(&active.activation));
                }
            }
        }
        condition
    }

    /// Returns, by tenancy, the law of an attempt's time without waits.
    fn attempts(&mut self, cell: u32, condition: &Condition) -> Vec<Arc<Sum>> {
        let (model, lookup, known) = (self.model, &self.lookup, &mut self.slowed);
        let cell = &model.cells[cell as usize];
        lookup.attempts_in(model, cell, condition, |class, slow| {
            let bits = slow.iter().map(|(factor, shift)| (factor.to_bits(), shift.to_bits())).collect();
            // Look-ups are kept, so that an address is that of one look-up only.
            let key = (Arc::as_ptr(lookup) as usize, class, bits);
            let new = || Arc::new(lookup.attempt(model, class, |step| slow[step.stage(cell)]));
            Arc::clone(known.entry(key).or_insert_with(new))
        })
    }

    fn strikes(&self, cell: u32) -> Vec<Strike> {
        let mut strikes = Vec::new();
        for &slot in &self.cells[cell as usize].active {
            let Some(active) = &self.active[slot as usize] else { continue };
            let Target::Cells { stage, zone, tier, .. } = &active.activation.target else { continue };
            let everywhere = Strike {
                activation: slot,
                key: active.activation.key,
                place: None,
                destination: None,
                zone: *zone,
                tier: *tier,
                detected: active.detected,
                effects: self.effects(&active.activation),
            };
            match stage {
                None => strikes.push(everywhere),
                Some(stage) => {
                    strikes
                        .extend(stage.in_cell(cell).map(|place| Strike { place: Some(place), ..everywhere.clone() }));
                }
            }
        }
        strikes
    }

    /// Reports the stretches that end now, where the failed share changes.
    ///
    /// Where it falls, requests that arrived within the reach of their last attempt are saved; where a cell goes down, those that
    /// were in it are lost.
    fn report<O: FlowObserver>(
        &mut self,
        cell: u32,
        at: Nanos,
        (before, level, unfilled): (&Flow, usize, Option<Unfilled>),
        is_down: bool,
        observer: &mut O,
    ) {
        for (index, tenancy) in self.model.cells[cell as usize].tenancies.clone().enumerate() {
            let (old, new) = (Outcome { unfilled, ..before.outcome(index) }, self.outcome(cell, index));
            let class = self.model.tenancies[tenancy].class as usize;
            let excluded = self.is_excluded(cell, self.model.platform.classes[class].tier);
            if old == new && excluded == self.excluded[tenancy] {
                continue;
            }
            let shift = match new.is_better_than(old) {
                true if old.unfilled.is_some() && new.unfilled.is_none() => self.reach_unfilled[class],
                true => before.reach[index],
                false if is_down => before.time[index],
                false => 0.0,
            };
            let border = at.saturating_sub(nanos(shift)).max(self.since[tenancy]);
            self.report_one((cell, index), level, border, old, observer);
            self.excluded[tenancy] = excluded;
        }
    }

    /// Whether a fault is active in a cell that a tier's contract does not count.
    fn is_excluded(&self, cell: u32, tier: usize) -> bool {
        let excludes = &self.excludes[tier];
        let active = self.cells[cell as usize].active.iter().filter_map(|&slot| self.active[slot as usize].as_ref());
        active.into_iter().any(|active| excludes[active.activation.fault])
    }

    /// Reports how the requests of a cell's tenancy fared until an instant, by a flow found at this level of demand.
    fn report_one<O: FlowObserver>(
        &mut self,
        (cell, index): (u32, usize),
        level: usize,
        to: Nanos,
        outcome: Outcome,
        observer: &mut O,
    ) {
        let tenancy = self.model.cells[cell as usize].tenancies.start + index;
        // What is as in health belongs to an incident too, from its onset on.
        let is_calm = outcome == Outcome { failed: self.health.failed(tenancy)[level], struck: 0.0, unfilled: None };
        let from = if is_calm { self.since[tenancy].max(self.opened[cell as usize]) } else { self.since[tenancy] };
        if to > from && (!is_calm || self.incidents.is_open(cell)) {
            let excluded = self.excluded[tenancy];
            let Outcome { failed, struck, unfilled } = outcome;
            let levels = &self.model.levels;
            let mut from = from;
            while from < to {
                let end = levels.next(from).min(to).min(unfilled.map_or(to, |unfilled| unfilled.next(from)));
                let level = levels.at(from);
                let gone = unfilled.map(|unfilled| (unfilled.gone(from), unfilled.gone(end)));
                let tenancy = tenancy as u32;
                observer.failed(Stretch { tenancy, from, to: end, failed, struck, gone, excluded, level });
                from = end;
            }
        }
        self.since[tenancy] = to;
    }

    /// Reports what has not been yet of a cell whose incident ends.
    fn flush<O: FlowObserver>(&mut self, cell: u32, at: Nanos, observer: &mut O) {
        for index in 0..self.model.cells[cell as usize].tenancies.len() {
            let level = self.cells[cell as usize].level;
            self.report_one((cell, index), level, at, self.outcome(cell, index), observer);
        }
    }

    /// Returns what becomes of the requests of a cell's tenancy now.
    fn outcome(&self, cell: u32, index: usize) -> Outcome {
        let state = &self.cells[cell as usize];
        Outcome { unfilled: state.unfilled, ..state.flow.outcome(index) }
    }

    pub(super) fn report_all<O: FlowObserver>(&mut self, at: Nanos, observer: &mut O) {
        // Cells without an incident are in health, of which nothing is reported.
        for cell in 0..self.cells.len() as u32 {
            if self.incidents.is_open(cell) {
                self.flush(cell, at, observer);
            }
        }
    }
}
