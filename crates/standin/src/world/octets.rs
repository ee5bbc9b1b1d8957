//! Octets that are written as hexadecimal text.

use std::str::FromStr;

/// Octets, with the text in which they were sent: whether the service rewrites it is not documented.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Octets {
    text: String,
    bytes: Vec<u8>,
}

impl Octets {
    /// The text as it was sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same octets in the spelling that all of them have in common.
    #[must_use]
    pub(crate) fn canonical(&self) -> Self {
        Self { text: self.text.to_ascii_uppercase(), bytes: self.bytes.clone() }
    }

    /// The octets.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A text that is not pairs of hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotHexadecimal;

impl FromStr for Octets {
    type Err = NotHexadecimal;

    fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if text.is_empty() || !digits || text.len() % 2 == 1 {
            return Err(NotHexadecimal);
        }
        let pairs = (0..text.len()).step_by(2).filter_map(|at| text.get(at..at + 2));
        let bytes = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
        Ok(Self { text: text.to_owned(), bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_digits_are_octets() {
        assert_eq!("0aFF".parse::<Octets>().map(|octets| octets.bytes().to_vec()), Ok(vec![10, 255]));
        for text in ["", "0", "0g", "+1", "0a f"] {
            assert_eq!(text.parse::<Octets>(), Err(NotHexadecimal), "{text}");
        }
    }
}
