//! The gamma and error functions and the beta distribution.

use super::Returns::Is;
use super::{Arg, Function, Naming, function};
use crate::types::Type;
use crate::value::Value;

const REAL: super::Returns = Is(Type::Real);
/// The term at which a series or a continued fraction is as exact as a real.
const PRECISION: f64 = 1e-16;
/// Each is there far sooner.
const MAX_TERMS: u32 = 2_000;
/// What Lentz's algorithm puts where a divisor is nothing.
const TINY: f64 = 1e-300;

pub(super) const FUNCTIONS: &[Function] = &[
    function("gamma", "num", REAL, Naming::First, |_, args| real(args, gamma)),
    function("loggamma", "num", REAL, Naming::First, |_, args| real(args, log_gamma)),
    function("erf", "num", REAL, Naming::First, |_, args| real(args, error)),
    function("erfc", "num", REAL, Naming::First, |_, args| real(args, complement)),
    function("beta_cdf", "num num num", REAL, Naming::None, |_, args| beta(args, f64::NAN, cumulative)),
    function("beta_pdf", "num num num", REAL, Naming::None, |_, args| beta(args, f64::NAN, density)),
    function("beta_inv", "num num num", REAL, Naming::None, |_, args| match args[0].real() {
        Some(share) if !(0.0..=1.0).contains(&share) => Value::Null,
        _ => beta(args, f64::NAN, inverse),
    }),
];

fn real(args: &[Arg<'_>], compute: fn(f64) -> f64) -> Value {
    Value::or_null(args[0].real().map(compute), Value::Real)
}

/// A function of the beta distribution; `outside` where there is none, or not there.
fn beta(args: &[Arg<'_>], outside: f64, compute: fn(f64, f64, f64) -> f64) -> Value {
    match (args[0].real(), args[1].real(), args[2].real()) {
        (Some(x), Some(a), Some(b)) if (0.0..=1.0).contains(&x) && a > 0.0 && b > 0.0 => {
            Value::Real(compute(x, a, b))
        }
        (Some(_), Some(_), Some(_)) => Value::Real(outside),
        _ => Value::Null,
    }
}

/// Lanczos' coefficients for g = 7.
const LANCZOS: [f64; 8] = [
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// The sum and the base of Lanczos' approximation of `gamma(x)`, for x from 0.5 on.
fn lanczos(x: f64) -> (f64, f64) {
    let mut place = x - 1.0;
    let base = place + 7.5;
    let mut sum = 0.999_999_999_999_809_9;
    for coefficient in LANCZOS {
        place += 1.0;
        sum += coefficient / place;
    }
    (sum, base)
}

fn gamma(x: f64) -> f64 {
    if x == x.floor() && (1.0..=171.0).contains(&x) {
        // Whole numbers have factorials.
        let mut product = 1.0;
        let mut factor = 2.0;
        while factor < x {
            product *= factor;
            factor += 1.0;
        }
        return product;
    }
    if x < 0.5 {
        let sine = (std::f64::consts::PI * x).sin();
        return if x == x.floor() && x < 0.0 {
            f64::NAN
        } else {
            std::f64::consts::PI / (sine * gamma(1.0 - x))
        };
    }
    let (sum, base) = lanczos(x);
    // In two halves, which do not overflow before the product does.
    let half = base.powf((x - 0.5) / 2.0);
    (2.0 * std::f64::consts::PI).sqrt() * half * (-base).exp() * sum * half
}

fn log_gamma(x: f64) -> f64 {
    if x < 0.5 {
        let sine = (std::f64::consts::PI * x).sin().abs();
        return (std::f64::consts::PI / sine).ln() - log_gamma(1.0 - x);
    }
    if x <= 100.0 {
        return gamma(x).abs().ln();
    }
    let (sum, base) = lanczos(x);
    (2.0 * std::f64::consts::PI).sqrt().ln() + (x - 0.5) * base.ln() - base + sum.ln()
}

fn error(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.abs() > 2.0 {
        return x.signum() * (1.0 - complement(x.abs()));
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    for _ in 0..MAX_TERMS {
        n += 1.0;
        term *= -x * x / n;
        let part = term / (2.0 * n + 1.0);
        sum += part;
        if part.abs() <= sum.abs() * PRECISION {
            break;
        }
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

fn complement(x: f64) -> f64 {
    if x.is_nan() || x <= 2.0 {
        return 1.0 - error(x);
    }
    if x.is_infinite() {
        return 0.0;
    }
    let mut numerator = 0.0;
    let fraction = lentz(x, x, |_| {
        numerator += 0.5;
        numerator
    });
    (-x * x).exp() / (fraction * std::f64::consts::PI.sqrt())
}

/// `first + a1/(base + a2/(base + …))`.
fn lentz(first: f64, base: f64, mut numerator: impl FnMut(u32) -> f64) -> f64 {
    let (mut value, mut c, mut d) = (first, first, 0.0);
    for term in 1..MAX_TERMS {
        let a = numerator(term);
        d = 1.0 / not_nothing(base + a * d);
        c = not_nothing(base + a / c);
        value *= c * d;
        if (c * d - 1.0).abs() <= PRECISION {
            break;
        }
    }
    value
}

fn not_nothing(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

fn log_beta(a: f64, b: f64) -> f64 {
    log_gamma(a) + log_gamma(b) - log_gamma(a + b)
}

fn density(x: f64, a: f64, b: f64) -> f64 {
    x.powf(a - 1.0) * (1.0 - x).powf(b - 1.0) / log_beta(a, b).exp()
}

/// The regularised incomplete beta function by its continued fraction, on the side where that is quick.
fn cumulative(x: f64, a: f64, b: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return x;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - cumulative(1.0 - x, b, a);
    }
    let fraction = lentz(1.0, 1.0, |term| {
        let m = f64::from(term / 2);
        if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        }
    });
    (a * x.ln() + b * (1.0 - x).ln() - log_beta(a, b)).exp() / (a * fraction)
}

/// Where the cumulative distribution has that share, by halving.
fn inverse(share: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if cumulative(middle, a, b) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
