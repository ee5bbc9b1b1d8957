//! The type `decimal`: 34 digits and an exponent, exact where a double is not.

mod arithmetic;

use std::cmp::Ordering;
use std::fmt;

/// A number of at most 34 decimal digits, as IEEE 754 has them in 128 bits: one bit of sign, 14 of exponent, 113 of
/// digits. `0.1` and `0.10` are equal and written as they were made.
#[derive(Clone, Copy)]
pub struct Decimal(u128);

/// The most digits that a number has.
const DIGITS: u32 = 34;
/// The first number with more digits than that.
const LIMIT: u128 = 10_u128.pow(DIGITS);
/// The exponents of the last digit.
const EXPONENTS: std::ops::RangeInclusive<i32> = -6_176..=6_111;
const BIAS: i32 = 6_176;
/// Zeros that are written rather than counted in an exponent.
const SHOWN: i32 = 40;

/// What a number is made of: whether it is negative, its digits, the exponent of the last of them.
#[derive(Clone, Copy, Debug)]
struct Parts {
    negative: bool,
    digits: u128,
    exponent: i32,
}

impl Decimal {
    /// The bits by which a column says null; no number has them.
    pub(crate) const NULL: Decimal = Decimal(u128::MAX);
    /// 0.
    pub(crate) const ZERO: Decimal = Decimal((BIAS as u128) << 113);

    pub(crate) fn is_null(self) -> bool {
        self.0 == u128::MAX
    }

    /// Reads digits with a point and an exponent, all but the digits optional; what is beyond 34 digits is rounded.
    ///
    /// ```
    /// use kql::Decimal;
    ///
    /// assert_eq!(Decimal::parse("-0.10101").unwrap().to_string(), "-0.10101");
    /// assert!(Decimal::parse("ten").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (number, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 {
            return None;
        }
        let mut digits = 0_u128;
        let mut exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let mut rest_is_zero = true;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = u128::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
            if digits < LIMIT {
                digits = digits * 10 + digit;
            } else {
                rest_is_zero &= digit == 0;
                exponent = exponent.checked_add(1)?;
            }
        }
        Parts { negative, digits, exponent }.rounded(!rest_is_zero)
    }

    pub(crate) fn of_long(value: i64) -> Decimal {
        Parts { negative: value < 0, digits: value.unsigned_abs().into(), exponent: 0 }.packed()
    }

    /// The shortest number that reads back as that real.
    pub(crate) fn of_real(value: f64) -> Option<Decimal> {
        value.is_finite().then(|| Decimal::parse(&format!("{value:e}"))).flatten()
    }

    /// The nearest double.
    pub(crate) fn to_real(self) -> f64 {
        let Parts { negative, digits, exponent } = self.parts();
        let sign = if negative { "-" } else { "" };
        format!("{sign}{digits}e{exponent}").parse().unwrap_or(f64::NAN)
    }

    /// Without its fraction.
    pub(crate) fn truncated(self) -> Decimal {
        let parts = self.parts();
        if parts.exponent >= 0 {
            return self;
        }
        let unit = 10_u128.checked_pow(parts.exponent.unsigned_abs()).unwrap_or(u128::MAX);
        Parts { digits: parts.digits / unit, exponent: 0, ..parts }.packed()
    }

    /// The number without its fraction, when it fits 64 bits.
    pub(crate) fn to_long(self) -> Option<i64> {
        let Parts { negative, digits, exponent } = self.truncated().parts();
        if digits == 0 {
            return Some(0);
        }
        let digits = digits.checked_mul(10_u128.checked_pow(exponent.try_into().ok()?)?)?;
        let value = i128::try_from(digits).ok()?;
        i64::try_from(if negative { -value } else { value }).ok()
    }

    /// The same number in the form that all equal numbers share.
    pub(crate) fn normal(self) -> Decimal {
        let mut parts = self.parts();
        if parts.digits == 0 {
            return Decimal::ZERO;
        }
        while parts.digits.is_multiple_of(10) && parts.exponent < *EXPONENTS.end() {
            parts.digits /= 10;
            parts.exponent += 1;
        }
        parts.packed()
    }

    /// The bits of the normal form; of null too.
    pub(crate) fn key(self) -> u128 {
        if self.is_null() { self.0 } else { self.normal().0 }
    }

    pub(crate) fn is_negative(self) -> bool {
        let parts = self.parts();
        parts.negative && parts.digits != 0
    }

    pub(crate) fn is_zero(self) -> bool {
        self.parts().digits == 0
    }

    fn parts(self) -> Parts {
        Parts {
            negative: self.0 >> 127 == 1,
            digits: self.0 & ((1 << 113) - 1),
            exponent: i32::try_from((self.0 >> 113) & 0x3fff).unwrap_or(0) - BIAS,
        }
    }
}

impl Parts {
    /// The number, whose digits and exponent are known to fit.
    fn packed(self) -> Decimal {
        let exponent = u128::try_from(self.exponent + BIAS).unwrap_or(0);
        Decimal(u128::from(self.negative) << 127 | exponent << 113 | self.digits)
    }

    /// The nearest number with 34 digits, half to even; `more` says that something was cut off below the last digit.
    fn rounded(self, more: bool) -> Option<Decimal> {
        let Parts { negative, mut digits, mut exponent } = self;
        let excess = count(digits).saturating_sub(DIGITS);
        // Below the smallest exponent, digits are lost too.
        let lost = excess.max(u32::try_from(EXPONENTS.start() - exponent).unwrap_or(0));
        if lost > 0 {
            let unit = 10_u128.checked_pow(lost).unwrap_or(u128::MAX);
            let (kept, rest) = (digits / unit, digits % unit);
            let up = match rest.cmp(&(unit / 2)) {
                Ordering::Less => false,
                Ordering::Equal => more || kept % 2 == 1,
                Ordering::Greater => true,
            };
            digits = kept + u128::from(up);
            exponent = exponent.checked_add(i32::try_from(lost).ok()?)?;
            if digits == LIMIT {
                (digits, exponent) = (digits / 10, exponent + 1);
            }
        }
        while exponent > *EXPONENTS.end() {
            if digits == 0 {
                exponent = *EXPONENTS.end();
            } else if digits >= LIMIT / 10 {
                return None;
            } else {
                (digits, exponent) = (digits * 10, exponent - 1);
            }
        }
        Some(Parts { negative, digits, exponent }.packed())
    }
}

/// How many digits a number has; zero has one.
fn count(digits: u128) -> u32 {
    digits.checked_ilog10().unwrap_or(0) + 1
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By size; the null of a column comes first.
impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        if self.is_null() || other.is_null() {
            return other.is_null().cmp(&self.is_null());
        }
        match (self.is_negative(), other.is_negative()) {
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        let size = |decimal: &Decimal| {
            let Parts { digits, exponent, .. } = decimal.parts();
            let places = count(digits);
            // The place of the first digit, then the digits as if there were 34.
            let first = if digits == 0 { i32::MIN } else { exponent + places.cast_signed() };
            (first, digits * 10_u128.pow(DIGITS.saturating_sub(places)))
        };
        let order = size(self).cmp(&size(other));
        if self.is_negative() { order.reverse() } else { order }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { negative, digits, exponent } = self.parts();
        let text = digits.to_string();
        let places = i32::try_from(text.len()).unwrap_or(0);
        f.write_str(if negative && digits != 0 { "-" } else { "" })?;
        if exponent > 0 && digits == 0 {
            return f.write_str("0");
        }
        if exponent > 0 && places + exponent <= SHOWN {
            return write!(f, "{text}{}", "0".repeat(exponent.unsigned_abs() as usize));
        }
        if exponent == 0 {
            return f.write_str(&text);
        }
        if exponent < 0 && -exponent <= SHOWN {
            let text = format!("{text:0>width$}", width = exponent.unsigned_abs() as usize + 1);
            let point = text.len() - exponent.unsigned_abs() as usize;
            return write!(f, "{}.{}", &text[..point], &text[point..]);
        }
        let (first, rest) = text.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{first}{point}{rest}E{:+}", exponent + places - 1)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_null() { f.write_str("null") } else { write!(f, "{self}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_read_and_written() {
        for (text, wanted) in [
            ("0.10101", "0.10101"),
            ("1.50", "1.50"),
            ("-.5", "-0.5"),
            ("1e3", "1000"),
            ("12.5E-3", "0.0125"),
            ("-0.0", "0.0"),
            ("1e100", "1E+100"),
            ("15e-100", "1.5E-99"),
            ("12345678901234567890123456789012345", "12345678901234567890123456789012340"),
            ("12345678901234567890123456789012355", "12345678901234567890123456789012360"),
            ("123456789012345678901234567890123450000001", "1.234567890123456789012345678901235E+41"),
        ] {
            assert_eq!(decimal(text).to_string(), wanted, "{text}");
        }
        for text in ["", ".", "-", "1e", "1.2.3", "0x10", "1e7000", "abc", "1_0"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_by_size() {
        let order = ["-1e30", "-2", "-1.5", "-1e-30", "0", "1e-30", "0.1", "1", "1.0001", "9", "10", "1e30"];
        for (a, left) in order.iter().enumerate() {
            for (b, right) in order.iter().enumerate() {
                assert_eq!(decimal(left).cmp(&decimal(right)), a.cmp(&b), "{left} {right}");
            }
        }
        assert_eq!(decimal("1.50"), decimal("1.5"));
        assert_eq!(decimal("-0"), decimal("0.00"));
    }

    #[test]
    fn numbers_become_others() {
        assert_eq!(decimal("-9223372036854775808").to_long(), Some(i64::MIN));
        assert_eq!(decimal("9223372036854775808").to_long(), None);
        assert_eq!(decimal("-9.99").to_long(), Some(-9));
        assert_eq!(decimal("0e50").to_long(), Some(0));
        assert!((decimal("0.1").to_real() - 0.1).abs() < f64::EPSILON);
        assert_eq!(Decimal::of_real(0.1), Some(decimal("0.1")));
        assert_eq!(Decimal::of_real(f64::NAN), None);
        assert_eq!(Decimal::of_long(i64::MIN).to_string(), "-9223372036854775808");
    }
}
