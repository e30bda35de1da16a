//! Tables of documents that follow from the program are as it says: `UPDATE_DOCS=1 cargo test --test documents` writes them. Excerpts of
//! the source are what stands there.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use cellsim::report::reference;

const BEGIN: &str = "<!-- table: ";
const END: &str = "<!-- end of table -->";

/// Returns a document with its tables made anew, and how many they are.
fn made_anew(text: &str) -> (String, usize) {
    let (mut made, mut tables) = (String::new(), 0);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").unwrap();
        let (_, after) = after.split_once(END).unwrap();
        let table = reference::table(name).unwrap_or_else(|| panic!("there is no table `{name}`"));
        made += &format!("{before}{BEGIN}{name} -->\n{table}{END}");
        rest = after;
        tables += 1;
    }
    (made + rest, tables)
}

#[test]
fn tables_are_those_of_the_program() {
    for (name, tables) in [("README.md", 1), ("docs/results.md", 18), ("docs/scenario.md", 1)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let (made, found) = made_anew(&text);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &made).unwrap();
        } else {
            let differs = made.lines().zip(text.lines()).find(|(made, found)| made != found);
            assert!(made == text, "UPDATE_DOCS=1 makes {name} anew; first difference:\n{differs:#?}");
        }
        assert_eq!(found, tables, "tables of {name}");
    }
}

/// Returns the file and the text of each excerpt: a block whose first line names a file.
fn excerpts(document: &str) -> Vec<(&str, &str)> {
    let blocks = document.split("```rust\n// src/").skip(1);
    let told = blocks.map(|block| block.split_once("```").unwrap().0.split_once('\n').unwrap());
    told.map(|(file, text)| (file, text.trim_end())).collect()
}

#[test]
fn excerpts_stand_in_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let found = excerpts(&document);
    assert!(found.len() > 5, "{found:?}");
    for (file, text) in found {
        let source = std::fs::read_to_string(root.join("src").join(file)).unwrap();
        assert!(source.contains(text), "src/{file} does not say:\n{text}");
    }
}
