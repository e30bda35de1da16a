//! Words: an enum whose variants a scenario writes as words, declared once.

/// One word of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Word<T: 'static> {
    /// As a scenario writes it.
    pub word: &'static str,
    /// What it stands for.
    pub value: T,
    /// What it means.
    pub sentence: &'static str,
}

/// An enum that is written as words.
pub trait Worded: Copy + PartialEq + 'static {
    /// All of its words, in the order of their declaration.
    const WORDS: &'static [Word<Self>];

    /// Returns the word for a value.
    fn word(self) -> &'static str {
        // Each variant has its word: the macro that declares them sees to that.
        Self::WORDS.iter().find(|word| word.value == self).map_or("", |word| word.word)
    }
}

/// Returns the words of an enum, each with what it means.
pub(in crate::scenario) fn listed<T: Worded>() -> Vec<(&'static str, &'static str)> {
    T::WORDS.iter().map(|word| (word.word, word.sentence.trim())).collect()
}

/// Declares an enum and the word of each of its variants: reading, writing and serialization use these. In documents that programs
/// read, a blank in a word is a hyphen.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[doc = $sentence:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name {
            $( $(#[doc = $sentence])+ $variant, )+
        }

        impl $crate::scenario::grammar::words::Worded for $name {
            const WORDS: &'static [$crate::scenario::grammar::words::Word<$name>] = &[
                $( $crate::scenario::grammar::words::Word {
                    word: $word,
                    value: $name::$variant,
                    sentence: concat!($($sentence),+),
                }, )+
            ];
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::scenario::grammar::words::Worded as _;
                serializer.serialize_str(&self.word().replace(' ', "-"))
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
