//! The template filled in.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::sections::Part;
use super::shown::Shown;

/// Most bytes of a page.
pub const MOST_BYTES: usize = 2_000_000;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

#[derive(Serialize)]
struct Page<'a> {
    title: &'a str,
    version: &'static str,
    script_digest: String,
    style: &'static str,
    script: &'static str,
    parts: &'a [Part],
}

/// Renders the page.
///
/// # Errors
/// A chart of a folder is none of this program, or the page would be larger than [`MOST_BYTES`].
pub fn render(shown: &[Shown], title: Option<&str>) -> Result<String, String> {
    let parts: Result<Vec<Part>, String> = shown.iter().enumerate().map(|(at, one)| Part::of(one, at)).collect();
    let parts = parts?;
    let names: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
    let own = names.join(" · ");
    let page = Page {
        title: title.unwrap_or(&own),
        version: env!("CARGO_PKG_VERSION"),
        script_digest: base64(&Sha256::digest(SCRIPT)),
        style: STYLE,
        script: SCRIPT,
        parts: &parts,
    };
    let text = write(&page).map_err(|problem| format!("the page's template: {problem:#}"))?;
    if text.len() > MOST_BYTES {
        return Err(format!(
            "the page would have {} bytes, at most {MOST_BYTES}: name fewer folders, or --replay none",
            text.len()
        ));
    }
    Ok(text)
}

fn write(page: &Page<'_>) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("page.html", TEMPLATE)?;
    environment.get_template("page.html")?.render(Serde(page))
}

/// Writes bytes in base 64, as a policy names a script's digest.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { letter as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_as_policies_do() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in cases {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
