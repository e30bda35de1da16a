//! Roots of monotone functions: Newton's steps, kept inside a bracket.

/// Finds the root of a monotone function between `low` and `high`, starting at `start`.
///
/// `f` returns the function's value and its slope. A step that leaves the bracket is replaced by a halving, so the
/// search always ends; it stops when a step no longer moves the eleventh digit twice over (Newton doubles the digits,
/// so the last step makes the result exact to rounding).
///
/// # Example
/// ```
/// use cellsim::engine::special::solve::root;
/// let two = root(0.0, 10.0, 1.0, |x| (x * x - 4.0, 2.0 * x));
/// assert!((two - 2.0).abs() < 1e-14);
/// ```
pub fn root(low: f64, high: f64, start: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (low, high);
    let mut x = if start > low && start < high { start } else { 0.5 * (low + high) };
    let mut small_steps = 0;
    for _ in 0..200 {
        let (value, slope) = f(x);
        if value == 0.0 {
            return x;
        }
        if (value > 0.0) == (slope > 0.0) {
            high = x;
        } else {
            low = x;
        }
        let newton = x - value / slope;
        let next = if newton >= low && newton <= high { newton } else { 0.5 * (low + high) };
        let step = (next - x).abs();
        x = next;
        let scale = x.abs().max(f64::MIN_POSITIVE);
        if step <= 1e-15 * scale || (high - low) <= 1e-15 * scale {
            break;
        }
        if step <= 1e-11 * scale {
            small_steps += 1;
            if small_steps == 2 {
                break;
            }
        }
    }
    x
}

/// Finds where an increasing function of a non-negative number first reaches `target`, to the last digits, by halving.
///
/// For closed forms whose slope is not at hand. The search doubles its upper end up to 2^1000.
pub fn invert_increasing(target: f64, f: impl Fn(f64) -> f64) -> f64 {
    if f(0.0) >= target {
        return 0.0;
    }
    let mut high = 1.0;
    while f(high) < target {
        high *= 2.0;
        if high > 1e300 {
            return f64::INFINITY;
        }
    }
    let mut low = 0.0;
    for _ in 0..1100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-15 * high {
            break;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_rising_and_falling_functions() {
        let rising = root(0.0, 100.0, 90.0, |x| (x * x * x - 8.0, 3.0 * x * x));
        assert!((rising - 2.0).abs() < 1e-14);
        let falling = root(0.0, 50.0, 0.1, |x| (libm::exp(-x) - 0.01, -libm::exp(-x)));
        assert!((falling - 4.605170185988092).abs() < 1e-13);
    }

    #[test]
    fn inversion_by_halving() {
        assert!((invert_increasing(9.0, |x| x * x) - 3.0).abs() < 1e-14);
        assert!((invert_increasing(1e-18, |x| x) - 1e-18).abs() < 1e-32);
        assert_eq!(invert_increasing(0.0, |x| x), 0.0);
        assert_eq!(invert_increasing(2.0, |x| x / (1.0 + x)), f64::INFINITY);
    }
}
