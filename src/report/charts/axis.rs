//! Where a value is drawn, and which values an axis names.

use super::font;
use super::ink::{EDGE, GRID, MUTED};
use super::scene::{Face, Scene};
use super::style::SMALL;

/// A number that has a place on an axis.
pub(super) fn defined(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite())
}

/// Pixels between the place of zero and the first power of ten of a logarithmic axis.
const BREAK: f64 = 36.0;
/// Pixels between the names of neighbouring ticks, at least.
const GAP: f64 = 8.0;
/// Length of the strokes between powers of ten.
const MINOR: f64 = 4.0;

/// An axis: values from `low` to `high` on pixels from `from` to `to` (which may run upwards).
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Linear,
    Log,
    /// Logarithmic, with a place for zero before an axis break.
    LogFromZero,
}

impl Axis {
    /// An even axis.
    pub(super) fn linear(low: f64, high: f64, from: f64, to: f64) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, from, to, kind: Kind::Linear }
    }

    /// An even axis from 0 to a round number that leaves some room above `most`.
    pub(super) fn up_to(most: f64, from: f64, to: f64) -> Self {
        let step = if most > 0.0 { round_up(most * 1.05 / 6.0) } else { 1.0 };
        Self::linear(0.0, (most * 1.05 / step).ceil().max(1.0) * step, from, to)
    }

    /// A logarithmic axis; `low` and `high` are positive.
    pub(super) fn log(low: f64, high: f64, from: f64, to: f64) -> Self {
        Self { low, high: high.max(low * 10.0), from, to, kind: Kind::Log }
    }

    /// A logarithmic axis with a place for zero, that shows all of `values` (of which those not above zero take that place).
    pub(super) fn log_from_zero(values: &[f64], lowest: f64, from: f64, to: f64) -> Self {
        let positive = || values.iter().copied().filter(|value| value.is_finite() && *value > 0.0);
        let least = positive().fold(lowest, f64::min).max(lowest * 1e-3);
        let most = positive().fold(lowest * 10.0, f64::max);
        let low = libm::exp10(libm::log10(least).floor());
        Self { low, high: round_up(most * 1.2), from, to, kind: Kind::LogFromZero }
    }

    /// Where a value is drawn; what lies outside is drawn at the edge.
    pub(super) fn at(&self, value: f64) -> f64 {
        let direction = (self.to - self.from).signum();
        let (from, part) = match self.kind {
            Kind::Linear => (self.from, (value - self.low) / (self.high - self.low)),
            Kind::Log => (self.from, libm::log(value / self.low) / libm::log(self.high / self.low)),
            Kind::LogFromZero if value <= 0.0 => return self.from,
            Kind::LogFromZero => {
                (self.from + direction * BREAK, libm::log(value / self.low) / libm::log(self.high / self.low))
            }
        };
        from + part.clamp(0.0, 1.0) * (self.to - from)
    }

    /// The values to name, about `wanted` of them on an even axis; powers of ten on a logarithmic one.
    pub(super) fn ticks(&self, wanted: f64) -> Vec<f64> {
        if self.kind == Kind::Linear {
            let step = round_up((self.high - self.low) / wanted.max(1.0));
            let first = (self.low / step).ceil() as i64;
            let last = (self.high / step + 1e-9).floor() as i64;
            return (first..=last).map(|index| index as f64 * step).collect();
        }
        let first = (libm::log10(self.low) - 1e-9).ceil() as i32;
        let last = (libm::log10(self.high) + 1e-9).floor() as i32;
        let every = ((last - first) / 9 + 1).max(1);
        let mut ticks: Vec<f64> = if self.kind == Kind::LogFromZero { vec![0.0] } else { Vec::new() };
        if last - first <= 2 && self.kind == Kind::Log {
            let of_power = |power: i32| [1.0, 2.0, 5.0].map(|factor| factor * libm::exp10(f64::from(power)));
            let shown = |tick: &f64| (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(tick);
            return (first - 1..=last).flat_map(of_power).filter(shown).collect();
        }
        ticks.extend(
            (first..=last).filter(|power| (power - first) % every == 0).map(|power| libm::exp10(f64::from(power))),
        );
        ticks
    }

    /// Whether it is logarithmic: bars have no length there.
    pub(super) fn is_log(&self) -> bool {
        self.kind != Kind::Linear
    }

    /// The values between the powers of ten of a logarithmic axis.
    fn minor(&self) -> Vec<f64> {
        if !self.is_log() {
            return Vec::new();
        }
        let (first, last) = (libm::log10(self.low).floor() as i32, libm::log10(self.high).ceil() as i32);
        let within = |value: &f64| (self.low..=self.high).contains(value);
        let of_power = |power| (2..10).map(move |factor| f64::from(factor) * libm::exp10(f64::from(power)));
        (first..last).flat_map(of_power).filter(within).collect()
    }

    /// Draws lines upwards at the ticks, their names below the plot, and the mark of the break beside zero.
    pub(super) fn draw_below(
        &self,
        scene: &mut Scene,
        top: f64,
        bottom: f64,
        wanted: f64,
        show: impl Fn(f64) -> String,
    ) {
        // A name that would run into the one before is left out; its line stays.
        let mut taken = f64::NEG_INFINITY;
        for tick in self.ticks(wanted) {
            let x = self.at(tick);
            let zero = self.kind == Kind::LogFromZero && tick == 0.0;
            scene.line(&[(x, top), (x, bottom)], if zero { 1.5 } else { 1.0 }, if zero { EDGE } else { GRID });
            let name = show(tick);
            let half = font::width(&name, SMALL, false) / 2.0;
            if x - half > taken {
                scene.text(x, bottom + 18.0, &name, Face::new(SMALL).ink(MUTED).middle());
                taken = x + half + GAP;
            }
        }
        for value in self.minor() {
            let x = self.at(value);
            scene.line(&[(x, bottom), (x, bottom + MINOR)], 1.0, EDGE);
        }
        if self.kind == Kind::LogFromZero {
            let x = self.from + BREAK / 2.0;
            for shift in [-3.0, 3.0] {
                scene.line(&[(x + shift - 3.0, bottom + 6.0), (x + shift + 3.0, bottom - 6.0)], 1.5, EDGE);
            }
        }
    }

    /// Draws lines across at the ticks and their names to the left of the plot.
    pub(super) fn draw_left(
        &self,
        scene: &mut Scene,
        left: f64,
        right: f64,
        wanted: f64,
        show: impl Fn(f64) -> String,
    ) {
        for tick in self.ticks(wanted) {
            let y = self.at(tick);
            scene.line(&[(left, y), (right, y)], 1.0, if tick == 0.0 { EDGE } else { GRID });
            scene.text(left - 10.0, y + 4.0, &show(tick), Face::new(SMALL).ink(MUTED).right());
        }
        for value in self.minor() {
            let y = self.at(value);
            scene.line(&[(left - MINOR, y), (left, y)], 1.0, EDGE);
        }
    }
}

/// The next of 1, 2, 5 times a power of ten.
pub(super) fn round_up(number: f64) -> f64 {
    let power = libm::exp10(libm::log10(number).floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= number * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// A step of time that a clock shows as round, at least `seconds`.
pub(super) fn round_time(seconds: f64) -> f64 {
    const ROUND: [f64; 18] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0,
        43200.0, 86400.0,
    ];
    ROUND.into_iter().find(|step| *step >= seconds).unwrap_or_else(|| (seconds / 86400.0).ceil() * 86400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_axes_end_on_round_numbers() {
        assert_eq!((round_up(3.0), round_up(5.0), round_up(0.07), round_up(7.0)), (5.0, 5.0, 0.1, 10.0));
        let axis = Axis::up_to(9_950.0, 100.0, 0.0);
        assert_eq!((axis.at(0.0), axis.at(12_000.0)), (100.0, 0.0));
        assert_eq!(axis.ticks(4.0), vec![0.0, 5_000.0, 10_000.0]);
    }

    #[test]
    fn zero_has_its_place_left_of_the_break() {
        let axis = Axis::log_from_zero(&[0.0, 30.0, 22_000.0], 1.0, 0.0, 500.0);
        assert_eq!((axis.at(0.0), axis.at(1.0)), (0.0, BREAK));
        assert!(axis.at(22_000.0) < 500.0 && axis.at(f64::MAX) == 500.0);
        assert_eq!(axis.ticks(5.0)[..3], [0.0, 1.0, 10.0]);
    }

    #[test]
    fn logarithmic_axes_have_strokes_between_powers_of_ten() {
        let axis = Axis::log(1.0, 30.0, 0.0, 100.0);
        assert_eq!(axis.ticks(5.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
        let narrow = Axis::log(0.012, 0.5, 0.0, 100.0).ticks(5.0);
        assert!(narrow.len() == 5 && narrow[0] == 0.02, "{narrow:?}");
        assert_eq!(axis.minor(), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 20.0, 30.0]);
        assert!(Axis::linear(0.0, 30.0, 0.0, 100.0).minor().is_empty());
    }

    #[test]
    fn degenerate_axes_stay_finite() {
        for axis in [Axis::up_to(0.0, 0.0, 10.0), Axis::linear(3.0, 3.0, 0.0, 10.0), Axis::log(1.0, 1.0, 0.0, 10.0)] {
            assert!(axis.ticks(5.0).iter().all(|tick| axis.at(*tick).is_finite()));
        }
        assert!(Axis::log_from_zero(&[], 1.0, 0.0, 10.0).at(5.0).is_finite());
    }
}
