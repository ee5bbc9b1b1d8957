//! Whether a text is a schedule of the Functions host, which reads it for itself and indexes no function when it cannot, and
//! how long it pauses.

use std::collections::BTreeSet;
use std::time::Duration;

/// A field's bounds and its names.
type Field = (u8, u8, &'static [&'static str]);

const DAY: u64 = 24 * 60 * 60;

/// The fields of a schedule from the right (contract functions-custom-handler, section 7).
const FIELDS: [Field; 6] = [
    (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    (1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    (1, 31, &[]),
    (0, 23, &[]),
    (0, 59, &[]),
    (0, 59, &[]),
];

/// Six fields, or five without seconds, or a span `hh:mm:ss`.
pub(super) fn is_schedule(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    match fields.len() {
        1 => is_span(text),
        5 | 6 => fields_of(&fields).is_some(),
        _ => false,
    }
}

/// The longest time from one occasion of a schedule to the next, where days are left out at least; none of what is no
/// schedule.
pub(super) fn longest_pause(text: &str) -> Option<Duration> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if let [span] = fields[..] {
        let seconds = span.split(':').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
        return is_span(span)
            .then(|| seconds.into_iter().fold(0, |sum, part| sum * 60 + part))
            .map(Duration::from_secs);
    }
    let mut values = fields_of(&fields)?;
    values.resize(FIELDS.len(), [0].into());
    let is_daily = values
        .iter()
        .zip(FIELDS)
        .take(3)
        .all(|(values, (low, high, _))| values.len() > usize::from(high - low));
    let [hours, minutes, seconds] = &values[3..] else { return None };
    let moment = |hour: &u8, minute: &u8, second: &u8| {
        u64::from(*hour) * 3600 + u64::from(*minute) * 60 + u64::from(*second)
    };
    let moments: Vec<u64> = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| (hour, minute)))
        .flat_map(|(hour, minute)| seconds.iter().map(move |second| moment(hour, minute, second)))
        .collect();
    let within = moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
    let over_night = moments.first()? + DAY - moments.last()? + if is_daily { 0 } else { DAY };
    Some(Duration::from_secs(within.max(over_night)))
}

/// The values of each field from the right; none when one of them cannot be read.
fn fields_of(fields: &[&str]) -> Option<Vec<BTreeSet<u8>>> {
    if !(5..=6).contains(&fields.len()) {
        return None;
    }
    fields
        .iter()
        .rev()
        .zip(FIELDS)
        .map(|(text, field)| {
            text.split(',').try_fold(BTreeSet::new(), |mut all, part| {
                all.extend(values(part, field)?);
                Some(all)
            })
        })
        .collect()
}

fn is_span(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let is_number =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    // What the host reads has hours below a day; more it takes for days, or cannot read.
    let is_below = |(part, most): (&&str, u8)| part.parse::<u8>().is_ok_and(|number| number <= most);
    parts.len() == 3
        && parts.iter().all(is_number)
        && parts.iter().zip([23, 59, 59]).all(is_below)
        && parts.iter().any(|part| !part.trim_matches('0').is_empty())
}

/// What a member of a field stands for.
fn values(part: &str, (low, high, names): Field) -> Option<impl Iterator<Item = u8>> {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let step = match step {
        Some(step) => Some(step.parse::<u8>().ok().filter(|step| *step > 0)?),
        None => None,
    };
    let value = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let named = names.iter().position(|name| lower.starts_with(name));
        let number = named.and_then(|index| u8::try_from(index).ok()).map(|index| index + low);
        number.or_else(|| text.parse().ok()).filter(|number| (low..=high).contains(number))
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (value(first)?, value(last)?),
        None if range == "*" => (low, high),
        // With a step it goes on from there.
        None => (value(range)?, if step.is_some() { high } else { value(range)? }),
    };
    (first <= last).then(|| (first..=last).step_by(usize::from(step.unwrap_or(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_of_a_schedule_is_known() {
        for (text, minutes) in [
            ("0 */5 * * * *", 5),
            ("*/5 * * * *", 5),
            ("0 0 * * * *", 60),
            ("0 0,50 * * * *", 50),
            ("0 40/15 * * * *", 45),
            ("0 30 8-18 * * *", 14 * 60),
            ("0 0 */3 * * *", 3 * 60),
            ("0 0 4 * * *", 24 * 60),
            ("0 */5 * * * Mon-FRI", 24 * 60 + 5),
            ("0 */5 * * jan-dec sun-sat", 5),
            ("02:30:00", 150),
        ] {
            assert_eq!(longest_pause(text), Some(Duration::from_secs(minutes * 60)), "{text}");
        }
        for text in ["", "5m", "hourly", "00:90:00", "* * * *", "0 60 * * * *"] {
            assert_eq!(longest_pause(text), None, "{text}");
        }
    }

    #[test]
    fn schedules_of_the_host_are_taken_and_others_are_not() {
        for text in [
            "0 */5 * * * *",
            "*/5 * * * * *",
            "*/5 * * * *",
            "30 0 9-17/2 1,15 jan-Mar Mon-FRI",
            "0 0 0 1 January Sunday",
            "00:05:00",
            "23:59:59",
        ] {
            assert!(is_schedule(text), "{text}");
        }
        for text in [
            "",
            "5m",
            "hourly",
            "* * * *",
            "0 */5 * * * * *",
            "0 60 * * * *",
            "0 0 24 * * *",
            "0 0 0 0 * *",
            "0 0 0 * 13 *",
            "0 0 0 * * 7",
            "0 5-1 * * * *",
            "0 */0 * * * *",
            "0 ? * * * *",
            "0 , * * * *",
            "0 0 0 * ä€x *",
            "00:00:00",
            "24:00:00",
            "00:60:00",
            "00:90:00",
            "00:00:99",
        ] {
            assert!(!is_schedule(text), "{text}");
        }
    }
}
