//! Incidents: which faults and cells belong together, from onset until all is as in health again.
//!
//! A fault that strikes a cell where an earlier incident is not over yet joins that one, as at the request level.

use super::observer::{Ending, FlowObserver, Onset};
use crate::units::Nanos;

/// No incident.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Default)]
struct Incident {
    /// Faults still active.
    faults: u32,
    /// Cells it has struck; those that belong to it still are counted in `open`.
    cells: Vec<u32>,
    open: u32,
    /// Keys of its activations: the waves of one release share theirs.
    keys: Vec<u64>,
}

impl Incident {
    /// Begins anew with one fault. Incidents come and go by the million: the room of the last one here is used again.
    fn begin(&mut self, cells: &[u32], key: u64) {
        self.faults = 1;
        self.open = cells.len() as u32;
        self.cells.clear();
        self.cells.extend_from_slice(cells);
        self.keys.clear();
        self.keys.push(key);
    }

    /// Adds cells, each once: a cell that recovered and is struck again is in the list already.
    fn strike(&mut self, cells: &[u32]) {
        self.cells.extend_from_slice(cells);
        self.cells.sort_unstable();
        self.cells.dedup();
    }
}

/// All open incidents.
#[derive(Debug, Clone)]
pub struct Incidents {
    slots: Vec<Incident>,
    free: Vec<u32>,
    /// Incident of each cell.
    of: Vec<u32>,
    /// Of the strike at hand: the incidents that it joins.
    joins: Vec<u32>,
}

impl Incidents {
    /// Returns none, for so many cells.
    pub fn new(cells: usize) -> Incidents {
        Incidents { slots: Vec::new(), free: Vec::new(), of: vec![NONE; cells], joins: Vec::new() }
    }

    /// A fault strikes cells: opens an incident, or joins those that are open there. Returns the incident.
    pub fn strike<O: FlowObserver>(&mut self, onset: Onset<'_>, observer: &mut O) -> u32 {
        let Onset { fault, cells, key, counted, .. } = onset;
        self.find_joins(cells, key);
        let Some(&first) = self.joins.first() else {
            let incident = self.free.pop().unwrap_or_else(|| {
                self.slots.push(Incident::default());
                self.slots.len() as u32 - 1
            });
            self.slots[incident as usize].begin(cells, key);
            for &cell in cells {
                self.of[cell as usize] = incident;
            }
            observer.opened(incident, onset);
            if counted {
                observer.struck(fault);
            }
            return incident;
        };
        for &gone in &self.joins[1..] {
            let gone_cells = std::mem::take(&mut self.slots[gone as usize]);
            for &cell in &gone_cells.cells {
                if self.of[cell as usize] == gone {
                    self.of[cell as usize] = first;
                }
            }
            let into = &mut self.slots[first as usize];
            into.faults += gone_cells.faults;
            into.open += gone_cells.open;
            into.strike(&gone_cells.cells);
            into.keys.extend(gone_cells.keys);
            self.free.push(gone);
            observer.merged(first, gone);
        }
        let more: Vec<u32> = cells.iter().copied().filter(|&cell| self.of[cell as usize] == NONE).collect();
        for &cell in &more {
            self.of[cell as usize] = first;
        }
        let into = &mut self.slots[first as usize];
        into.faults += 1;
        if !into.keys.contains(&key) {
            into.keys.push(key);
            if counted {
                observer.struck(fault);
            }
        }
        into.open += more.len() as u32;
        into.strike(&more);
        observer.joined(first, onset);
        first
    }

    /// Finds the open incidents that a strike joins: those of its cells, and the one of its activation.
    fn find_joins(&mut self, cells: &[u32], key: u64) {
        let (of, joins) = (&self.of, &mut self.joins);
        joins.clear();
        joins.extend(cells.iter().map(|&cell| of[cell as usize]).filter(|&of| of != NONE));
        let same = self.slots.iter().position(|incident| incident.open > 0 && incident.keys.contains(&key));
        joins.extend(same.map(|same| same as u32));
        joins.sort_unstable();
        joins.dedup();
    }

    /// A fault of the incident of this cell is over.
    pub fn fault_over(&mut self, cell: u32) {
        let of = self.of[cell as usize];
        self.slots[of as usize].faults -= 1;
    }

    /// Returns whether a cell belongs to an incident.
    pub fn is_open(&self, cell: u32) -> bool {
        self.of[cell as usize] != NONE
    }

    /// Returns the cells that belong to an incident, in order.
    pub fn open_cells(&self) -> Vec<u32> {
        let open = self.slots.iter().enumerate().filter(|(_, incident)| incident.open > 0);
        let is_of = |slot: usize, cell: u32| self.of[cell as usize] == slot as u32;
        let mut cells: Vec<u32> = open
            .flat_map(|(slot, incident)| incident.cells.iter().copied().filter(move |&cell| is_of(slot, cell)))
            .collect();
        cells.sort_unstable();
        cells
    }

    /// A cell is as in health again. Its incident closes with its last cell.
    pub fn release<O: FlowObserver>(&mut self, cell: u32, at: Nanos, observer: &mut O) {
        let of = self.of[cell as usize];
        if of == NONE {
            return;
        }
        self.of[cell as usize] = NONE;
        let incident = &mut self.slots[of as usize];
        incident.open -= 1;
        if incident.open == 0 {
            observer.closed(of, at, &incident.cells, Ending::Recovered);
            self.free.push(of);
        }
    }

    /// The horizon has come: closes what is open.
    pub fn close_all<O: FlowObserver>(&mut self, at: Nanos, observer: &mut O) {
        for (index, incident) in self.slots.iter_mut().enumerate().filter(|(_, incident)| incident.open > 0) {
            let ending = if incident.faults > 0 { Ending::StillFaulted } else { Ending::NotRecovered };
            observer.closed(index as u32, at, &incident.cells, ending);
            incident.open = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::observer::Stretch;
    use super::*;

    #[derive(Default)]
    struct Closed(Vec<Vec<u32>>);

    impl FlowObserver for Closed {
        fn opened(&mut self, _: u32, _: Onset<'_>) {}
        fn joined(&mut self, _: u32, _: Onset<'_>) {}
        fn merged(&mut self, _: u32, _: u32) {}
        fn failed(&mut self, _: Stretch) {}
        fn window_ended(&mut self, _: usize, _: Nanos, _: Nanos) {}
        fn closed(&mut self, _: u32, _: Nanos, cells: &[u32], _: Ending) {
            self.0.push(cells.to_vec());
        }
    }

    #[test]
    fn a_cell_counts_once_in_an_incident_however_often_it_is_struck() {
        let (mut incidents, mut observer) = (Incidents::new(3), Closed::default());
        // Cells 0 and 1 in one incident; 0 recovers, and is struck by another.
        let onset = |fault: usize, at, cells| Onset { fault, key: fault as u64, at, until: 50, cells, counted: true };
        incidents.strike(onset(0, 0, &[0, 1]), &mut observer);
        incidents.release(0, 10, &mut observer);
        incidents.strike(onset(1, 20, &[0]), &mut observer);
        // A third fault joins the two.
        incidents.strike(onset(2, 30, &[0, 1, 2]), &mut observer);
        for cell in 0..3 {
            incidents.release(cell, 40, &mut observer);
        }
        assert_eq!(observer.0, [vec![0, 1, 2]]);
    }
}
