//! Numbers and timespans.

use super::Lexer;
use crate::error::Outcome;
use crate::time_text::{ticks_of, unit_ticks};
use crate::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Outcome<TokenKind> {
        let start = self.at;
        let rest = self.rest();
        if rest.starts_with("0x") || rest.starts_with("0X") {
            self.at += 2;
            let digits = self.word();
            return match i64::from_str_radix(digits, 16) {
                Ok(value) => Ok(TokenKind::Long(value)),
                Err(_) => self.fault(start, "the hexadecimal number does not fit 64 bits"),
            };
        }
        let bytes = rest.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut length = digits(0);
        let mut real = false;
        if bytes.get(length) == Some(&b'.') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit) {
            real = true;
            length += 1 + digits(length + 1);
        } else if bytes.get(length) == Some(&b'.') && bytes.get(length + 1) != Some(&b'.') {
            let after = bytes.get(length + 1).copied().unwrap_or(b' ');
            if !(after.is_ascii_alphabetic() || after == b'_') {
                real = true;
                length += 1;
            }
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits((length + 1 + sign).min(bytes.len()));
            if exponent > 0 {
                real = true;
                length += 1 + sign + exponent;
            }
        }
        let digits = &rest[..length];
        self.at += length;
        let unit = self.word();
        if !unit.is_empty() {
            let ticks = unit_ticks(unit);
            return match ticks.and_then(|ticks| ticks_of(digits, ticks)) {
                Some(ticks) => Ok(TokenKind::Timespan(ticks)),
                None if ticks.is_some() => self.fault(
                    start,
                    format!("the timespan {digits}{unit} is too large: 10675199d is the largest"),
                ),
                // A name may begin with digits: `90th_percentile`.
                None if !real => Ok(TokenKind::Name(format!("{digits}{unit}"))),
                None => self.fault(start, format!("'{digits}{unit}' is neither a number nor a timespan")),
            };
        }
        if real {
            return digits.parse().map(TokenKind::Real).or_else(|_| self.fault(start, "this is no number"));
        }
        match digits.parse() {
            Ok(value) => Ok(TokenKind::Long(value)),
            // What is one too large is the smallest with a minus in front; the parser takes it where the sign is the number's.
            Err(_) if digits.parse() == Ok(i64::MIN.unsigned_abs()) => Ok(TokenKind::Long(i64::MIN)),
            Err(_) => self.fault(start, format!("the number {digits} does not fit 64 bits")),
        }
    }
}
