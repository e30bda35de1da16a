//! Incidents: which faults and cells belong together, from onset until all is as in health again.
//!
//! A fault that strikes a cell where an earlier incident is not over yet joins that one, as at the request level.

use super::observer::{Ending, FlowObserver};
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

/// All open incidents.
#[derive(Debug, Clone)]
pub struct Incidents {
    slots: Vec<Incident>,
    free: Vec<u32>,
    /// Incident of each cell.
    of: Vec<u32>,
}

impl Incidents {
    /// Returns none, for so many cells.
    pub fn new(cells: usize) -> Incidents {
        Incidents { slots: Vec::new(), free: Vec::new(), of: vec![NONE; cells] }
    }

    /// A fault strikes cells: opens an incident, or joins those that are open there. Returns the incident.
    pub fn strike<O: FlowObserver>(
        &mut self,
        (fault, key): (usize, u64),
        at: Nanos,
        cells: &[u32],
        counted: bool,
        observer: &mut O,
    ) -> u32 {
        let mut open: Vec<u32> = cells.iter().map(|&cell| self.of[cell as usize]).filter(|&of| of != NONE).collect();
        let same = self.slots.iter().position(|incident| incident.open > 0 && incident.keys.contains(&key));
        open.extend(same.map(|same| same as u32));
        open.sort_unstable();
        open.dedup();
        let Some(&first) = open.first() else {
            let incident = self.free.pop().unwrap_or_else(|| {
                self.slots.push(Incident::default());
                self.slots.len() as u32 - 1
            });
            self.slots[incident as usize] =
                Incident { faults: 1, cells: cells.to_vec(), open: cells.len() as u32, keys: vec![key] };
            for &cell in cells {
                self.of[cell as usize] = incident;
            }
            observer.opened(incident, fault, at, cells, counted);
            return incident;
        };
        for &gone in &open[1..] {
            let gone_cells = std::mem::take(&mut self.slots[gone as usize]);
            for &cell in &gone_cells.cells {
                if self.of[cell as usize] == gone {
                    self.of[cell as usize] = first;
                }
            }
            let into = &mut self.slots[first as usize];
            into.faults += gone_cells.faults;
            into.open += gone_cells.open;
            into.cells.extend(gone_cells.cells);
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
        }
        into.open += more.len() as u32;
        for &cell in &more {
            if !into.cells.contains(&cell) {
                into.cells.push(cell);
            }
        }
        observer.joined(first, fault, cells);
        first
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
            let incident = std::mem::take(incident);
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
