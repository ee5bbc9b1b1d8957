//! The status page: the fleet and the time line, as plain HTML that refreshes itself.

mod button;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use standin::{State, logs_query, loopback};

pub(crate) use button::Places;

use crate::board::Board;
use crate::packets::{self, Kind, shown};
use crate::timeline::Timeline;
use crate::visible;

/// So many machines are shown; the page says how many there are.
const MACHINES_SHOWN: usize = 100;
/// So many events are shown.
const EVENTS_SHOWN: usize = 100;
/// How long the look at the heartbeats may take.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);
/// The newest heartbeat of each machine within the hour, from each family of addresses.
const NEWEST: &str = "Heartbeat | where TimeGenerated > now() - 1h | extend IsIPv6 = ComputerIP contains ':' \
                      | summarize arg_max(TimeGenerated, ComputerIP) by _ResourceId, IsIPv6 \
                      | project _ResourceId, ComputerIP, datetime_diff('second', now(), TimeGenerated)";

/// Nothing is loaded but the style sheet from here, and forms go nowhere else; no script, no frame.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8883; vertical-align: top; }
.right { color: #2a8a3e; } .drift { color: #c60; font-weight: 600; } .held { color: #777; }
.words { white-space: pre-line; } .at { text-align: right; color: #777; white-space: nowrap; }
";

/// What the page looks at.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// The state of the stand-in.
    pub state: Arc<State>,
    /// The name server.
    pub dns: SocketAddr,
    /// The time line.
    pub timeline: Arc<Timeline>,
    /// What the runs say.
    pub board: Arc<Board>,
    /// Where machines are moved to.
    pub places: Arc<Places>,
    /// Whether machines may be moved: those of a recording go where they went.
    pub may_move: bool,
}

/// The pages of the host.
pub(crate) fn pages(view: View) -> Router {
    let mut pages = Router::new().route("/", get(status)).route("/style.css", get(style));
    if view.may_move {
        pages = pages.route(button::PATH, post(button::press));
    }
    pages.with_state(view)
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn status(Extract(view): Extract<View>, target: Uri, sent: HeaderMap) -> Response {
    // A page whose name leads here could read who lives where.
    if let Some(why) = loopback::foreign_host(&target, &sent) {
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With none at all a browser would not say that a form is ours.
        (header::REFERRER_POLICY, "same-origin"),
    ];
    let fleet = view.fleet().await;
    (headers, view.html(&fleet)).into_response()
}

/// The newest heartbeat from one family of addresses.
#[derive(Debug, Clone, Copy)]
struct Heard {
    address: IpAddr,
    seconds_ago: i64,
}

/// One row of the fleet.
struct Row {
    name: String,
    machine: String,
    id: String,
    beats_from: String,
    seconds_ago: Option<i64>,
    dns: String,
    class: &'static str,
    verdict: String,
}

impl View {
    /// The machines that claim names, with what the name server says of them.
    async fn fleet(&self) -> (usize, Vec<Row>) {
        let claims: Vec<(String, String, String)> = {
            let world = self.state.world();
            let claims = world.machines.values().flat_map(|machine| {
                let tag = machine.tags.as_ref().and_then(|tags| tags.get("DNSHostName"));
                let names = tag.unwrap_or_default().split([',', ';', ' ']).filter(|name| !name.is_empty());
                names.map(|name| {
                    (name.to_lowercase(), machine.name.to_string(), machine.id.text.to_lowercase())
                })
            });
            claims.collect()
        };
        let count = claims.len();
        let newest = self.newest().await;
        let shown_claims = claims.into_iter().take(MACHINES_SHOWN);
        let rows = shown_claims.map(|(name, machine, id)| {
            let heard = newest.get(&id).map(Vec::as_slice).unwrap_or_default();
            self.row(name, machine, id, heard)
        });
        (count, futures::future::join_all(rows).await)
    }

    /// By the ids of the machines in lower case, IPv4 first; a row without an address is none.
    async fn newest(&self) -> BTreeMap<String, Vec<Heard>> {
        let snapshot = self.state.workspace().snapshot();
        let found = logs_query::run(snapshot, NEWEST.to_owned(), None, self.state.now(), QUERY_TIMEOUT);
        let Ok(answer) = found.await else { return BTreeMap::new() };
        let mut newest: BTreeMap<String, Vec<Heard>> = BTreeMap::new();
        for row in logs_query::texts(&answer) {
            let text = |index: usize| row.get(index).cloned().unwrap_or_default();
            if let Ok(address) = text(1).parse() {
                let seconds_ago = text(2).parse().unwrap_or_default();
                newest.entry(text(0)).or_default().push(Heard { address, seconds_ago });
            }
        }
        newest.values_mut().for_each(|heard| heard.sort_by_key(|heard| heard.address));
        newest
    }

    async fn row(&self, name: String, machine: String, id: String, heard: &[Heard]) -> Row {
        // Which types have a record set only DNS says: a machine may beat from addresses that nobody publishes.
        let answers = Kind::ALL.map(|kind| packets::ask(self.dns, &name, kind));
        let answers = futures::future::join_all(answers).await;
        let answer: Vec<IpAddr> = answers.into_iter().flatten().flatten().collect();
        let is_right = is_right(heard, &answer);
        let skip = self.board.skip(&name).filter(|_| !is_right);
        let (class, verdict) = match (is_right, skip) {
            (true, _) => ("right", "right".to_owned()),
            (false, Some(skip)) => ("held", format!("{}: {}", skip.reason, skip.because)),
            (false, None) if heard.is_empty() => ("held", "not heard".to_owned()),
            (false, None) => ("drift", "drifts".to_owned()),
        };
        let beats_from: Vec<String> = heard.iter().map(|heard| heard.address.to_string()).collect();
        Row {
            dns: shown(&answer),
            name,
            machine,
            id,
            beats_from: beats_from.join(", "),
            seconds_ago: heard.iter().map(|heard| heard.seconds_ago).min(),
            class,
            verdict,
        }
    }

    fn html(&self, (count, rows): &(usize, Vec<Row>)) -> String {
        let mut html = String::from(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"refresh\" content=\"2\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>heartbeat-dns local</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>\
             <h1>heartbeat-dns local</h1>\n",
        );
        let right = rows.iter().filter(|row| row.class == "right").count();
        // Writing to a string does not fail.
        let _ =
            writeln!(html, "<h2>Fleet: {count} names, {right} of the {} shown are right</h2>", rows.len());
        html.push_str("<table><tr><th>Name<th>Machine<th>Beats from<th>DNS says<th>State");
        html.push_str(if self.may_move { "<th></tr>\n" } else { "</tr>\n" });
        for row in rows {
            let ago = row.seconds_ago.map(|seconds| format!(" ({seconds} s ago)")).unwrap_or_default();
            let _ = writeln!(
                html,
                "<tr><td>{}<td>{}<td>{}{}<td>{}<td class=\"{}\">{}{}</tr>",
                escaped(&row.name),
                escaped(&row.machine),
                escaped(&row.beats_from),
                escaped(&ago),
                escaped(&row.dns),
                row.class,
                escaped(&row.verdict),
                if self.may_move { button_of(&row.id) } else { String::new() },
            );
        }
        html.push_str("</table>\n<h2>Time line</h2>\n<table>\n");
        for told in self.timeline.newest().iter().take(EVENTS_SHOWN) {
            let _ = writeln!(
                html,
                "<tr><td class=\"at\">{}<td class=\"words\">{}</tr>",
                self.timeline.time(told),
                escaped(&told.event.words),
            );
        }
        html.push_str("</table></body></html>\n");
        html
    }
}

/// Whether DNS says what is heard: some address of it, and no other one of a family that is heard.
fn is_right(heard: &[Heard], answer: &[IpAddr]) -> bool {
    let differs = |heard: &Heard| {
        let mut same_family = answer.iter().filter(|address| address.is_ipv6() == heard.address.is_ipv6());
        same_family.next().is_some() && !answer.contains(&heard.address)
    };
    heard.iter().any(|heard| answer.contains(&heard.address)) && !heard.iter().any(differs)
}

/// A form of one button.
fn button_of(machine: &str) -> String {
    format!(
        "<td><form method=\"post\" action=\"{}\"><button name=\"{}\" value=\"{}\">move</button></form>",
        button::PATH,
        button::MACHINE,
        escaped(machine)
    )
}

/// Other people's text as text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in visible::lines(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_is_what_dns_says_of_the_families_that_it_knows() {
        let heard = |addresses: &[&str]| -> Vec<Heard> {
            addresses
                .iter()
                .map(|address| Heard { address: address.parse().unwrap(), seconds_ago: 0 })
                .collect()
        };
        let answer = |addresses: &[&str]| -> Vec<IpAddr> {
            addresses.iter().map(|address| address.parse().unwrap()).collect()
        };
        for (beats, says, right) in [
            (&["192.0.2.1"][..], &["192.0.2.1"][..], true),
            (&["192.0.2.1", "2001:db8::1"], &["192.0.2.1"], true),
            (&["192.0.2.1", "2001:db8::1"], &["192.0.2.1", "2001:db8::2"], false),
            (&["192.0.2.1"], &["192.0.2.1", "192.0.2.2"], true),
            (&["192.0.2.1"], &["2001:db8::1"], false),
            (&["192.0.2.1"], &[], false),
            (&[], &["192.0.2.1"], false),
        ] {
            assert_eq!(is_right(&heard(beats), &answer(says)), right, "{beats:?} {says:?}");
        }
    }

    #[test]
    fn other_peoples_text_stays_text() {
        let text = "<script>alert(\"1\") & 'x'</script>\u{202e}";
        let escaped = escaped(text);
        assert_eq!(escaped, "&lt;script&gt;alert(&quot;1&quot;) &amp; &#39;x&#39;&lt;/script&gt;\\u{202e}");
    }
}
