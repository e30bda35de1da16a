//! Levers of the command line: `--vary [NAME:]PATH=VALUES`.

use std::path::PathBuf;
use std::sync::Arc;

use super::lever::Written;
use super::values;
use crate::scenario::document::{Place, Read, Source, plain};

/// How the text of a `--vary` is called.
pub(super) const SOURCE: &str = "--vary";

/// Reads one `--vary`.
pub(super) fn read(text: &str) -> Read<Written> {
    let source = Source::new(SOURCE, PathBuf::new(), Arc::from(text), true);
    let place = |span: std::ops::Range<usize>| Place { source: Arc::clone(&source), span };
    let whole = place(0..text.len());
    plain(&whole, text)?;
    let help = "write --vary tier.smb.customers_per_cell.target=1000,2500,5000";
    let Some((left, right)) = text.split_once('=') else {
        return Err(Box::new(whole.error("not a lever", "there is no `=`").help(help)));
    };
    let (name, path, begin) = match left.split_once(':') {
        Some((name, path)) => (Some(name.trim()), path, name.len() + 1),
        None => (None, left, 0),
    };
    let is_plain =
        |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'));
    if let Some(name) = name.filter(|name| name.is_empty() || !is_plain(name)) {
        let error = place(0..begin - 1).error(format!("`{name}` cannot be a lever's name"), "this name");
        return Err(Box::new(error.help("use letters, digits, - and _")));
    }
    let at = place(begin..left.len());
    let begin = left.len() + 1;
    Ok(Written {
        name: name.map(str::to_owned),
        path: path.trim().to_owned(),
        place: at,
        values: (values::typed(&source, begin)?, place(begin..begin + right.len())),
        also: Vec::new(),
        cost: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_lever_may_have_a_name() {
        let lever = read("tier.smb.cells=2,4").unwrap();
        assert_eq!((lever.name, lever.path.as_str(), lever.values.0.len()), (None, "tier.smb.cells", 2));
        let lever = read("repair: fault.x.mttr = x0.5,x2").unwrap();
        assert_eq!((lever.name.as_deref(), lever.path.as_str()), (Some("repair"), "fault.x.mttr"));
        for text in ["a.b", ":a=1", "a b:c=1", "a.b="] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
