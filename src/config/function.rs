//! How a person calls the deployed function.

use super::declared::FUNCTION_KEY;
use super::network::{self, Network};
use super::reader::Reader;
use super::secret::Secret;
use super::variables::Variables;

/// What a call of the function takes. Read by itself: whoever calls it needs no other setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionCall {
    /// `FUNCTION_KEY`.
    pub key: Option<Secret>,
    /// How it is reached.
    pub network: Network,
}

impl FunctionCall {
    /// Reads what can be read.
    #[must_use]
    pub fn read(variables: &Variables) -> Self {
        let mut reader = Reader::new(variables);
        Self { key: key(&reader), network: network::read(&mut reader) }
    }
}

/// The key; nothing is decided by it here.
pub(super) fn key(reader: &Reader<'_>) -> Option<Secret> {
    reader.text(FUNCTION_KEY).map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_whatever_else_is_missing_and_never_shown() {
        let variables: Variables = [("FUNCTION_KEY", "hush"), ("MODE", "on")].into_iter().collect();
        let call = FunctionCall::read(&variables);
        assert_eq!(call.key.as_ref().map(Secret::expose), Some("hush"));
        assert!(!format!("{call:?}").contains("hush"));
        assert_eq!(FunctionCall::read(&Variables::default()), FunctionCall::default());
    }
}
