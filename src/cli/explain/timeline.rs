//! What a machine said within the day, as lines in the order of time: `06:16 |----203.0.113.17----| 07:06`.

use jiff::SignedDuration;

use crate::cli::clock::Clock;
use crate::queries::Stretch;
use pure::domain::ZoneKind;
use pure::plan::standing::HEARD_LATELY;
use pure::shown::shown;

/// Dashes on each side of what was said longest.
const LONGEST: i64 = 5;
/// Stretches of a machine that are shown unless all are asked for.
const MOST: usize = 5;

/// The lines of one machine's stretches, which come the newest first.
pub(super) fn lines(stretches: &[&Stretch], clock: &Clock, all: bool) -> Vec<String> {
    let kept = if all { stretches.len() } else { stretches.len().min(MOST) };
    let hidden = stretches.len() - kept;
    let kept = &stretches[..kept];
    let longest = kept.iter().map(|stretch| lasts(stretch)).max().unwrap_or_default();
    let mut lines = Vec::new();
    if hidden > 0 {
        lines.push(format!("... {hidden} more before (--all)"));
    }
    // Only the newest can still last: another address ended the others, however lately.
    let told = kept.iter().enumerate().rev();
    lines.extend(told.map(|(at, stretch)| line(stretch, at == 0, longest, clock)));
    lines
}

fn lasts(stretch: &Stretch) -> SignedDuration {
    stretch.to.duration_since(stretch.from)
}

fn line(stretch: &Stretch, is_newest: bool, longest: SignedDuration, clock: &Clock) -> String {
    let whole = longest.as_secs().max(1);
    let share = (LONGEST * lasts(stretch).as_secs() + whole / 2) / whole;
    let dashes = "-".repeat(usize::try_from(share).unwrap_or_default() + 2);
    let said = match stretch.reported.trim() {
        "" if stretch.side == ZoneKind::Private => "none that may stand there".to_owned(),
        "" => "no address".to_owned(),
        said => shown(said),
    };
    let (from, to) = (clock.time(stretch.from), clock.time(stretch.to));
    let beats = match stretch.beats {
        1 => "1 heartbeat".to_owned(),
        beats => format!("{beats} heartbeats"),
    };
    if is_newest && clock.now.duration_since(stretch.to) <= HEARD_LATELY {
        let age = clock.age(stretch.to);
        return format!("{from} |{dashes}{said}{dashes}>  {beats}, {age} ago");
    }
    format!("{from} |{dashes}{said}{dashes}| {to}  {beats}")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn stretch(reported: &str, from: &str, to: &str, beats: u64) -> Stretch {
        let time = |text: &str| format!("2026-11-26T{text}Z").parse().unwrap();
        let (machine, country) = ("m".to_owned(), String::new());
        let side = ZoneKind::Public;
        Stretch {
            side,
            machine,
            reported: reported.to_owned(),
            from: time(from),
            to: time(to),
            beats,
            country,
        }
    }

    #[test]
    fn the_oldest_comes_first_and_what_still_lasts_has_no_end() {
        let clock = Clock { now: "2026-11-26T07:16:02Z".parse().unwrap(), zone: TimeZone::UTC };
        let now = stretch("10.1.2.3", "07:06:00", "07:15:58", 10);
        let before = stretch("203.0.113.17", "06:16:00", "07:06:00", 50);
        let silent = stretch(" ", "05:00:00", "05:00:00", 1);
        let lines = lines(&[&now, &before, &silent], &clock, false);
        assert_eq!(
            lines,
            [
                "05:00 |--no address--| 05:00  1 heartbeat",
                "06:16 |-------203.0.113.17-------| 07:06  50 heartbeats",
                "07:06 |---10.1.2.3--->  10 heartbeats, 4 s ago",
            ]
        );
        let many = vec![&now; 8];
        let told = super::lines(&many, &clock, false);
        assert_eq!((told.len(), told[0].as_str()), (6, "... 3 more before (--all)"));
        assert_eq!(super::lines(&many, &clock, true).len(), 8);
    }
}
