//! Spells: while which faults last.

use std::collections::BTreeMap;

use crate::units::Nanos;
use crate::world::setting::Setting;

/// The faults that are active, from one edge to the next.
#[derive(Debug, Clone, Default)]
pub struct Spells {
    /// Onsets and ends, in order, each once.
    edges: Vec<Nanos>,
    /// Faults that are active from each edge on, each once.
    faults: Vec<Vec<u16>>,
    /// Edges at or before the instant asked for last: the next one is near.
    passed: usize,
}

impl Spells {
    /// Collects the activations of a replication: each lasts from its onset until just before its end.
    pub fn new(setting: &Setting) -> Spells {
        let lasting = setting.activations.iter().filter(|activation| activation.end > activation.onset);
        let mut turns: Vec<(Nanos, u16, i32)> =
            lasting.flat_map(|one| [(one.onset, one.fault as u16, 1), (one.end, one.fault as u16, -1)]).collect();
        turns.sort_unstable();
        let mut spells = Spells::default();
        let mut active: BTreeMap<u16, i32> = BTreeMap::new();
        for at_once in turns.chunk_by(|a, b| a.0 == b.0) {
            for &(_, fault, turn) in at_once {
                *active.entry(fault).or_default() += turn;
            }
            active.retain(|_, activations| *activations > 0);
            spells.edges.push(at_once[0].0);
            spells.faults.push(active.keys().copied().collect());
        }
        spells
    }

    /// Returns the faults that are active at an instant.
    #[inline]
    pub fn at(&mut self, at: Nanos) -> &[u16] {
        while self.edges.get(self.passed).is_some_and(|&edge| edge <= at) {
            self.passed += 1;
        }
        while self.passed > 0 && self.edges[self.passed - 1] > at {
            self.passed -= 1;
        }
        self.passed.checked_sub(1).map_or(&[], |before| &self.faults[before])
    }

    /// Returns the first edge after an instant.
    pub fn next_edge(&self, after: Nanos) -> Option<Nanos> {
        self.edges.get(self.edges.partition_point(|&edge| edge <= after)).copied()
    }

    /// Returns whether nothing ever lasts.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}
