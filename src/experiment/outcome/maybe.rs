//! Names of what a line is of, where it may be of all.

use serde::Serializer;

/// Writes a name, or nothing for all.
#[allow(clippy::ref_option, reason = "the serializer passes a reference")]
pub(super) fn text<S: Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.as_deref().unwrap_or_default())
}
