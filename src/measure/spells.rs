//! Spells: while which faults last.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::units::Nanos;
use crate::world::requests::setting::Setting;

/// The faults that are active, from one edge to the next.
#[derive(Debug, Clone, Default)]
pub struct Spells {
    all: Arc<All>,
    /// Edges at or before the instant asked for last: the next one is near.
    passed: usize,
}

#[derive(Debug, Default)]
struct All {
    /// Onsets and ends, in order, each once.
    edges: Vec<Nanos>,
    /// Faults that are active from each edge on, each once.
    faults: Vec<Vec<u32>>,
}

impl Spells {
    /// Collects the activations of a replication: each lasts from its onset until just before its end.
    pub fn new(setting: &Setting) -> Spells {
        let lasting = setting.activations.iter().filter(|activation| activation.end > activation.onset);
        let mut turns: Vec<(Nanos, u32, i32)> =
            lasting.flat_map(|one| [(one.onset, one.fault as u32, 1), (one.end, one.fault as u32, -1)]).collect();
        turns.sort_unstable();
        let mut all = All::default();
        let mut active: BTreeMap<u32, i32> = BTreeMap::new();
        for at_once in turns.chunk_by(|a, b| a.0 == b.0) {
            for &(_, fault, turn) in at_once {
                let count = active.entry(fault).or_default();
                *count += turn;
                if *count == 0 {
                    active.remove(&fault);
                }
            }
            all.edges.push(at_once[0].0);
            all.faults.push(active.keys().copied().collect());
        }
        Spells { all: Arc::new(all), passed: 0 }
    }

    /// Returns the faults that are active at an instant.
    #[inline]
    pub fn at(&mut self, at: Nanos) -> &[u32] {
        let edges = &self.all.edges;
        while edges.get(self.passed).is_some_and(|&edge| edge <= at) {
            self.passed += 1;
        }
        while self.passed > 0 && edges[self.passed - 1] > at {
            self.passed -= 1;
        }
        self.passed.checked_sub(1).map_or(&[], |before| &self.all.faults[before])
    }

    /// Returns the first edge after an instant.
    pub fn next_edge(&self, after: Nanos) -> Option<Nanos> {
        let edges = &self.all.edges;
        edges.get(edges.partition_point(|&edge| edge <= after)).copied()
    }

    /// Returns the fault of each spell, where it begins.
    pub fn beginning(&self) -> impl Iterator<Item = u32> + '_ {
        let before = std::iter::once(&[][..]).chain(self.all.faults.iter().map(Vec::as_slice));
        let now_and_before = self.all.faults.iter().zip(before);
        now_and_before
            .flat_map(|(now, before)| now.iter().copied().filter(|fault| before.binary_search(fault).is_err()))
    }

    /// Returns whether nothing ever lasts.
    pub fn is_empty(&self) -> bool {
        self.all.edges.is_empty()
    }
}
