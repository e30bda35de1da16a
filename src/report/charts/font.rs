//! The font: shipped with the program, so that charts are the same on a machine without any.
//!
//! Inter (SIL Open Font License, see `font/OFL.txt`), cut down to Latin, Greek and Cyrillic letters. Its vertical metrics
//! are set to 1.24 em, the factor between the drawing crate's size and the em: text is then as large in SVG as in PNG.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// What SVG viewers are told: the shipped font under its own name, then what nearly every machine has (all narrower).
pub(super) const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";

/// The drawing crate's font size is 1.24 times the em.
pub(super) const SIZE_PER_EM: f64 = 1.24;

static REGULAR: &[u8] = include_bytes!("font/Inter-Regular.otf");
static SEMIBOLD: &[u8] = include_bytes!("font/Inter-SemiBold.otf");

/// Makes the font known to the drawing crate, once; says whether it could be read.
pub(super) fn register() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, SEMIBOLD).is_ok()
    })
}

/// The font at `em` units per em.
pub(super) fn sized(em: f64, bold: bool) -> FontDesc<'static> {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FAMILY), em * SIZE_PER_EM, style)
}

/// How much wider a text may become where a viewer does not know the font, nor the width that it is told: with DejaVu Sans, the
/// widest of the usual ones; plain and bold.
const WIDEST: (f64, f64) = (1.07, 1.18);

/// Returns the room that `text` needs in the units of `em`, whatever font it is shown in.
pub(super) fn width(text: &str, em: f64, bold: bool) -> f64 {
    drawn(text, em, bold) * if bold { WIDEST.1 } else { WIDEST.0 }
}

/// Returns the width of `text` in the shipped font, in the units of `em`.
pub(super) fn drawn(text: &str, em: f64, bold: bool) -> f64 {
    register();
    // The crate answers in whole units: measure large, then scale down.
    const LARGE: f64 = 1000.0;
    match sized(LARGE, bold).layout_box(text) {
        Ok((_, (width, _))) => width as f64 * em / LARGE,
        Err(_) => text.chars().count() as f64 * em * 0.6,
    }
}

/// Says whether the shipped font has every letter of `text`, so that its measured width is true.
pub(super) fn covers(text: &str) -> bool {
    text.chars().all(|letter| matches!(letter, '\u{20}'..='\u{17f}' | '\u{391}'..='\u{3c9}' | '\u{400}'..='\u{45f}' | '–' | '—' | '…' | '‘' | '’' | '“' | '”' | '•' | '≤' | '≥' | '≈' | '−' | '→' | '←' | '∞' | '€'))
}

/// Returns `text`, shortened with an ellipsis if it is wider than `room`.
pub(super) fn fit(text: &str, em: f64, bold: bool, room: f64) -> String {
    if width(text, em, bold) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| {
        let start: String = letters[..kept].iter().collect();
        format!("{}…", start.trim_end_matches([' ', '·', ',']))
    };
    let kept = (1..letters.len()).rev().find(|&kept| width(&shortened(kept), em, bold) <= room);
    kept.map_or_else(String::new, shortened)
}

/// Returns a name, shortened in its middle if it is wider than `room`: names of one kind differ at their ends.
pub(super) fn fit_name(name: &str, em: f64, bold: bool, room: f64) -> String {
    if width(name, em, bold) <= room {
        return name.to_owned();
    }
    let letters: Vec<char> = name.chars().collect();
    let shortened = |kept: usize| {
        let (start, end) = (kept.div_ceil(2), letters.len() - kept / 2);
        letters[..start].iter().chain(&['…']).chain(&letters[end..]).collect::<String>()
    };
    let kept = (1..letters.len()).rev().find(|&kept| width(&shortened(kept), em, bold) <= room);
    kept.map_or_else(String::new, shortened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_is_readable_and_measures() {
        assert!(register());
        let narrow = width("iiii", 10.0, false);
        assert!(narrow > 5.0 && narrow < width("WWWW", 10.0, false));
        assert!((width("12345", 20.0, false) - 2.0 * width("12345", 10.0, false)).abs() < 0.1);
        assert!(width("messaging", 12.0, true) > width("messaging", 12.0, false));
    }

    #[test]
    fn fitting_never_exceeds_the_room() {
        assert_eq!(fit("messaging", 12.0, false, 500.0), "messaging");
        let short = fit("messaging/enterprise/1", 12.0, false, 80.0);
        assert!(short.ends_with('…') && width(&short, 12.0, false) <= 80.0, "{short}");
        assert_eq!(fit("messaging", 12.0, false, 1.0), "");
        let name = fit_name("messaging/enterprise/1", 12.0, false, 80.0);
        assert!(name.starts_with("mess") && name.ends_with("/1") && width(&name, 12.0, false) <= 80.0, "{name}");
        assert_eq!(fit_name("messaging", 12.0, false, 1.0), "");
    }
}
