//! What no replication had, for numbers of while a fault lasts.

use super::rare::{REASONS, Rare, written_out};
use crate::engine::stats::Guard;

/// Classes of strikes that no replication had, fault by fault.
pub(crate) struct NeverStruck {
    /// By random fault: its place among the scenario's, and its classes.
    by_fault: Vec<(usize, Vec<Rare>)>,
    /// Seldom demand that did not come.
    seldom: Vec<Rare>,
    /// Shares reached by the faults before each, and by those after it.
    before: Vec<f64>,
    after: Vec<f64>,
    /// The classes that reach most: fault and class.
    first: Vec<(usize, usize)>,
    classes: usize,
    replications: usize,
}

impl NeverStruck {
    pub(super) fn of(by_fault: Vec<(usize, Vec<Rare>)>, seldom: Vec<Rare>, replications: usize) -> NeverStruck {
        let reach: Vec<f64> =
            by_fault.iter().map(|(_, classes)| classes.iter().map(|class| class.reach).sum()).collect();
        let so_far = |sum: &mut f64, reach: &f64| {
            let before = *sum;
            *sum += reach;
            Some(before)
        };
        let before = reach.iter().scan(0.0, so_far).collect();
        let mut after: Vec<f64> = reach.iter().rev().scan(0.0, so_far).collect();
        after.reverse();
        let mut first: Vec<(usize, usize)> = by_fault
            .iter()
            .enumerate()
            .flat_map(|(at, (_, own))| (0..own.len()).map(move |class| (at, class)))
            .collect();
        let classes = first.len() + seldom.len();
        let size = |&(at, class): &(usize, usize)| by_fault[at].1[class].reach;
        first.sort_by(|one, other| size(other).total_cmp(&size(one)));
        // So many that enough are left without those of any one fault.
        first.truncate(REASONS + by_fault.iter().map(|(_, own)| own.len()).max().unwrap_or(0));
        NeverStruck { by_fault, seldom, before, after, first, classes, replications }
    }

    /// Returns what may be other while a fault lasts: in its own strikes that were not seen, the share of them that they are, and in
    /// those of others.
    pub(crate) fn guard_while(&self, fault: usize) -> Guard {
        let at = self.by_fault.binary_search_by_key(&fault, |one| one.0).ok();
        let own: &[Rare] = at.map_or(&[], |at| &self.by_fault[at].1);
        let others = match at {
            Some(at) => self.before[at] + self.after[at],
            None => self.by_fault.last().map_or(0.0, |last| {
                self.before[self.by_fault.len() - 1] + last.1.iter().map(|class| class.reach).sum::<f64>()
            }),
        };
        let unseen: f64 = own.iter().map(|class| class.of_strikes).sum();
        let seldom: f64 = self.seldom.iter().map(|class| class.reach).sum();
        let mut reasons: Vec<String> = own.iter().map(|class| class.reason(self.replications)).collect();
        let first = self.first.iter().filter(|one| Some(one.0) != at).take(REASONS);
        reasons.extend(first.map(|&(at, class)| self.by_fault[at].1[class].reason(self.replications)));
        reasons.extend(self.seldom.iter().map(|class| class.reason(self.replications)));
        Guard {
            struck: vec![None; self.replications],
            unseen: (others + unseen + seldom).min(1.0),
            reason: written_out(reasons, self.classes),
            ..Guard::default()
        }
    }
}
