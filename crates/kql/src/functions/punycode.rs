//! Punycode (RFC 3492), of one text and of the labels of a domain name.

use super::Returns::Is;
use super::{Arg, Call, Function, Naming, done, function};
use crate::clock::Stopped;
use crate::types::Type;
use crate::value::Value;

const TEXT: super::Returns = Is(Type::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function("punycode_from_string", "str", TEXT, Naming::None, |call, args| {
        whole(call, args[0], |text, steps| encode(text, steps))
    }),
    function("punycode_to_string", "str", TEXT, Naming::None, |call, args| {
        whole(call, args[0], |text, steps| decode(text, steps))
    }),
    // The names of these two say the opposite of those above: `to` makes punycode, `from` reads it.
    function("punycode_domain_to_string", "str", TEXT, Naming::None, |call, args| {
        labels(call, args[0], |label, steps| {
            if label.is_ascii() {
                return Ok(Some(label.to_owned()));
            }
            Ok(encode(label, steps)?.map(|encoded| format!("xn--{encoded}")))
        })
    }),
    function("punycode_domain_from_string", "str", TEXT, Naming::None, |call, args| {
        labels(call, args[0], |label, steps| match label.strip_prefix("xn--") {
            Some(encoded) => decode(encoded, steps),
            None => Ok(Some(label.to_owned())),
        })
    }),
];

/// Tells the clock; every loop over the text does.
type Steps<'a> = dyn Fn(usize) -> Result<(), Stopped> + 'a;
/// A text, none where it cannot be read.
type Outcome = Result<Option<String>, Stopped>;

const BASE: u32 = 36;
const LEAST: u32 = 1;
const MOST: u32 = 26;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 128;

fn whole(call: &Call<'_>, arg: Arg<'_>, turn: fn(&str, &Steps<'_>) -> Outcome) -> Value {
    let steps = |units: usize| call.clock().work(units);
    done(turn(&arg.shown(), &steps).map(|text| Value::text(&text.unwrap_or_default())))
}

fn labels(call: &Call<'_>, arg: Arg<'_>, turn: fn(&str, &Steps<'_>) -> Outcome) -> Value {
    let steps = |units: usize| call.clock().work(units);
    let text = arg.shown();
    let mut out = Vec::new();
    for label in text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        match turn(label, &steps) {
            Ok(Some(label)) => out.push(label),
            Ok(None) => return Value::text(""),
            Err(stopped) => return done(Err(stopped)),
        }
    }
    Value::text(&out.join("."))
}

fn adapted(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > (BASE - LEAST) * MOST / 2 {
        delta /= BASE - LEAST;
        k += BASE;
    }
    k + (BASE - LEAST + 1) * delta / (delta + 38)
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(LEAST, MOST)
}

fn encode(text: &str, steps: &Steps<'_>) -> Outcome {
    let points: Vec<u32> = text.chars().map(u32::from).collect();
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = out.len();
    if basic > 0 {
        out.push('-');
    }
    let (mut code, mut delta, mut bias) = (FIRST_CODE, 0_u32, FIRST_BIAS);
    let mut handled = basic;
    while handled < points.len() {
        let Some(next) = points.iter().copied().filter(|point| *point >= code).min() else { break };
        let Ok(count) = u32::try_from(handled + 1) else { return Ok(None) };
        let Some(more) = (next - code).checked_mul(count).and_then(|more| delta.checked_add(more)) else {
            return Ok(None);
        };
        (delta, code) = (more, next);
        for point in &points {
            steps(2)?;
            delta += u32::from(*point < code);
            if *point != code {
                continue;
            }
            let (mut rest, mut k) = (delta, BASE);
            loop {
                let least = threshold(k, bias);
                if rest < least {
                    break;
                }
                out.extend(digit(least + (rest - least) % (BASE - least)));
                rest = (rest - least) / (BASE - least);
                k += BASE;
            }
            out.extend(digit(rest));
            bias = adapted(delta, u32::try_from(handled + 1).unwrap_or(u32::MAX), handled == basic);
            delta = 0;
            handled += 1;
        }
        delta += 1;
        code += 1;
    }
    Ok(Some(out))
}

fn digit(value: u32) -> Option<char> {
    char::from_u32(if value < 26 { u32::from('a') + value } else { u32::from('0') + value - 26 })
}

fn decode(text: &str, steps: &Steps<'_>) -> Outcome {
    if !text.is_ascii() {
        return Ok(None);
    }
    let (basic, extended) = text.rsplit_once('-').unwrap_or(("", text));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut code, mut place, mut bias) = (FIRST_CODE, 0_u32, FIRST_BIAS);
    let mut digits = extended.chars().map(|c| match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0') + 26),
        _ => c.is_ascii_alphabetic().then(|| u32::from(c.to_ascii_lowercase()) - u32::from('a')),
    });
    while let Some(mut next) = digits.next() {
        let (before, mut weight, mut k) = (place, 1_u32, BASE);
        loop {
            steps(1)?;
            let Some(value) = next else { return Ok(None) };
            let Some(sum) = value.checked_mul(weight).and_then(|more| place.checked_add(more)) else {
                return Ok(None);
            };
            place = sum;
            let least = threshold(k, bias);
            if value < least {
                break;
            }
            let Some(heavier) = weight.checked_mul(BASE - least) else { return Ok(None) };
            weight = heavier;
            k += BASE;
            let Some(following) = digits.next() else { return Ok(None) };
            next = following;
        }
        let Ok(count) = u32::try_from(out.len() + 1) else { return Ok(None) };
        bias = adapted(place - before, count, before == 0);
        let Some(found) = code.checked_add(place / count).and_then(char::from_u32) else { return Ok(None) };
        code = u32::from(found);
        place %= count;
        steps(out.len() / 16)?;
        out.insert(usize::try_from(place).unwrap_or(out.len()), found);
        place += 1;
    }
    Ok(Some(out.into_iter().collect()))
}
