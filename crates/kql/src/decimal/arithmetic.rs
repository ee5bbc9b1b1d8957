//! Sums, products, quotients and roundings of decimals; each is exact and then rounded once, half to even.

use super::{DIGITS, Decimal, LIMIT, Parts, count};

/// Digits that sums are aligned to: 34 and three to round by.
const WIDE: u32 = 37;
/// Half of the digits, for products.
const HALF: u128 = 10_u128.pow(DIGITS / 2);

impl Decimal {
    pub(crate) fn negated(self) -> Decimal {
        let parts = self.parts();
        Parts { negative: !parts.negative && parts.digits != 0, ..parts }.packed()
    }

    pub(crate) fn absolute(self) -> Decimal {
        if self.is_negative() { self.negated() } else { self }
    }

    /// The sum, unless it is too large.
    pub(crate) fn plus(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = (self.parts(), other.parts());
        let (large, small) = if a.exponent >= b.exponent { (a, b) } else { (b, a) };
        if large.digits == 0 {
            return Some(small.packed());
        }
        let gap = large.exponent.abs_diff(small.exponent);
        let shift = gap.min(WIDE - count(large.digits));
        let left = signed(large.negative, large.digits * 10_u128.pow(shift));
        // What of the smaller one lies below the last digit only matters for rounding.
        let unit = 10_u128.checked_pow(gap - shift).unwrap_or(u128::MAX);
        let right = signed(small.negative, small.digits / unit);
        let more = !small.digits.is_multiple_of(unit);
        let mut sum = left + right;
        if more && small.negative != large.negative {
            // The part that was cut off belongs to the other side.
            sum -= sum.signum();
        }
        let exponent = large.exponent - shift.cast_signed();
        Parts { negative: sum < 0, digits: sum.unsigned_abs(), exponent }.rounded(more)
    }

    /// The difference, unless it is too large.
    pub(crate) fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(other.negated())
    }

    /// The product, unless it is too large.
    pub(crate) fn times(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = (self.parts(), other.parts());
        let (negative, exponent) = (a.negative != b.negative, a.exponent + b.exponent);
        let (a1, a0, b1, b0) = (a.digits / HALF, a.digits % HALF, b.digits / HALF, b.digits % HALF);
        let middle = a1 * b0 + a0 * b1;
        let low = a0 * b0 + middle % HALF * HALF;
        let high = a1 * b1 + middle / HALF + low / LIMIT;
        let low = low % LIMIT;
        if high == 0 {
            return Parts { negative, digits: low, exponent }.rounded(false);
        }
        // One digit more than there may be, to round by.
        let cut = count(high) - 1;
        let unit = 10_u128.pow(cut);
        let digits = high * (LIMIT / unit) + low / unit;
        Parts { negative, digits, exponent: exponent + cut.cast_signed() }.rounded(!low.is_multiple_of(unit))
    }

    /// The quotient; nothing when the divisor is zero or the quotient too large.
    pub(crate) fn over(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = (self.parts(), other.parts());
        if b.digits == 0 {
            return None;
        }
        let mut exponent = a.exponent - b.exponent;
        let (mut digits, mut rest) = (a.digits / b.digits, a.digits % b.digits);
        while rest != 0 && digits < LIMIT {
            rest *= 10;
            digits = digits * 10 + rest / b.digits;
            rest %= b.digits;
            exponent -= 1;
        }
        Parts { negative: a.negative != b.negative, digits, exponent }.rounded(rest != 0)
    }

    /// What remains of a division into whole parts: never negative, as for the other numbers.
    pub(crate) fn modulo(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = (self.parts(), other.parts());
        if b.digits == 0 {
            return None;
        }
        let exponent = a.exponent.min(b.exponent);
        let mut divisor = b.digits;
        for _ in exponent..b.exponent {
            if divisor >= LIMIT {
                break;
            }
            divisor *= 10;
        }
        let mut rest = a.digits % divisor;
        for _ in exponent..a.exponent {
            rest = rest * 10 % divisor;
        }
        let rest = Parts { negative: false, digits: rest, exponent }.rounded(false)?;
        if a.negative && !rest.is_zero() { other.absolute().minus(rest) } else { Some(rest) }
    }

    /// The next whole number below.
    pub(crate) fn floor(self) -> Option<Decimal> {
        let whole = self.truncated();
        if self.is_negative() && whole != self { whole.minus(Decimal::of_long(1)) } else { Some(whole) }
    }

    /// The next whole number above.
    pub(crate) fn ceiling(self) -> Option<Decimal> {
        Some(self.negated().floor()?.negated())
    }

    /// With that many digits behind the point; half goes away from zero.
    pub(crate) fn rounded_to(self, places: i32) -> Option<Decimal> {
        let parts = self.parts();
        let lost = -places.checked_add(parts.exponent)?;
        if lost <= 0 {
            return Some(self);
        }
        let unit = 10_u128.checked_pow(lost.unsigned_abs()).unwrap_or(u128::MAX);
        let up = u128::from(parts.digits % unit >= unit / 2);
        let digits = parts.digits / unit + up;
        Parts { digits, exponent: parts.exponent + lost, ..parts }.rounded(false)
    }

    /// The multiple of that size at or below the number.
    pub(crate) fn bin(self, size: Decimal) -> Option<Decimal> {
        if size.is_zero() || size.is_negative() {
            return None;
        }
        self.over(size)?.floor()?.times(size)
    }
}

fn signed(negative: bool, digits: u128) -> i128 {
    let value = i128::try_from(digits).unwrap_or(i128::MAX);
    if negative { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Operation = fn(Decimal, Decimal) -> Option<Decimal>;

    fn check(operation: Operation, rows: &[(&str, &str, &str)]) {
        for (left, right, wanted) in rows {
            let result = operation(Decimal::parse(left).unwrap(), Decimal::parse(right).unwrap());
            let shown = result.map_or("nothing".to_owned(), |result| result.to_string());
            assert_eq!(&shown, wanted, "{left} {right}");
        }
    }

    #[test]
    fn sums_are_exact_and_rounded_once() {
        check(
            Decimal::plus,
            &[
                ("0.1", "0.2", "0.3"),
                ("1", "-1.00", "0.00"),
                ("9999999999999999999999999999999999", "1", "10000000000000000000000000000000000"),
                ("1e30", "1", "1000000000000000000000000000001"),
                ("1e34", "-0.1", "10000000000000000000000000000000000"),
                ("1e34", "-1", "9999999999999999999999999999999999"),
                ("1e33", "-1e-50", "1000000000000000000000000000000000"),
                ("0", "0.001", "0.001"),
            ],
        );
    }

    #[test]
    fn products_and_quotients() {
        check(
            Decimal::times,
            &[
                ("1.5", "-2", "-3.0"),
                ("3333333333333333333333333333333333", "3", "9999999999999999999999999999999999"),
                ("99999999999999999999", "99999999999999999999", "9999999999999999999800000000000000000000"),
                ("1e6000", "1e6000", "nothing"),
            ],
        );
        check(
            Decimal::over,
            &[
                ("1", "3", "0.3333333333333333333333333333333333"),
                ("2", "-3", "-0.6666666666666666666666666666666667"),
                ("10", "4", "2.5"),
                ("1", "0", "nothing"),
                ("0", "7", "0"),
            ],
        );
        check(
            Decimal::modulo,
            &[
                ("10", "3", "1"),
                ("-10", "3", "2"),
                ("5.5", "2", "1.5"),
                ("1e30", "7", "1"),
                ("1", "1e40", "1"),
                ("1", "0", "nothing"),
            ],
        );
        check(
            Decimal::bin,
            &[("7.5", "2", "6"), ("-7.5", "2", "-8"), ("0.27", "0.1", "0.2"), ("1", "0", "nothing")],
        );
    }

    #[test]
    fn roundings() {
        let round =
            |text: &str, places| Decimal::parse(text).unwrap().rounded_to(places).unwrap().to_string();
        assert_eq!(round("2.345", 2), "2.35");
        assert_eq!(round("-2.5", 0), "-3");
        assert_eq!(round("1250", -2), "1300");
        assert_eq!(round("2.5", 5), "2.5");
        let floor = |text: &str| Decimal::parse(text).unwrap().floor().unwrap().to_string();
        assert_eq!((floor("-1.5"), floor("1.5"), floor("-2.0")), ("-2".into(), "1".into(), "-2".into()));
        assert_eq!(Decimal::parse("1.2").unwrap().ceiling().unwrap().to_string(), "2");
    }
}
