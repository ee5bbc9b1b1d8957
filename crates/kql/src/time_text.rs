//! Reading instants and spans from text, in the forms that Kusto takes.

use crate::digits::decimal;
use crate::time::{Civil, DAY, DateTime, HOUR, MAX_TICKS, MINUTE, SECOND};

impl DateTime {
    /// Reads ISO 8601 and the other forms that `todatetime` takes; without a zone it is UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<DateTime> {
        parse_datetime(text).and_then(DateTime::from_ticks)
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads over a text of ASCII forms, byte by byte.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.bytes().next()
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let hit = self.peek() == Some(wanted);
        if hit {
            self.rest = &self.rest[1..];
        }
        hit
    }

    fn digits(&mut self, most: usize) -> Option<(i64, usize)> {
        let length = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let value = self.rest[..length].parse().ok()?;
        self.rest = &self.rest[length..];
        Some((value, length))
    }

    fn number(&mut self, most: usize) -> Option<i64> {
        self.digits(most).map(|(value, _)| value)
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn word(&mut self) -> String {
        let length = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word = self.rest[..length].to_ascii_lowercase();
        self.rest = &self.rest[length..];
        word
    }

    /// Digits after a point as ticks; more than seven are cut.
    fn fraction(&mut self) -> Option<i64> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return None;
        }
        let kept = &self.rest[..length.min(7)];
        let value: i64 = kept.parse().ok()?;
        self.rest = &self.rest[length..];
        Some(value * 10_i64.pow(u32::try_from(7 - kept.len()).ok()?))
    }
}

/// Ticks of an instant written as text; `None` when it is no date.
pub(crate) fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    if !text.is_ascii() || text.len() > 64 {
        return None;
    }
    let mut reader = Reader { rest: text };
    let mut civil = Civil { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0 };
    if reader.peek()?.is_ascii_alphabetic() {
        read_named_date(&mut reader, &mut civil)?;
    } else {
        let (first, length) = reader.digits(8)?;
        match (length, reader.peek()) {
            (8, _) => (civil.year, civil.month, civil.day) = (first / 10_000, first / 100 % 100, first % 100),
            (4, None) => civil.year = first,
            (4, Some(b'-' | b'/')) => {
                let separator = reader.peek()?;
                reader.eat(separator);
                civil.year = first;
                civil.month = reader.number(2)?;
                if reader.eat(separator) {
                    civil.day = reader.number(2)?;
                }
            }
            (4, Some(b',')) => {
                civil.year = first;
                for part in [&mut civil.month, &mut civil.day] {
                    reader.eat(b',');
                    reader.spaces();
                    *part = reader.number(2)?;
                }
            }
            (1 | 2, Some(b'-')) if reader.rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                reader.eat(b'-');
                civil.day = first;
                civil.month = month_of(&reader.word())?;
                if !reader.eat(b'-') {
                    return None;
                }
                civil.year = four_digit_year(reader.digits(4)?)?;
            }
            (1 | 2, Some(separator @ (b'/' | b'-'))) => {
                reader.eat(separator);
                civil.month = first;
                civil.day = reader.number(2)?;
                if !reader.eat(separator) {
                    return None;
                }
                civil.year = four_digit_year(reader.digits(4)?)?;
            }
            (1 | 2, Some(b' ')) => {
                reader.spaces();
                civil.day = first;
                civil.month = month_of(&reader.word())?;
                reader.spaces();
                civil.year = four_digit_year(reader.digits(4)?)?;
            }
            _ => return None,
        }
    }
    let mut offset = 0;
    if reader.eat(b'T') || reader.eat(b't') || reader.peek() == Some(b' ') {
        reader.spaces();
        if reader.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            read_time(&mut reader, &mut civil)?;
        }
    }
    reader.spaces();
    if let Some(zone) = read_zone(&mut reader)? {
        offset = zone;
    }
    if !reader.rest.trim().is_empty() {
        return None;
    }
    let ticks = civil.ticks()?.checked_sub(offset)?;
    (0..=MAX_TICKS).contains(&ticks).then_some(ticks)
}

/// `Sat, 08 Nov 2014 …`, `Sat Nov 8 …` or `Nov 8 2014`.
fn read_named_date(reader: &mut Reader<'_>, civil: &mut Civil) -> Option<()> {
    let mut word = reader.word();
    let _ = reader.eat(b',');
    reader.spaces();
    if month_of(&word).is_none() {
        let is_day =
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| word.starts_with(day));
        if !is_day {
            return None;
        }
        if reader.peek()?.is_ascii_digit() {
            civil.day = reader.number(2)?;
            let _ = reader.eat(b'-');
            reader.spaces();
            civil.month = month_of(&reader.word())?;
            let _ = reader.eat(b'-');
            reader.spaces();
            civil.year = four_digit_year(reader.digits(4)?)?;
            return Some(());
        }
        word = reader.word();
        reader.spaces();
    }
    civil.month = month_of(&word)?;
    civil.day = reader.number(2)?;
    let _ = reader.eat(b',');
    reader.spaces();
    civil.year = four_digit_year(reader.digits(4)?)?;
    Some(())
}

fn month_of(word: &str) -> Option<i64> {
    if word.len() < 3 {
        return None;
    }
    let index = MONTHS.iter().position(|month| word.starts_with(month))?;
    i64::try_from(index + 1).ok()
}

fn four_digit_year((year, length): (i64, usize)) -> Option<i64> {
    match length {
        4 => Some(year),
        2 if year < 50 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

fn read_time(reader: &mut Reader<'_>, civil: &mut Civil) -> Option<()> {
    civil.hour = reader.number(2)?;
    if reader.eat(b':') {
        civil.minute = reader.number(2)?;
        if reader.eat(b':') {
            civil.second = reader.number(2)?;
            if reader.eat(b'.') || reader.eat(b',') {
                civil.fraction = reader.fraction()?;
            }
        }
    }
    let mut after = Reader { rest: reader.rest.trim_start() };
    let word = after.word();
    if word == "am" || word == "pm" {
        if !(1..=12).contains(&civil.hour) {
            return None;
        }
        civil.hour = civil.hour % 12 + if word == "pm" { 12 } else { 0 };
        reader.rest = after.rest;
    }
    Some(())
}

/// The offset from UTC in ticks, if one is written; the outer `None` is a malformed zone.
fn read_zone(reader: &mut Reader<'_>) -> Option<Option<i64>> {
    match reader.peek() {
        None => Some(None),
        Some(sign @ (b'+' | b'-')) => {
            reader.eat(sign);
            let (first, length) = reader.digits(4)?;
            let (hours, minutes) = match length {
                4 => (first / 100, first % 100),
                _ if reader.eat(b':') => (first, reader.number(2)?),
                _ => (first, 0),
            };
            if hours > 14 || minutes > 59 {
                return None;
            }
            let size = hours * HOUR + minutes * MINUTE;
            Some(Some(if sign == b'-' { -size } else { size }))
        }
        Some(_) => match reader.word().as_str() {
            "z" | "utc" | "gmt" => Some(Some(0)),
            _ => None,
        },
    }
}

/// Ticks of a span written as `1.02:03:04.5`, `90m`, `1.5h`, `3` (days); `None` when it is none.
pub(crate) fn parse_timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if body.is_empty() || !body.is_ascii() || body.len() > 40 {
        return None;
    }
    let size = if body.contains(':') { parse_clock(body)? } else { parse_units(body)? };
    Some(if negative { -size } else { size })
}

fn parse_clock(body: &str) -> Option<i64> {
    let mut parts: Vec<&str> = body.split(':').collect();
    if parts.len() > 4 {
        return None;
    }
    let mut days = 0;
    if let Some((head, rest)) = parts[0].split_once('.') {
        days = decimal(head)?;
        parts[0] = rest;
    } else if parts.len() == 4 {
        days = decimal(parts.remove(0))?;
    }
    let hours = two_digits(parts.first()?, 23)?;
    let minutes = two_digits(parts.get(1)?, 59)?;
    let (seconds, fraction) = match parts.get(2) {
        None => (0, 0),
        Some(last) => {
            let (whole, digits) = last.split_once('.').unwrap_or((last, "0"));
            (two_digits(whole, 59)?, Reader { rest: digits }.fraction()?)
        }
    };
    let rest = hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction;
    i64::checked_mul(days, DAY)?.checked_add(rest)
}

fn two_digits(text: &str, most: i64) -> Option<i64> {
    let valid = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| valid && *value <= most)
}

fn parse_units(body: &str) -> Option<i64> {
    let split = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
    let (number, unit) = (&body[..split], body[split..].trim());
    ticks_of(number, unit_ticks(unit)?)
}

/// The ticks of a unit of time as timespan literals write it; a bare number counts days.
pub(crate) fn unit_ticks(unit: &str) -> Option<f64> {
    Some(match unit {
        "" | "d" | "day" | "days" => 864e9,
        "h" | "hr" | "hrs" | "hour" | "hours" => 36e9,
        "m" | "min" | "minute" | "minutes" => 6e8,
        "s" | "sec" | "second" | "seconds" => 1e7,
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1e4,
        "micro" | "micros" | "microsecond" | "microseconds" => 10.0,
        "tick" | "ticks" => 1.0,
        _ => return None,
    })
}

/// That many units in ticks, rounded to whole ones.
pub(crate) fn ticks_of(number: &str, unit: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the unit is a whole number of ticks by table")]
    if let Ok(whole) = number.parse::<i64>() {
        return whole.checked_mul(unit as i64);
    }
    let ticks = (number.parse::<f64>().ok()? * unit).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (ticks.abs() < 9.2e18).then_some(ticks as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{datetime_text, timespan_text};

    #[test]
    fn instants_are_read_in_every_documented_form() {
        let whole = "2014-11-08T15:55:55.0000000Z";
        for text in [
            "2014-11-08T15:55:55Z",
            "2014-11-08 15:55:55",
            "20141108 15:55:55",
            "Sat, 8 Nov 2014 15:55:55 GMT",
            "Sat, 08 Nov 14 15:55:55",
            "8 Nov 2014 15:55:55",
            "11/8/2014 3:55:55 PM",
            "2014-11-08T17:55:55+02:00",
        ] {
            assert_eq!(parse_datetime(text).map(datetime_text).as_deref(), Some(whole), "{text}");
        }
        for text in ["", "nope", "2014-13-01", "2014-02-30", "2014-11-08T25:00", "2014-11-08 x"] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }

    #[test]
    fn spans_are_read_in_both_forms() {
        for (text, shown) in [
            ("1.02:03:04", "1.02:03:04"),
            ("90m", "01:30:00"),
            ("1.5h", "01:30:00"),
            ("-1d", "-1.00:00:00"),
            ("2", "2.00:00:00"),
        ] {
            assert_eq!(parse_timespan(text).map(timespan_text).as_deref(), Some(shown), "{text}");
        }
        assert_eq!(parse_timespan("25:00"), None);
    }
}
