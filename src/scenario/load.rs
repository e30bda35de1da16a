//! Loading: the chain of `extends`, then every `--set`, as one document.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::context::Context;
use super::document::{Node, Place, Read, Source, Value, parse, plain};
use super::merge;
use super::root::EXTENDS;
use crate::diagnostic::Diagnostic;

/// Most bytes of a scenario file.
pub(super) const LARGEST: u64 = 16_000_000;

/// The first key of a study file.
pub(super) const STUDY: &str = "scenario";

/// Most files in a chain of `extends`.
const LONGEST_CHAIN: usize = 64;

/// Rank of what comes after every file and every `--set`.
pub(super) const LAST_RANK: u32 = LONGEST_CHAIN as u32 + 2;

/// Reads a file, everything that it extends, and the `--set` arguments.
pub(super) fn load(context: &Context, path: &Path, sets: &[String]) -> Read<Node> {
    let mut chain: Vec<Node> = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut next = Some((path.to_owned(), None::<Place>));
    while let Some((path, asked_by)) = next {
        // What is wrong inside a file is shown there; a file that cannot be read, where it is named.
        let blame = |error: Box<Diagnostic>| match &asked_by {
            Some(place) if error.span.is_none() => Box::new(place.error(error.message, "named here")),
            _ => error,
        };
        let text = context.read_text(&path, LARGEST).map_err(blame)?;
        let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if let (Some(place), true) = (&asked_by, seen.contains(&real)) {
            let names: Vec<String> = seen.iter().map(|file| file.display().to_string()).collect();
            let error =
                place.error(format!("`extends` goes round in a loop: \"{}\"", path.display()), "extended before");
            return Err(Box::new(error.note(format!("the chain so far: {}", names.join(" -> ")))));
        }
        seen.push(real);
        if let (Some(place), true) = (&asked_by, seen.len() > LONGEST_CHAIN) {
            return Err(Box::new(place.error("too many files extend each other", "the chain is too long")));
        }
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let source = Source::new(Context::named(&path), folder, text, context.shows(&path));
        let document = parse(&source, 0)?;
        if let Some(entry) = document.table().and_then(|table| table.entries.first()).filter(|one| one.key == STUDY) {
            let error = entry.key_place.error("a study, not a scenario", "says which scenario is varied");
            return Err(Box::new(error.help(format!("cellsim sweep {}", source.name))));
        }
        next = match document.child(EXTENDS.name) {
            None => None,
            Some(node) => match node.text() {
                Some(other) if tidy(&source.folder.join(other)).file_name().is_none() => {
                    let error = node.error(format!("`extends` names a folder, not a file: \"{other}\""), "no file");
                    return Err(Box::new(error.help("write the path of a file: extends = \"twilio.toml\"")));
                }
                Some(other) => Some((tidy(&source.folder.join(other)), Some(node.place.clone()))),
                None => return Err(Box::new(node.expected("the path of a file", "\"twilio.toml\""))),
            },
        };
        chain.push(document);
    }
    let mut layers = chain.into_iter().rev();
    let mut merged = layers.next().ok_or_else(|| Box::new(Diagnostic::file("", "no scenario file")))?;
    for (index, layer) in layers.enumerate() {
        merged = merge::documents(merged, ranked(layer, 1 + index as u32));
    }
    let mut set_before: BTreeMap<String, &str> = BTreeMap::new();
    for set in sets {
        // All are of one layer: those that exclude each other are an error, as in one file.
        let rank = (LONGEST_CHAIN + 1) as u32;
        let one = assignment(set)?;
        if let Some(extends) = one.child(EXTENDS.name) {
            let error = extends.error("`extends` cannot be set", "comes too late: files are read first");
            return Err(Box::new(error.help("write it into the file")));
        }
        let key = set.split('=').next().unwrap_or_default().trim();
        for path in paths(&one, "") {
            // A key within a table that was set before refines it; anything else would take back what was asked for.
            let refines = |before: &str| key.strip_prefix(before).is_some_and(|rest| rest.starts_with('.'));
            if set_before.insert(path.clone(), key).is_some_and(|before| !refines(before)) {
                let error = Diagnostic::file("", format!("`{path}` is set twice: --set {set}"));
                return Err(Box::new(error.help("leave one of them out")));
            }
        }
        merged = merge::documents(merged, ranked(one, rank));
    }
    Ok(merged)
}

/// Reads a scenario that is a text of its own: it extends nothing.
pub(super) fn load_text(name: &str, text: &str) -> Read<Node> {
    let source = Source::new(name, PathBuf::new(), Arc::from(text), true);
    let document = parse(&source, 0)?;
    match document.child(EXTENDS.name) {
        Some(node) => Err(Box::new(node.place.error("a text without a file extends nothing", "not here"))),
        None => Ok(document),
    }
}

/// Reads one `--set path=value`.
fn assignment(text: &str) -> Read<Node> {
    let source = Source::set(text);
    let whole = Place { source: Arc::clone(&source), span: 0..text.len() };
    let help = "write --set tier.smb.customers_per_cell.target=1000";
    let Some((key, value)) = text.split_once('=') else {
        return Err(Box::new(whole.error("not an assignment", "there is no `=`").help(help)));
    };
    if let Some(node) = parse(&source, 0).ok().filter(|node| is_one_value(node, text)) {
        return Ok(node);
    }
    // Not a TOML value, so it is text without its quotes; the key alone says where it goes.
    let keys = Source::set(format!("{key}=0"));
    let mut node = parse(&keys, 0)
        .ok()
        .filter(|node| is_one_value(node, &keys.text))
        .ok_or_else(|| Box::new(whole.error("not a path of keys", "left of `=`").help(help)))?;
    let span = text.len() - value.len()..text.len();
    plain(&whole, value)?;
    put(&mut node, value.trim(), &Place { source, span });
    Ok(node)
}

/// Returns the paths of the values in a table.
fn paths(node: &Node, before: &str) -> Vec<String> {
    let Some(table) = node.table() else { return vec![before.trim_end_matches('.').to_owned()] };
    table.entries.iter().flat_map(|entry| paths(&entry.node, &format!("{before}{}.", entry.key))).collect()
}

/// Whether the text holds one assignment and no more.
fn is_one_value(node: &Node, text: &str) -> bool {
    !text.contains(['\n', '\r']) && node.table().is_some_and(|table| table.entries.len() == 1)
}

fn put(node: &mut Node, text: &str, place: &Place) {
    match &mut node.value {
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_place.source = Arc::clone(&place.source);
                put(&mut entry.node, text, place);
            }
            node.place.source = Arc::clone(&place.source);
        }
        other => {
            *other = Value::Text(text.to_owned());
            node.place = place.clone();
        }
    }
}

/// Returns the same value with this rank, and all in it.
pub(super) fn ranked(mut node: Node, rank: u32) -> Node {
    fn visit(node: &mut Node, rank: u32) {
        node.rank = rank;
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| visit(item, rank)),
            Value::Table(table) => table.entries.iter_mut().for_each(|entry| visit(&mut entry.node, rank)),
            Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Bool(_) => {}
        }
    }
    visit(&mut node, rank);
    node
}

/// Removes `x/..` and `.` from a path, as one would write it.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidied.components().next_back(), Some(Component::Normal(_))) => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn set_takes_values_and_bare_text() {
        let node = assignment("tier.smb.customers=1_000").unwrap();
        let value = node.child("tier").unwrap().child("smb").unwrap().child("customers").unwrap();
        assert!(matches!(value.value, Value::Integer(1000)));
        let node = assignment("run.horizon=15min").unwrap();
        let value = node.child("run").unwrap().child("horizon").unwrap();
        assert_eq!(value.text(), Some("15min"));
        assert_eq!(value.place.span, 12..17);
        let node = assignment("a.b = {x = 1, y = 2}").unwrap();
        assert!(node.child("a").unwrap().child("b").unwrap().child("y").is_some());
        assert_eq!(assignment("a=x=y").unwrap().child("a").unwrap().text(), Some("x=y"));
    }

    #[test]
    fn a_text_without_a_file_extends_nothing() {
        assert!(load_text("built in", "title = \"x\"").is_ok());
        let error = load_text("built in", "title = \"x\"\nextends = \"twilio.toml\"").unwrap_err();
        assert!(error.to_string().contains("built in:2: a text without a file extends nothing"), "{error}");
    }

    #[test]
    fn set_refuses_what_is_no_assignment() {
        for text in ["", "a", "=1", "a b=1", "a..b=1"] {
            assert!(assignment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_are_tidied() {
        assert_eq!(tidy(Path::new("scenarios/tier-sizing/../twilio.toml")), Path::new("scenarios/twilio.toml"));
        assert_eq!(tidy(Path::new("../a/./b.toml")), Path::new("../a/b.toml"));
    }
}
