//! Whether our clock and those of the services agree.

use super::line::Line;
use super::visit::Visit;
use super::workspace::lasting;

const TOPIC: &str = "clocks";
/// More seconds than this are too many.
const MOST: i64 = 60;

pub(super) fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let ahead = visit.azure.calls.ahead();
    let Some((service, furthest)) = ahead.into_iter().max_by_key(|(_, ahead)| ahead.abs()) else {
        return vec![Line::skip(TOPIC, "").saying("not asked: nobody answered")];
    };
    if furthest.abs() <= MOST {
        return vec![
            Line::ok(TOPIC, "")
                .saying(format!("ours and theirs are {} apart at most", lasting(furthest.abs()))),
        ];
    }
    let which = if furthest > 0 { "behind" } else { "ahead of" };
    vec![Line::warn(TOPIC, "").saying(format!(
        "ours is {} {which} that of {service}: ages of heartbeats are judged wrongly; set this machine's clock by NTP",
        lasting(furthest.abs())
    ))]
}
