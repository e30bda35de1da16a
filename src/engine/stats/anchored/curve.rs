//! A rising curve through points: monotone cubics (Fritsch and Carlson 1980, SIAM Journal on Numerical Analysis 17).

/// A point of a curve: so many standard deviations off in the normal sense, at which value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) deviation: f64,
    pub(super) value: f64,
}

/// The curve's values at rising `deviates`; beyond the points it stays where it ends.
pub(super) fn through(points: &[Point], deviates: &[f64]) -> Vec<f64> {
    let slopes = slopes(points);
    let mut at = 0;
    deviates
        .iter()
        .map(|&z| {
            while at + 2 < points.len() && points[at + 1].deviation < z {
                at += 1;
            }
            let Some(&right) = points.get(at + 1) else { return points[at].value };
            let left = points[at];
            let width = right.deviation - left.deviation;
            let x = ((z - left.deviation) / width).clamp(0.0, 1.0);
            let (x2, x3) = (x * x, x * x * x);
            left.value * (2.0 * x3 - 3.0 * x2 + 1.0)
                + right.value * (3.0 * x2 - 2.0 * x3)
                + width * (slopes[at] * (x3 - 2.0 * x2 + x) + slopes[at + 1] * (x3 - x2))
        })
        .collect()
}

/// The slope at each point, never so steep that the curve would turn back.
fn slopes(points: &[Point]) -> Vec<f64> {
    let widths: Vec<f64> = points.windows(2).map(|pair| pair[1].deviation - pair[0].deviation).collect();
    let chords: Vec<f64> =
        points.windows(2).zip(&widths).map(|(pair, width)| (pair[1].value - pair[0].value) / width).collect();
    let Some((first, last)) = chords.first().zip(chords.last()) else { return vec![0.0; points.len()] };
    let mut slopes = vec![*first];
    for at in 1..chords.len() {
        let (left, right) = (widths[at - 1], widths[at]);
        let middle = (chords[at - 1] * right + chords[at] * left) / (left + right);
        slopes.push(middle.min(3.0 * chords[at - 1].min(chords[at])).max(0.0));
    }
    slopes.push(*last);
    slopes
}
