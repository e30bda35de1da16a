//! A chart of the folder, set into the page: its colours become the page's, and nothing of it is taken over unseen.
//!
//! Only the elements and attributes that charts of this program have are copied, each written anew; text is escaped.

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Elements that charts consist of.
const ELEMENTS: [&str; 11] =
    ["svg", "title", "desc", "rect", "circle", "polygon", "polyline", "line", "path", "g", "text"];

/// Attributes of theirs that are taken over. Sizes are the page's business, fonts too.
const ATTRIBUTES: [&str; 24] = [
    "viewBox",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "dy",
    "cx",
    "cy",
    "r",
    "d",
    "width",
    "height",
    "points",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-linejoin",
    "opacity",
    "text-anchor",
    "font-size",
    "font-weight",
    "transform",
];

/// Colours of charts and what the page calls them; `*` marks what is darkened for letters.
const PALETTE: [(&str, &str); 13] = [
    ("#FFFFFF", "paper"),
    ("#1B2430", "ink"),
    ("#5B6775", "muted"),
    ("#E6EAEF", "grid"),
    ("#96A0AC", "edge"),
    ("#F7F8FA", "stripe"),
    ("#E2F0E8", "calm"),
    ("#0072B2", "blue"),
    ("#D55E00", "red"),
    ("#009E73", "green"),
    ("#E69F00", "amber"),
    ("#AA4499", "purple"),
    ("#966E00", "ochre"),
];

/// Colours that are another one where they are letters: the mark's contrast is enough for a mark only.
const FOR_LETTERS: [&str; 6] = ["blue", "red", "green", "amber", "purple", "ochre"];

/// Returns a chart as it may stand in the page; `name` tells its texts from those of others.
///
/// # Errors
/// It is no chart of this program.
pub(super) fn themed(svg: &str, name: &str) -> Result<String, String> {
    let mut reader = Reader::from_str(svg);
    let mut themed = String::with_capacity(svg.len());
    // A scale of colours means what it means on paper: its chart keeps it.
    let keeps_paper =
        colours(svg).any(|colour| !PALETTE.iter().any(|(known, _)| *known == colour) && !is_series(colour));
    loop {
        match reader.read_event().map_err(|problem| problem.to_string())? {
            Event::Start(tag) => themed += &open(&tag, name, keeps_paper, false)?,
            Event::Empty(tag) => themed += &open(&tag, name, keeps_paper, true)?,
            Event::End(tag) => {
                let tag = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                themed += &format!("</{tag}>");
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|problem| problem.to_string())?;
                themed += &escaped(text.trim_matches(['\n', '\r']));
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|problem| problem.to_string())?;
                let text = unescape(&format!("&{name};")).map_err(|problem| problem.to_string())?.into_owned();
                themed += &escaped(&text);
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => return Ok(themed),
            Event::CData(_) | Event::PI(_) | Event::DocType(_) => return Err("more than a picture".to_owned()),
        }
    }
}

/// Returns the colours that a picture names.
fn colours(svg: &str) -> impl Iterator<Item = &str> {
    svg.match_indices("\"#").filter_map(|(at, _)| svg.get(at + 1..at + 8))
}

/// Further series of charts have colours that can be seen on any ground.
fn is_series(colour: &str) -> bool {
    ["#3296CD", "#666666", "#882255"].contains(&colour)
}

/// Writes a tag anew.
fn open(tag: &BytesStart<'_>, name: &str, keeps_paper: bool, is_empty: bool) -> Result<String, String> {
    let element = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
    if !ELEMENTS.contains(&element.as_str()) {
        return Err(format!("it has an element that charts do not have: {element}"));
    }
    let is_root = element == "svg";
    let mut written = format!("<{element}");
    if is_root {
        let paper = if keeps_paper { " class=\"chart paper\"" } else { " class=\"chart\"" };
        written += &format!("{paper} role=\"img\" aria-labelledby=\"{name}-t {name}-d\"");
    }
    if let Some(end) = [("title", "t"), ("desc", "d")].into_iter().find(|(kind, _)| *kind == element) {
        written += &format!(" id=\"{name}-{}\"", end.1);
    }
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|problem| problem.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let sizes = is_root && ["width", "height"].contains(&key.as_str());
        if !ATTRIBUTES.contains(&key.as_str()) || sizes {
            continue;
        }
        let value = String::from_utf8_lossy(&attribute.value).into_owned();
        let value = unescape(&value).map_err(|problem| problem.to_string())?.into_owned();
        let is_default = matches!((key.as_str(), value.as_str()), ("opacity", "1") | ("stroke", "none"));
        if !is_default {
            let value = if keeps_paper { value } else { colour(value, element == "text") };
            written += &format!(" {key}=\"{}\"", escaped(&value));
        }
    }
    Ok(written + if is_empty { "/>" } else { ">" })
}

/// Returns a colour as the page calls it.
fn colour(value: String, is_letters: bool) -> String {
    match PALETTE.iter().find(|(known, _)| *known == value) {
        Some((_, name)) if is_letters && FOR_LETTERS.contains(name) => format!("var(--{name}-text)"),
        Some((_, name)) => format!("var(--{name})"),
        None => value,
    }
}

/// Writes a text so that it is no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn colours_become_the_pages_and_text_stays_text() {
        let svg = "<svg width=\"10\" viewBox=\"0 0 1 1\"><title>a &lt;/script&gt; b</title><text fill=\"#D55E00\" onclick=\"x()\">\nv\n</text><rect fill=\"#D55E00\" opacity=\"1\"/></svg>";
        assert_eq!(
            themed(svg, "c").unwrap(),
            "<svg class=\"chart\" role=\"img\" aria-labelledby=\"c-t c-d\" viewBox=\"0 0 1 1\"><title id=\"c-t\">a &lt;/script&gt; b</title><text fill=\"var(--red-text)\">v</text><rect fill=\"var(--red)\"/></svg>"
        );
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for svg in [
            "<svg><script>x</script></svg>",
            "<svg><a href=\"x\"/></svg>",
            "<!DOCTYPE svg><svg/>",
            "<svg><style>x</style></svg>",
        ] {
            assert!(themed(svg, "c").is_err(), "{svg}");
        }
    }

    #[test]
    fn a_scale_of_colours_stays_on_paper() {
        let themed = themed("<svg><rect fill=\"#E08534\"/><text fill=\"#1B2430\">1</text></svg>", "c").unwrap();
        assert!(themed.contains("class=\"chart paper\"") && themed.contains("fill=\"#1B2430\""), "{themed}");
    }
}
