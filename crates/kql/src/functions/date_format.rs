//! `format_datetime` and `format_timespan`: patterns of repeated letters.

use std::fmt::Write as _;

use crate::time::{Civil, DAY, HOUR, MINUTE, SECOND};

/// Runs of one character, with the run's length. A run that is longer than the longest form of its letter is that form
/// and another run.
fn runs(format: &str, longest: fn(char) -> usize) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in format.chars() {
        match runs.last_mut() {
            Some((known, count)) if *known == c && *count < longest(c) => *count += 1,
            _ => runs.push((c, 1)),
        }
    }
    runs
}

/// What may stand between the letters of a pattern.
const DELIMITERS: &str = " /-:,._[]";

/// The first character of a pattern that the function does not know.
pub(crate) fn unknown_in_format(function: &str, format: &str) -> Option<char> {
    let letters = if function == "format_timespan" { "dDHhmsfF" } else { "yMdHhmsfFt" };
    format.chars().find(|c| !letters.contains(*c) && !DELIMITERS.contains(*c))
}

/// The first digits of the fraction of a second.
fn fraction(ticks: i64, digits: usize) -> String {
    format!("{:07}", ticks.rem_euclid(SECOND)).chars().take(digits).collect()
}

fn padded(out: &mut String, value: i64, width: usize) {
    let _ = write!(out, "{value:0width$}");
}

/// An instant by a pattern such as `yyyy-MM-dd HH:mm:ss.fff`.
pub(super) fn format_datetime(ticks: i64, format: &str) -> String {
    let c = Civil::from_ticks(ticks);
    let mut out = String::new();
    let longest = |letter| match letter {
        'y' => 4,
        'f' | 'F' => 7,
        _ => 2,
    };
    for (letter, width) in runs(format, longest) {
        match letter {
            'y' if width >= 3 => padded(&mut out, c.year, 4),
            'y' => padded(&mut out, c.year % 100, width),
            'M' => padded(&mut out, c.month, width),
            'd' => padded(&mut out, c.day, width),
            'H' => padded(&mut out, c.hour, width),
            'h' => padded(&mut out, (c.hour + 11) % 12 + 1, width),
            'm' => padded(&mut out, c.minute, width),
            's' => padded(&mut out, c.second, width),
            'f' => out.push_str(&fraction(ticks, width)),
            'F' => out.push_str(fraction(ticks, width).trim_end_matches('0')),
            't' => out.push_str(if c.hour < 12 { "AM" } else { "PM" }),
            other => out.extend(std::iter::repeat_n(other, width)),
        }
    }
    out
}

/// A span by a pattern such as `d.hh:mm:ss`.
pub(super) fn format_timespan(ticks: i64, format: &str) -> String {
    let size = i64::try_from(ticks.unsigned_abs()).unwrap_or(i64::MAX);
    let mut out = if ticks < 0 { "-".to_owned() } else { String::new() };
    let longest = |letter| match letter {
        'd' | 'D' => 8,
        'f' | 'F' => 7,
        _ => 2,
    };
    for (letter, width) in runs(format, longest) {
        match letter {
            'd' | 'D' => padded(&mut out, size / DAY, width),
            'H' | 'h' => padded(&mut out, size % DAY / HOUR, width),
            'm' => padded(&mut out, size % HOUR / MINUTE, width),
            's' => padded(&mut out, size % MINUTE / SECOND, width),
            'f' => out.push_str(&fraction(size, width)),
            'F' => out.push_str(fraction(size, width).trim_end_matches('0')),
            other => out.extend(std::iter::repeat_n(other, width)),
        }
    }
    out
}
