//! Whether all customers keep a window: the product over them, of what is known before and after.

use super::totals::Anchored;

/// Logarithms of the probability that all customers keep a window: if nothing had happened, and as it was found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AllKept {
    pub(super) calm: f64,
    pub(super) found: f64,
    /// Whether a strike reached any of them.
    pub(super) reached: bool,
}

impl AllKept {
    /// Adds other customers.
    pub(super) fn add(&mut self, other: AllKept) {
        self.calm += other.calm;
        self.found += other.found;
        self.reached |= other.reached;
    }

    /// Counts the window.
    pub(super) fn into(self, windows: &mut Anchored) {
        let (calm, found) = (libm::exp(self.calm), libm::exp(self.found));
        windows.take(calm, calm - found, f64::from(u8::from(self.reached)));
    }
}
