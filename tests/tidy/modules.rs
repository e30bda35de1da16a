//! The modules of the library, and which uses which.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

/// A file of the library.
pub(crate) struct Module {
    /// Its path from the root of the project.
    pub(crate) file: String,
    /// The modules that it uses outside of its tests; of a path the last that is a file.
    pub(crate) uses: BTreeSet<String>,
}

/// Reads all modules, by their names in the library: `world::platform::cells`.
pub(crate) fn modules(sources: &BTreeMap<String, String>) -> BTreeMap<String, Module> {
    let named = sources.iter().filter_map(|(file, text)| Some((name(file)?, (file, text))));
    let named: BTreeMap<String, (&String, &String)> = named.collect();
    let module = |(name, (file, text)): (&String, &(&String, &String))| {
        let own = text.split("#[cfg(test)]").next().unwrap_or_default();
        let uses = paths(own, name, &named);
        (name.clone(), Module { file: (*file).clone(), uses })
    };
    named.iter().map(module).collect()
}

/// The name of a file's module; `None` for the roots.
fn name(file: &str) -> Option<String> {
    let path = file.strip_prefix("src/")?.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path).replace('/', "::");
    (!["lib", "main"].contains(&path.as_str())).then_some(path)
}

/// Lists the modules that a text names: in `use` lines, and in paths that begin with `crate` or `super`.
fn paths<T>(text: &str, own: &str, named: &BTreeMap<String, T>) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |all, line| {
            // `pub(in crate::x)` says who may use this, not what this uses.
            all + &line.replace("pub(in crate::", "pub(") + "\n"
        });
    let used = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?use ([^;]+);").expect("a pattern");
    let inline = Regex::new(r"(\$?)\b((?:crate|super|self)(?:::\w+)+)").expect("a pattern");
    let trees = used.captures_iter(&code).flat_map(|found| expanded(&found[1]));
    let inline = inline.captures_iter(&code).filter(|found| found[1].is_empty()).map(|found| found[2].to_owned());
    let full = trees.chain(inline).filter_map(|path| absolute(&path, own, named));
    full.filter_map(|path| file_of(&path, named)).filter(|module| module != own).collect()
}

/// Writes a tree of paths out, one by one.
fn expanded(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let group = rest.rsplit_once('}').map_or(rest, |(group, _)| group);
    let (mut all, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, letter) in group.char_indices().chain([(group.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let one = group[from..at].trim();
                if !one.is_empty() {
                    all.extend(expanded(&format!("{}{one}", prefix.trim())));
                }
                from = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// Makes a path one from the root of the library; `None` if it leads out of it.
fn absolute<T>(path: &str, own: &str, named: &BTreeMap<String, T>) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").map(str::trim).collect();
    let mut base: Vec<&str> = own.split("::").collect();
    match parts[0] {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            while parts.first() == Some(&"super") {
                parts.remove(0);
                base.pop();
            }
            parts.insert(0, "super");
        }
        child if named.contains_key(&format!("{own}::{child}")) => parts.insert(0, "self"),
        _ => return None,
    }
    base.extend(parts.into_iter().skip(1).filter(|part| !["self", "*"].contains(part)));
    Some(base.join("::"))
}

/// Returns the module in which a path ends: the longest beginning that is a file.
fn file_of<T>(path: &str, named: &BTreeMap<String, T>) -> Option<String> {
    let parts: Vec<&str> = path.split("::").collect();
    (1..=parts.len()).rev().map(|n| parts[..n].join("::")).find(|name| named.contains_key(name))
}

/// Returns the circles: modules of which each uses all others, if only by way of them.
pub(crate) fn circles(modules: &BTreeMap<String, Module>) -> BTreeSet<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        modules.keys().map(|from| (from.as_str(), reach(modules, from))).collect();
    let circle = |from: &str| -> BTreeSet<&str> {
        reached[from].iter().copied().filter(|to| reached[to].contains(from)).collect()
    };
    modules.keys().map(|from| circle(from)).filter(|circle| !circle.is_empty()).collect()
}

/// Returns all modules that one uses, if only by way of others; itself only if a circle leads back.
fn reach<'a>(modules: &'a BTreeMap<String, Module>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(name) = waiting.pop() {
        for used in modules.get(name).iter().flat_map(|module| &module.uses) {
            if reached.insert(used.as_str()) {
                waiting.push(used);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(files: &[(&str, &str)]) -> BTreeMap<String, Module> {
        modules(&files.iter().map(|&(file, text)| (format!("src/{file}"), text.to_owned())).collect())
    }

    #[test]
    fn paths_of_all_forms_are_followed() {
        let all = all(&[
            ("a/mod.rs", "mod b;\npub use b::B;\nuse crate::{c, d::{E, f as g}};\n// use crate::h;"),
            (
                "a/b.rs",
                "use super::i::I;\npub(in crate::a) fn x() -> super::super::c::C {}\n#[cfg(test)]\nuse crate::h;",
            ),
            ("a/i.rs", ""),
            ("c.rs", "fn x() { $crate::h::y(); std::fmt::z(); }"),
            ("d/mod.rs", ""),
            ("d/f.rs", "use super::*;"),
            ("h.rs", ""),
        ]);
        let uses = |name: &str| all[name].uses.iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(uses("a"), ["a::b", "c", "d", "d::f"]);
        assert_eq!(uses("a::b"), ["a::i", "c"]);
        assert_eq!(uses("d::f"), ["d"]);
        assert!(uses("c").is_empty());
        assert!(circles(&all).is_empty());
    }

    #[test]
    fn a_circle_is_found_once_and_whole() {
        let all = all(&[
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "use crate::b::B;\nuse crate::d::D;"),
            ("d.rs", "use super::b;"),
            ("e.rs", "use crate::a;"),
        ]);
        let found = circles(&all);
        assert_eq!(found, BTreeSet::from([BTreeSet::from(["b", "c", "d"])]));
    }
}
