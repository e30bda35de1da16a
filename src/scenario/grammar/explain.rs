//! What a key is, in words: for `cellsim keys`.

use super::reference::absent;
use super::shape::{About, Kind, Shape};
use super::tree::{self, Found, Placed};
use crate::catalogue::Level;
use crate::scenario::text::nearest;

/// Columns of a line.
const WIDTH: usize = 100;

/// Explains what stands at a path ("run.horizon", "tier.smb.sla"), the keys of a name wherever they work, or what is at the top level.
///
/// # Errors
/// That there is nothing of the kind, and what is near.
pub(in crate::scenario) fn explain(root: &'static Shape, path: &str) -> Result<String, String> {
    if path.is_empty() {
        return Ok(listed(root) + "\n`cellsim keys PATH` explains one of them: `cellsim keys run.horizon`\n");
    }
    if let Some(found) = at(root, path) {
        return Ok(found);
    }
    let named: Vec<Placed> = match path.split_once('.') {
        None => tree::directory(root).remove(path).unwrap_or_default(),
        Some(_) => Vec::new(),
    };
    if !named.is_empty() {
        let each: Vec<String> = named.iter().map(|one| one_key(&one.path(), one.key)).collect();
        return Ok(each.join("\n"));
    }
    Err(unknown(root, path))
}

/// Explains the key, or the table, at a path.
fn at(root: &'static Shape, path: &str) -> Option<String> {
    Some(match tree::follow(root, path)? {
        Found::Key(key) => one_key(path, key),
        Found::Name(Kind::Table(inner)) => format!("{path}\n{}", listed(inner)),
        Found::Name(kind) => format!("{path}\n{}", field("written", &written(&kind))),
    })
}

fn one_key(path: &str, key: &About) -> String {
    let mut text = format!("{path}\n");
    for line in wrapped(&plain(key.sentence), WIDTH - 2) {
        text += &format!("  {line}\n");
    }
    text += &field("written", &written(&key.kind));
    if let Kind::Word(words) = key.kind {
        for (word, sentence) in words() {
            text += &field("", &format!("\"{word}\": {sentence}"));
        }
    }
    let default = plain(&absent(key.absent));
    if !default.is_empty() {
        text += &field("default", &default);
    }
    match (key.level, key.refusal) {
        (Some(Level::Request), _) => text += &field("level", "request only"),
        (Some(Level::Incident), _) => text += &field("level", "incident only"),
        (None, Some(refusal)) => text += &field("level", &format!("both, but: {}", refusal.message)),
        (None, None) => text += &field("level", "both"),
    }
    if let Some(inner) = key.table() {
        text += &format!("\n{}", listed(inner));
    }
    text
}

/// Lists the keys of a table, each with what holds without it and the beginning of what it means.
fn listed(shape: &'static Shape) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for key in shape.keys() {
        let default = plain(&absent(key.absent));
        let default = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        lines.push((key.name.to_owned(), format!("{}{default}", first(&plain(key.sentence)))));
    }
    if let Some(others) = shape.others {
        lines.push((others.called.to_owned(), written(&others.kind)));
    }
    let widest = lines.iter().map(|line| line.0.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, meaning) in lines {
        for (index, line) in wrapped(&meaning, WIDTH.saturating_sub(widest + 4).max(30)).iter().enumerate() {
            let name = if index == 0 { name.as_str() } else { "" };
            text += format!("  {name:<widest$}  {line}").trim_end();
            text.push('\n');
        }
    }
    text
}

fn field(name: &str, what: &str) -> String {
    let mut text = String::new();
    for (index, line) in wrapped(what, WIDTH - 11).iter().enumerate() {
        text += &format!("  {:<9}{line}\n", if index == 0 { name } else { "" });
    }
    text
}

/// Says how a value is written.
fn written(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Written(example) => format!("text like \"{example}\""),
        Kind::File => "the path of a CSV file".to_owned(),
        Kind::Switch => "true or false".to_owned(),
        Kind::Duration => "a duration like \"250ms\"".to_owned(),
        Kind::Share => "a share like \"5%\", or a number from 0 to 1".to_owned(),
        Kind::Rate => "a rate like \"12/s\"".to_owned(),
        Kind::DollarsPerMonth => "dollars like \"$150/month\"".to_owned(),
        Kind::DollarsPerRequest => "dollars like \"$0.005/request\"".to_owned(),
        Kind::Number => "a number like 1.5".to_owned(),
        Kind::Whole => "a whole number".to_owned(),
        Kind::Count(noun, least, most) => format!("a whole number of {noun}, from {least} to {most}"),
        Kind::Word(words) => {
            let words: Vec<String> = words().iter().map(|word| format!("\"{}\"", word.0)).collect();
            words.join(" or ")
        }
        Kind::Fixed(word) => format!("\"{word}\""),
        Kind::Name(what) => format!("the name of a {what}"),
        Kind::List(inner) => format!("a list, each of it {}", written(inner)),
        Kind::Table(_) => "a table of the keys below".to_owned(),
        Kind::Anything => "any value".to_owned(),
        Kind::Any(kinds) => kinds.iter().map(written).collect::<Vec<_>>().join(", or "),
    }
}

/// Returns a sentence without the marks of documents.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    // A link to the section that goes on.
    let mut rest = text.rsplit_once(": [").filter(|(_, link)| link.ends_with(')')).map_or(text, |(before, _)| before);
    // A link is its text.
    while let Some((before, link)) = rest.split_once('[') {
        match link.split_once("](").and_then(|(name, after)| Some((name, after.split_once(')')?.1))) {
            Some((name, after)) if !name.contains(['[', '`', '{']) => {
                plain += before;
                plain += name;
                rest = after;
            }
            _ => {
                plain += before;
                plain.push('[');
                rest = link;
            }
        }
    }
    (plain + rest).replace('`', "")
}

/// Returns the first part of a sentence.
fn first(text: &str) -> String {
    let end = text.find(". ").or(text.find("; ")).unwrap_or(text.len());
    text[..end].to_owned()
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Says that there is no such key, and what is near: keys that begin so, else the nearest one.
fn unknown(root: &'static Shape, path: &str) -> String {
    let all: Vec<String> = tree::keys(root).iter().map(Placed::path).collect();
    let begun: Vec<&str> = all.iter().map(String::as_str).filter(|other| other.starts_with(path)).take(20).collect();
    if !begun.is_empty() {
        return format!("there is no key `{path}`; some begin so: {}", begun.join(", "));
    }
    let last = path.rsplit('.').next().unwrap_or(path);
    if let Some(homes) = tree::directory(root).get(last) {
        let homes: Vec<String> = homes.iter().map(Placed::path).collect();
        return format!("there is no key `{path}`; `{last}` works as {}", homes.join(", "));
    }
    match nearest(path, all.iter().map(String::as_str)) {
        Some(near) => format!("there is no key `{path}`; did you mean `{near}`?"),
        None => format!("there is no key `{path}`; `cellsim keys` lists those of the top level"),
    }
}
