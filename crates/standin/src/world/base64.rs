//! Base64 in the form of bodies, with padding.

/// Base64 with padding (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    let text = crate::access::encode(bytes).replace('-', "+").replace('_', "/");
    let missing = (4 - text.len() % 4) % 4;
    format!("{text}{}", "=".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_padded() {
        assert_eq!(
            ["", "a", "ab", "abc", "\u{fb}\u{ff}"].map(|text| base64(text.as_bytes())),
            ["", "YQ==", "YWI=", "YWJj", "w7vDvw=="]
        );
    }
}
