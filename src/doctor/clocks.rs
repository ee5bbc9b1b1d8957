//! Whether our clock and those of the services agree.

use super::line::Line;
use super::visit::Visit;
use super::workspace::lasting;

const TOPIC: &str = "clocks";
/// More seconds than this are too many.
const MOST: i64 = 60;
/// From here on tokens and ages are judged wrongly.
const WRONG: i64 = 300;

pub(super) fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let ahead = visit.azure.calls.ahead();
    let Some((service, furthest)) = ahead.iter().max_by_key(|(_, ahead)| ahead.abs()) else {
        return vec![Line::skip(TOPIC, "").saying("not asked: nobody answered")];
    };
    if furthest.abs() <= MOST {
        return vec![
            Line::ok(TOPIC, "")
                .saying(format!("ours and theirs are {} apart at most", lasting(furthest.abs()))),
        ];
    }
    let which = if *furthest > 0 { "behind" } else { "ahead of" };
    // What all say is true of our clock; what one says may be wrong with its own.
    let nearest = ahead.values().map(|ahead| ahead * furthest.signum()).min().unwrap_or_default();
    let is_ours = nearest > MOST && ahead.len() > 1;
    let whose = if is_ours { "those of all services".to_owned() } else { format!("that of {service}") };
    let line = if is_ours && nearest > WRONG { Line::fail(TOPIC, "") } else { Line::warn(TOPIC, "") };
    vec![line.saying(format!(
        "ours is {} {which} {whose}: ages of heartbeats are judged wrongly; set this machine's clock by NTP",
        lasting(furthest.abs())
    ))]
}
