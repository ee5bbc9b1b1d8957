//! Numbers that take no sign. The standard library reads `+5` wherever it reads `5`, and so a text with two signs, or with
//! one in its middle, would be a number.

use std::str::FromStr;

/// Decimal digits and nothing else.
pub(crate) fn decimal<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Hexadecimal digits and nothing else.
pub(crate) fn hexadecimal<T: TryFrom<u64>>(text: &str) -> Option<T> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_digits.then(|| u64::from_str_radix(text, 16).ok())?.and_then(|bits| T::try_from(bits).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_no_digit() {
        assert_eq!((decimal::<u8>("255"), hexadecimal::<u8>("fF")), (Some(255), Some(255)));
        for text in ["", "+5", "-5", "5 ", "999"] {
            assert_eq!((decimal::<u8>(text), hexadecimal::<u8>(text)), (None, None), "{text}");
        }
    }
}
