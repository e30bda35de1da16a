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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_some_or_all() {
        let mut ignored = Ignored::default();
        assert!(!ignored.contains(3));
        ignored.add(3);
        ignored.add(1);
        ignored.add(3);
        assert!(ignored.contains(1) && ignored.contains(3) && !ignored.contains(2) && !ignored.is_all());
        let only = Ignored::only(&[9, 4]);
        assert!(only.contains(4) && only.contains(9) && !only.contains(1));
        assert!(Ignored::all().contains(7) && Ignored::all().is_all());
    }
}
