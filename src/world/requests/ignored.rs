//! Faults that a world does not suffer: none, some, or all.

/// Activations that a world does not suffer.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignored {
    all: bool,
    /// Sorted.
    some: Vec<u32>,
}

impl Ignored {
    /// Returns a set of everything.
    pub(super) fn all() -> Ignored {
        Ignored { all: true, some: Vec::new() }
    }

    /// Returns a set of these.
    pub(super) fn only(activations: &[u32]) -> Ignored {
        let mut some = activations.to_vec();
        some.sort_unstable();
        Ignored { all: false, some }
    }

    /// Adds an activation.
    pub(super) fn add(&mut self, activation: u32) {
        if let Err(place) = self.some.binary_search(&activation) {
            self.some.insert(place, activation);
        }
    }

    /// Whether everything is in it.
    pub(super) fn is_all(&self) -> bool {
        self.all
    }

    /// Whether an activation is in it.
    #[inline]
    pub(super) fn contains(&self, activation: u32) -> bool {
        self.all || self.some.binary_search(&activation).is_ok()
    }
}
