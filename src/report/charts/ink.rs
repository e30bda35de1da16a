//! Colours.

/// A colour with its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink {
    /// Red, green, blue.
    pub(super) rgb: (u8, u8, u8),
    /// 1 is opaque.
    pub(super) alpha: f64,
}

impl Ink {
    pub(super) const fn opaque(red: u8, green: u8, blue: u8) -> Self {
        Self { rgb: (red, green, blue), alpha: 1.0 }
    }

    /// A colour on the way to another one.
    pub(super) fn mixed(self, other: Self, part: f64) -> Self {
        let channel = |from: u8, to: u8| (f64::from(from) + part * (f64::from(to) - f64::from(from))).round() as u8;
        let ((red, green, blue), (r, g, b)) = (self.rgb, other.rgb);
        Self::opaque(channel(red, r), channel(green, g), channel(blue, b))
    }

    /// The same colour, let through.
    pub(super) const fn faint(self, alpha: f64) -> Self {
        Self { rgb: self.rgb, alpha }
    }
}

/// Background.
pub(super) const PAPER: Ink = Ink::opaque(255, 255, 255);
/// Titles and numbers.
pub(super) const TEXT: Ink = Ink::opaque(27, 36, 48);
/// Subtitles, axis labels.
pub(super) const MUTED: Ink = Ink::opaque(91, 103, 117);
/// Lines to read values by.
pub(super) const GRID: Ink = Ink::opaque(230, 234, 239);
/// Edges of the plot, secondary markers.
pub(super) const EDGE: Ink = Ink::opaque(150, 160, 172);
/// Rows, every second one.
pub(super) const STRIPE: Ink = Ink::opaque(247, 248, 250);
// The palette of Okabe and Ito (2008), told apart by the colour-blind.
/// What is measured.
pub(super) const BLUE: Ink = Ink::opaque(0, 114, 178);
/// What went wrong.
pub(super) const RED: Ink = Ink::opaque(213, 94, 0);
/// What went well.
pub(super) const GREEN: Ink = Ink::opaque(0, 158, 115);
/// Faults, as shading.
pub(super) const AMBER: Ink = Ink::opaque(230, 159, 0);
/// The single-cell baseline.
pub(super) const PURPLE: Ink = Ink::opaque(170, 68, 153);
/// Further series; amber and sky blue are darkened until letters in them can be read.
const OCHRE: Ink = Ink::opaque(150, 110, 0);
const SKY: Ink = Ink::opaque(50, 150, 205);

/// Colours of series that have no meaning of their own, in the order of use.
pub(super) const SERIES: [Ink; 8] =
    [BLUE, RED, GREEN, PURPLE, OCHRE, SKY, Ink::opaque(102, 102, 102), Ink::opaque(136, 34, 85)];
