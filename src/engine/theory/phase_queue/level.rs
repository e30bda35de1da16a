//! Levels of a pool: so many busy slots, by the phases in which they are.

use std::collections::BTreeMap;

use crate::engine::special::matrix::Matrix;
use crate::engine::theory::phases::Phases;

/// So many busy slots: how many of them are in each phase.
pub(super) struct Level {
    pub(super) states: Vec<Vec<u32>>,
    number: BTreeMap<Vec<u32>, usize>,
}

impl Level {
    pub(super) fn new(service: &Phases, busy: u32) -> Level {
        let mut states = vec![Vec::new()];
        for phase in 0..service.count() {
            let is_last = phase + 1 == service.count();
            let more = |state: Vec<u32>| {
                let left = busy - state.iter().sum::<u32>();
                let range = if is_last { left..=left } else { 0..=left };
                range.rev().map(move |here| [state.clone(), vec![here]].concat()).collect::<Vec<_>>()
            };
            states = states.into_iter().flat_map(more).collect();
        }
        let number = states.iter().cloned().zip(0..).collect();
        Level { states, number }
    }

    /// Number of a state in which one slot has left a phase, or come to one.
    pub(super) fn moved(&self, state: &[u32], from: Option<usize>, to: Option<usize>) -> usize {
        let mut next = state.to_vec();
        if let Some(from) = from {
            next[from] -= 1;
        }
        if let Some(to) = to {
            next[to] += 1;
        }
        self.number[&next]
    }

    /// Rates up to the next level.
    pub(super) fn up(&self, service: &Phases, next: &Level, rate: f64) -> Matrix {
        let mut up = Matrix::zeros(self.states.len(), next.states.len());
        for (at, state) in self.states.iter().enumerate() {
            for (phase, begins) in service.begins.iter().enumerate().filter(|(_, begins)| **begins > 0.0) {
                up[(at, next.moved(state, None, Some(phase)))] += rate * begins;
            }
        }
        up
    }

    /// Rates from one state of this level to another; on the diagonal, less those of all ends of phases.
    pub(super) fn within(&self, service: &Phases) -> Matrix {
        let mut within = Matrix::zeros(self.states.len(), self.states.len());
        for (at, state) in self.states.iter().enumerate() {
            for (phase, &busy) in state.iter().enumerate().filter(|(_, busy)| **busy > 0) {
                let rate = f64::from(busy) * service.rates[phase];
                within[(at, at)] -= rate;
                if !service.ends_after(phase) {
                    within[(at, self.moved(state, Some(phase), Some(phase + 1)))] += rate;
                }
            }
        }
        within
    }

    /// Ends of services: state, phase, rate.
    pub(super) fn ends<'a>(&'a self, service: &'a Phases) -> impl Iterator<Item = (usize, usize, f64)> + 'a {
        self.states.iter().enumerate().flat_map(move |(at, state)| {
            let ending = state.iter().enumerate().filter(|&(phase, busy)| *busy > 0 && service.ends_after(phase));
            ending.map(move |(phase, busy)| (at, phase, f64::from(*busy) * service.rates[phase]))
        })
    }

    /// Rates down to the level before.
    pub(super) fn down(&self, service: &Phases, before: &Level) -> Matrix {
        let mut down = Matrix::zeros(self.states.len(), before.states.len());
        for (at, phase, rate) in self.ends(service) {
            down[(at, before.moved(&self.states[at], Some(phase), None))] += rate;
        }
        down
    }
}
