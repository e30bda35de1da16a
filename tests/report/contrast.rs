//! Contrast of the palette, in light and dark, as WCAG 2.2 reckons it.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../src/report/page/page.css");

/// The colours of each palette of the style sheet: light, dark by system, dark by choice, print.
fn palettes() -> Vec<BTreeMap<String, [f64; 3]>> {
    let mut palettes = Vec::new();
    for block in STYLE.split('{').filter(|block| block.contains("--paper: #")) {
        let block = block.split('}').next().unwrap();
        let colour = |line: &str| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            let channel = |at: usize| u8::from_str_radix(value.get(at..at + 2)?, 16).ok().map(f64::from);
            Some((name.to_owned(), [channel(0)?, channel(2)?, channel(4)?]))
        };
        palettes.push(block.split(';').filter_map(colour).collect());
    }
    palettes
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|channel| match channel / 255.0 {
        low if low <= 0.04045 => low / 12.92,
        high => ((high + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_marks_can_be_seen() {
    let palettes = palettes();
    assert_eq!(palettes.len(), 4, "light, dark twice, print");
    let mut weak = Vec::new();
    for (at, palette) in palettes.iter().enumerate() {
        let mut held = |front: &str, ground: &str, least: f64| {
            let found = contrast(palette[front], palette[ground]);
            if found < least {
                weak.push(format!("palette {at}: {front} on {ground} {found:.2}, wanted {least}"));
            }
        };
        for text in ["ink", "muted", "blue-text", "red-text", "green-text", "amber-text", "purple-text", "ochre-text"] {
            held(text, "paper", 4.5);
            held(text, "stripe", 4.5);
        }
        for (text, ground) in
            [("red-text", "bad-ground"), ("amber-text", "doubt-ground"), ("green-text", "good-ground")]
        {
            held(text, ground, 4.5);
            held("ink", ground, 4.5);
            held("muted", ground, 4.5);
        }
        for mark in ["edge", "blue", "red", "green", "amber", "purple", "ochre"] {
            held(mark, "paper", 3.0);
        }
        // Cells tell states apart by lightness, too.
        held("ink", "calm", 4.5);
        held("red", "calm", 1.8);
    }
    assert!(weak.is_empty(), "{}", weak.join("\n"));
    assert_eq!(palettes[1], palettes[2], "dark is dark, whoever asks for it");
}
