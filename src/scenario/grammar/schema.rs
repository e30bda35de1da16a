//! The JSON schema (draft 7) of scenario files: for editors and for programs that write them.

use serde_json::{Map, Value, json};

use super::shape::{About, Absent, Kind, Plain, Shape};
use super::tree;

/// A number in a text.
const NUMBER: &str = r"([0-9][0-9_,]*(\.[0-9][0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?";
/// A unit of time.
const TIME: &str = "(ns|us|µs|μs|ms|s|sec|seconds?|min|minutes?|h|hours?|d|days?|weeks?|months?|years?)";

/// Returns the schema of documents of this shape.
pub(in crate::scenario) fn of(root: &'static Shape, title: &str) -> Value {
    let mut definitions = Map::new();
    for (_, shape) in tree::tables(root).into_iter().skip(1) {
        if !definitions.contains_key(shape.name) {
            definitions.insert(shape.name.to_owned(), table(shape));
        }
    }
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".to_owned(), json!(title));
    if let Value::Object(of_root) = table(root) {
        schema.extend(of_root);
    }
    schema.insert("definitions".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

/// A table: its keys and no others. None is required: another file, which this one is laid over, may have it.
fn table(shape: &'static Shape) -> Value {
    let properties: Map<String, Value> = shape.keys().map(|about| (about.name.to_owned(), key(about))).collect();
    let mut table = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let Some(others) = shape.others {
        table["patternProperties"] = json!({ others.pattern: or_left_out(&others.kind) });
    }
    table
}

fn key(about: &About) -> Value {
    let mut schema = or_left_out(&about.kind);
    if !about.sentence.is_empty() {
        schema["description"] = json!(about.sentence);
    }
    match about.absent {
        Absent::Value(Plain::Text(text)) => schema["default"] = json!(text),
        Absent::Value(Plain::Whole(number)) => schema["default"] = json!(number),
        Absent::Value(Plain::Switch(value)) => schema["default"] = json!(value),
        Absent::Value(Plain::Empty) => schema["default"] = json!([]),
        Absent::Required(_) | Absent::RequiredIf(..) | Absent::Words(_) | Absent::Nothing => {}
    }
    schema
}

/// A value, or `false`, which leaves an inherited one out.
fn or_left_out(of: &Kind) -> Value {
    if matches!(of, Kind::Switch) {
        return kind(of);
    }
    let mut any = match kind(of) {
        Value::Object(mut schema) if schema.len() == 1 && schema.contains_key("anyOf") => {
            schema.remove("anyOf").and_then(|any| any.as_array().cloned()).unwrap_or_default()
        }
        other => vec![other],
    };
    any.push(json!({ "const": false }));
    json!({ "anyOf": any })
}

fn kind(of: &Kind) -> Value {
    let text = |pattern: String| json!({ "type": "string", "pattern": pattern });
    match of {
        Kind::Text | Kind::Written(_) | Kind::File | Kind::Name(_) => json!({ "type": "string" }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Duration => text(format!(r"^\s*({NUMBER}\s*{TIME}\s*)+$")),
        Kind::Share => json!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 1 },
            text(format!(r"^\s*{NUMBER}\s*(%|percent)\s*$")),
        ] }),
        Kind::Rate => text(format!(r"^\s*{NUMBER}\s*/\s*{TIME}\s*$")),
        Kind::DollarsPerMonth => text(format!(r"^\s*\$\s*{NUMBER}\s*/\s*(month|day|d|hour|h)\s*$")),
        Kind::DollarsPerRequest => text(format!(r"^\s*\$\s*{NUMBER}\s*/\s*(request|thousand|million)\s*$")),
        Kind::Number => {
            json!({ "anyOf": [{ "type": "number", "minimum": 0 }, text(format!(r"^\s*{NUMBER}\s*x?\s*$"))] })
        }
        Kind::Whole => json!({ "type": "integer", "minimum": 0 }),
        Kind::Count(noun, least, most) => {
            let noun = noun.strip_suffix('s').unwrap_or(noun);
            json!({ "anyOf": [
                { "type": "integer", "minimum": least, "maximum": most },
                text(format!(r"^\s*{NUMBER}\s*({noun}s?)?\s*$")),
            ] })
        }
        Kind::Word(listed) => {
            let words: Vec<&str> = listed().into_iter().map(|word| word.0).collect();
            json!({ "enum": words })
        }
        Kind::Fixed(word) => json!({ "const": word }),
        Kind::List(inner) => json!({ "type": "array", "items": kind(inner) }),
        Kind::Table(shape) => json!({ "$ref": format!("#/definitions/{}", shape.name.replace(' ', "%20")) }),
        Kind::Anything => json!({}),
        Kind::Any(kinds) => {
            let any: Vec<Value> = kinds.iter().map(kind).collect();
            json!({ "anyOf": any })
        }
    }
}
