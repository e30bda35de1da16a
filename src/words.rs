//! Words: an enum whose variants are written as words, declared once for reading, writing and documents.

/// One word of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Word<T: 'static> {
    /// As it is written.
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

    /// Returns the value that a word stands for.
    fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|one| one.word == word).map(|one| one.value)
    }
}

/// Returns all values of an enum, in the order of their declaration.
pub const fn values<T: Worded, const N: usize>() -> [T; N] {
    let mut all = [T::WORDS[0].value; N];
    let mut at = 0;
    while at < N {
        all[at] = T::WORDS[at].value;
        at += 1;
    }
    all
}

/// Declares an enum and the word of each of its variants.
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

        impl $crate::words::Worded for $name {
            const WORDS: &'static [$crate::words::Word<$name>] = &[
                $( $crate::words::Word {
                    word: $word,
                    value: $name::$variant,
                    sentence: concat!($($sentence),+),
                }, )+
            ];
        }
    };
}
pub(crate) use words;

/// Serializes a type by its text.
macro_rules! serialized_as_text {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}
pub(crate) use serialized_as_text;

/// Shows an enum of words, and serializes it, as its word.
macro_rules! shown_as_word {
    ($name:ty) => {
        impl $name {
            /// All of them.
            pub const ALL: [$name; <$name as $crate::words::Worded>::WORDS.len()] = $crate::words::values();

            /// Returns its word.
            pub fn text(self) -> &'static str {
                $crate::words::Worded::word(self)
            }

            /// Returns the one that a word stands for.
            pub fn named(word: &str) -> Option<$name> {
                $crate::words::Worded::of_word(word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::words::Worded::word(*self))
            }
        }

        $crate::words::serialized_as_text!($name);
    };
}
pub(crate) use shown_as_word;

#[cfg(test)]
#[allow(unreachable_pub, reason = "as outside")]
mod tests {
    use super::*;

    words! {
        /// An enum.
        #[derive(PartialOrd)]
        pub enum Sense {
            /// The one.
            First = "first one",
            /// The other,
            /// in two lines.
            Second = "second",
        }
    }
    shown_as_word!(Sense);

    #[test]
    fn words_are_declared_once() {
        assert_eq!(Sense::Second.word(), "second");
        assert_eq!((Sense::of_word("first one"), Sense::of_word("third")), (Some(Sense::First), None));
        assert_eq!(Sense::WORDS[1].sentence, " The other, in two lines.");
        assert_eq!(Sense::First.to_string(), "first one");
        assert_eq!(Sense::ALL.map(Sense::text), ["first one", "second"]);
        assert_eq!(Sense::named("second"), Some(Sense::Second));
        assert_eq!(serde_json::to_string(&Sense::First).ok().as_deref(), Some("\"first one\""));
        assert!(Sense::First < Sense::Second);
    }
}
