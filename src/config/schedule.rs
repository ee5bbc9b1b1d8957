//! Whether a text is a schedule of the Functions host, which reads it for itself and indexes no function when it cannot.

/// The fields of a schedule from the right, each with its bounds and its names (contract functions-custom-handler,
/// section 7).
const FIELDS: [(u8, u8, &[&str]); 6] = [
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
        5 | 6 => {
            fields.iter().rev().zip(FIELDS).all(|(text, field)| text.split(',').all(|part| fits(part, field)))
        }
        _ => false,
    }
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

fn fits(part: &str, (low, high, names): (u8, u8, &[&str])) -> bool {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let is_step = |step: &str| step.parse::<u8>().is_ok_and(|step| step > 0);
    let value = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let named = names.iter().position(|name| lower.starts_with(name));
        let number = named.and_then(|index| u8::try_from(index).ok()).map(|index| index + low);
        number.or_else(|| text.parse().ok()).filter(|number| (low..=high).contains(number))
    };
    let is_range = match range.split_once('-') {
        Some((first, last)) => {
            matches!((value(first), value(last)), (Some(first), Some(last)) if first <= last)
        }
        None => range == "*" || value(range).is_some(),
    };
    is_range && step.is_none_or(is_step)
}

#[cfg(test)]
mod tests {
    use super::*;

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
