//! Closed sets of words: one type each, read at the edge and nowhere else.

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{found}' is none of: {known}")]
pub struct UnknownWord {
    pub(crate) found: String,
    pub(crate) known: &'static str,
}

/// Makes an enum whose variants are written as the given texts in rows, requests and answers.
macro_rules! string_enum {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is written in rows, requests and answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::string_enum::UnknownWord;

            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::string_enum::UnknownWord> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::string_enum::UnknownWord { found: text.to_owned(), known: concat!($($text, " "),*) }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::string_enum::UnknownWord;

            fn try_from(text: String) -> ::std::result::Result<Self, $crate::string_enum::UnknownWord> {
                text.parse()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

pub(crate) use string_enum;
