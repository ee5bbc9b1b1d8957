//! `format_datetime` and `format_timespan`: patterns of repeated letters.

use std::fmt::Write as _;

use crate::time::{Civil, DAY, HOUR, MINUTE, SECOND};

/// Runs of one character, with the run's length.
fn runs(format: &str) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in format.chars() {
        match runs.last_mut() {
            Some((known, count)) if *known == c => *count += 1,
            _ => runs.push((c, 1)),
        }
    }
    runs
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
    for (letter, count) in runs(format) {
        let width = count.min(2);
        match letter {
            'y' if count >= 3 => padded(&mut out, c.year, 4),
            'y' => padded(&mut out, c.year % 100, width),
            'M' => padded(&mut out, c.month, width),
            'd' => padded(&mut out, c.day, width),
            'H' => padded(&mut out, c.hour, width),
            'h' => padded(&mut out, (c.hour + 11) % 12 + 1, width),
            'm' => padded(&mut out, c.minute, width),
            's' => padded(&mut out, c.second, width),
            'f' => out.push_str(&fraction(ticks, count.min(7))),
            'F' => out.push_str(fraction(ticks, count.min(7)).trim_end_matches('0')),
            't' => out.push_str(if c.hour < 12 { "AM" } else { "PM" }),
            other => out.extend(std::iter::repeat_n(other, count)),
        }
    }
    out
}

/// A span by a pattern such as `d.hh:mm:ss`.
pub(super) fn format_timespan(ticks: i64, format: &str) -> String {
    let size = i64::try_from(ticks.unsigned_abs()).unwrap_or(i64::MAX);
    let mut out = if ticks < 0 { "-".to_owned() } else { String::new() };
    for (letter, count) in runs(format) {
        let width = count.min(2);
        match letter {
            'd' | 'D' => padded(&mut out, size / DAY, count.min(8)),
            'H' | 'h' => padded(&mut out, size % DAY / HOUR, width),
            'm' => padded(&mut out, size % HOUR / MINUTE, width),
            's' => padded(&mut out, size % MINUTE / SECOND, width),
            'f' => out.push_str(&fraction(size, count.min(7))),
            'F' => out.push_str(fraction(size, count.min(7)).trim_end_matches('0')),
            other => out.extend(std::iter::repeat_n(other, count)),
        }
    }
    out
}
