//! How a person calls the deployed function.

use super::declared::{FUNCTION_KEY, FUNCTION_TOKEN};
use super::network::{self, Network};
use super::reader::Reader;
use super::secret::Secret;
use super::variables::Variables;

/// What a call of the function takes. Read by itself: whoever calls it needs no other setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionCall {
    /// `FUNCTION_KEY`.
    pub key: Option<Secret>,
    /// `FUNCTION_TOKEN`.
    pub token: Option<Secret>,
    /// How it is reached.
    pub network: Network,
}

impl FunctionCall {
    /// Reads what can be read.
    #[must_use]
    pub fn read(variables: &Variables) -> Self {
        let mut reader = Reader::new(variables);
        Self { key: key(&reader), token: token(&reader), network: network::read(&mut reader) }
    }
}

/// The key; nothing is decided by it here.
pub(super) fn key(reader: &Reader<'_>) -> Option<Secret> {
    reader.text(FUNCTION_KEY).map(Secret::new)
}

/// The token, which the function judges and nobody here.
pub(super) fn token(reader: &Reader<'_>) -> Option<Secret> {
    reader.text(FUNCTION_TOKEN).map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_whatever_else_is_missing_and_never_shown() {
        let variables: Variables =
            [("FUNCTION_KEY", "hush"), ("FUNCTION_TOKEN", "hushed"), ("MODE", "on")].into_iter().collect();
        let call = FunctionCall::read(&variables);
        assert_eq!(call.key.as_ref().map(Secret::expose), Some("hush"));
        assert_eq!(call.token.as_ref().map(Secret::expose), Some("hushed"));
        assert!(!format!("{call:?}").contains("hush"));
        assert_eq!(FunctionCall::read(&Variables::default()), FunctionCall::default());
    }
}
