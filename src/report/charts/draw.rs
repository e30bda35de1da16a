//! From a scene to SVG or PNG, through the drawing crate's two backends.
//!
//! The crate counts in whole pixels, so everything is drawn four times as large: SVG scales it back by its view box, PNG
//! by averaging, which also smooths its edges.

use std::fmt::Write as _;

use plotters::prelude::{BitMapBackend, DrawingBackend, SVGBackend, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBAColor, TextStyle};

use super::font;
use super::ink::Ink;
use super::scene::{Anchor, Face, Item, Scene};

/// How much larger than shown.
const SCALE: f64 = 4.0;
/// Pixels of the drawing that become one pixel of the PNG file, which is twice as large as the SVG for sharp slides.
const AVERAGED: usize = 2;

/// What the two backends do differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Svg,
    Png,
}

impl Scene {
    /// Returns the chart as an SVG document.
    ///
    /// # Errors
    /// What the drawing crate said.
    pub fn svg(&self) -> Result<String, String> {
        let mut document = String::new();
        let size = self.drawn_size();
        let backend = SVGBackend::with_string(&mut document, size);
        self.draw(backend, Target::Svg)?;
        Ok(self.finish_svg(&document))
    }

    /// Returns the chart as a PNG file, twice as large as the SVG.
    ///
    /// # Errors
    /// What the drawing or the encoding crate said.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let (width, height) = self.drawn_size();
        let mut pixels = vec![255; 3 * width as usize * height as usize];
        let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
        self.draw(backend, Target::Png)?;
        let (width, height) = (width as usize / AVERAGED, height as usize / AVERAGED);
        let small = average(&pixels, width, height);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Best);
        encoder.set_filter(png::FilterType::Sub);
        let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
        writer.write_image_data(&small).map_err(|error| error.to_string())?;
        writer.finish().map_err(|error| error.to_string())?;
        Ok(file)
    }

    fn drawn_size(&self) -> (u32, u32) {
        ((self.width * SCALE) as u32, (self.height * SCALE) as u32)
    }

    fn draw<B: DrawingBackend>(&self, mut backend: B, target: Target) -> Result<(), String> {
        if !font::register() {
            return Err("the shipped font cannot be read".to_owned());
        }
        for item in &self.items {
            let drawn = match item {
                Item::Rect(left, top, right, bottom, ink) => {
                    backend.draw_rect(pixel(*left, *top), pixel(*right, *bottom), &colour(*ink), true)
                }
                Item::Polygon(points, ink) => backend.fill_polygon(pixels(points), &colour(*ink)),
                Item::Line(points, width, ink) => {
                    draw_line(&mut backend, target, points, *width, *ink)?;
                    continue;
                }
                Item::Circle(x, y, radius, ink) => {
                    backend.draw_circle(pixel(*x, *y), (radius * SCALE).round() as u32, &colour(*ink), true)
                }
                Item::Text(x, y, text, face) => {
                    // From the baseline to the point that the backend takes for the text's top.
                    let ascent = if target == Target::Svg { 0.76 } else { 0.62 };
                    backend.draw_text(text, &text_style(*face), pixel(*x, y - ascent * face.size))
                }
            };
            drawn.map_err(|error| error.to_string())?;
        }
        backend.present().map_err(|error| error.to_string())
    }

    /// Gives the document its shown size, a title, and every text its measured width: with another font it keeps its place.
    fn finish_svg(&self, document: &str) -> String {
        let mut texts = self.items.iter().filter_map(|item| match item {
            Item::Text(_, _, text, face) => {
                let em = face.size * SCALE;
                Some((em, font::covers(text).then(|| font::drawn(text, em, face.bold))))
            }
            _ => None,
        });
        let (width, height) = self.drawn_size();
        let mut finished = String::with_capacity(document.len() + 4096);
        let _ = writeln!(
            finished,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 {width} {height}" role="img" stroke-linejoin="round">"#,
            self.width, self.height
        );
        let _ = writeln!(finished, "<title>{}</title>", escape(&self.title));
        let _ = writeln!(finished, "<desc>{}</desc>", escape(&self.answer));
        for line in document.lines().skip(1) {
            match line.strip_prefix("<text ") {
                Some(rest) => {
                    let (em, width) = texts.next().unwrap_or((0.0, None));
                    let length = match width {
                        Some(width) => format!(r#"textLength="{width:.0}" lengthAdjust="spacingAndGlyphs" "#),
                        None => String::new(),
                    };
                    // The size that was asked for, without what its conversion left behind the point.
                    let rest = match rest.split_once(r#"font-size=""#) {
                        Some((before, after)) => {
                            let after =
                                after.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
                            format!(r#"{before}font-size="{em}{after}"#)
                        }
                        None => rest.to_owned(),
                    };
                    let rest = rest.replace(r#"font-weight="bold""#, r#"font-weight="600""#);
                    let _ = writeln!(finished, "<text {length}{rest}");
                }
                None => {
                    let _ = writeln!(finished, "{line}");
                }
            }
        }
        finished
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn pixel(x: f64, y: f64) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn pixels(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    points.iter().map(|&(x, y)| pixel(x, y)).collect()
}

fn colour(ink: Ink) -> ShapeStyle {
    let (red, green, blue) = ink.rgb;
    RGBAColor(red, green, blue, ink.alpha).filled()
}

fn text_style(face: Face) -> TextStyle<'static> {
    let horizontal = match face.anchor {
        Anchor::Left => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::Right => HPos::Right,
    };
    let (red, green, blue) = face.ink.rgb;
    TextStyle {
        font: font::sized(face.size * SCALE, face.bold),
        color: RGBAColor(red, green, blue, face.ink.alpha).to_backend_color(),
        pos: Pos::new(horizontal, VPos::Top),
    }
}

fn draw_line<B: DrawingBackend>(
    backend: &mut B,
    target: Target,
    points: &[(f64, f64)],
    width: f64,
    ink: Ink,
) -> Result<(), String> {
    let thick = width * SCALE;
    if target == Target::Svg {
        let style = colour(ink).stroke_width(thick.round() as u32);
        return backend.draw_path(pixels(points), &style).map_err(|error| error.to_string());
    }
    // The bitmap's own thick lines leave spikes at sharp turns: draw each piece, and a round joint between two.
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = libm::hypot(x1 - x0, y1 - y0);
        if length > 0.0 {
            let (across, up) = ((y0 - y1) / length * width / 2.0, (x1 - x0) / length * width / 2.0);
            let piece =
                [(x0 + across, y0 + up), (x1 + across, y1 + up), (x1 - across, y1 - up), (x0 - across, y0 - up)];
            backend.fill_polygon(pixels(&piece), &colour(ink)).map_err(|error| error.to_string())?;
        }
    }
    if ink.alpha < 1.0 {
        return Ok(()); // a joint would show through
    }
    for &(x, y) in points.iter().skip(1).take(points.len().saturating_sub(2)) {
        backend
            .draw_circle(pixel(x, y), (thick / 2.0) as u32, &colour(ink), true)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Averages squares of pixels.
fn average(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let row = 3 * width * AVERAGED;
    let mut small = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0_u32;
                for dy in 0..AVERAGED {
                    for dx in 0..AVERAGED {
                        sum += u32::from(pixels[(y * AVERAGED + dy) * row + 3 * (x * AVERAGED + dx) + channel]);
                    }
                }
                let count = (AVERAGED * AVERAGED) as u32;
                small.push(((sum + count / 2) / count) as u8);
            }
        }
    }
    small
}
