//! The text forms of closed sets of values.

/// A text that is none of a closed set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unknown value")]
pub struct UnknownValue;

/// Gives a closed set of values its text form, both ways, which is also its JSON.
#[macro_export]
macro_rules! text_form {
    ($type:ty { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text form, in tables and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::text_form::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($crate::text_form::UnknownValue) }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        $crate::json::json_text!($type, { "type": "string", "enum": [$($text),+] });
    };
}
pub use text_form;
