//! Words of scenarios.

pub use crate::words::{Word, Worded};

/// Returns the words of an enum, each with what it means.
pub(in crate::scenario) fn listed<T: Worded>() -> Vec<(&'static str, &'static str)> {
    T::WORDS.iter().map(|word| (word.word, word.sentence.trim())).collect()
}

/// Declares an enum and the word of each of its variants. In documents that programs read, a blank in a word is a hyphen.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($body:tt)* }) => {
        $crate::words::words! {
            $(#[$meta])*
            $vis enum $name { $($body)* }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$crate::words::Worded::word(*self).replace(' ', "-"))
            }
        }
    };
}
pub(in crate::scenario) use words;

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// Colours of a light.
        enum Light {
            /// Stop.
            Red = "red",
            /// Go
            /// on.
            Green = "all clear",
        }
    }

    #[test]
    fn a_word_is_read_and_written_alike() {
        assert_eq!((Light::Red.word(), Light::Green.word()), ("red", "all clear"));
        assert_eq!(listed::<Light>(), [("red", "Stop."), ("all clear", "Go on.")]);
        assert_eq!(serde_json::to_string(&Light::Green).ok().as_deref(), Some("\"all-clear\""));
    }
}
