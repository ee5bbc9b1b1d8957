//! Whether an installation can do its work: each thing that it needs asked of its owner, harmlessly, and what mends it.
//!
//! All questions are asked side by side, each with a time of its own; one that fails silences no other. Nothing is
//! changed but one row in `DNSChange_CL`, which no query of ours counts, and one write that is made to be refused. The
//! rights that are seen are those of whoever asks: of a person at the command line, of the function's identity when the
//! function is asked.

mod addresses;
mod alert;
mod az;
mod clocks;
mod delegation;
mod deployments;
mod found;
mod function_apps;
mod groups;
mod heard;
mod ingestion;
mod line;
mod links;
mod machines;
mod patience;
mod receivers;
mod rights;
mod rows;
mod rule;
mod tables;
mod token;
mod views;
mod visit;
mod workspace;
mod zone;

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, join, join_all};
use tokio::time::{Instant, timeout};

use crate::azure::Clients;
use crate::config::Settings;
pub use az::{APPS, FUNCTION_TOKEN, HOSTS, KEYS, name, tell_the_key, unlock, zones};
pub use line::{Examination, Line, SCHEMA, Totals, Verdict};
pub use patience::LONGEST;
use patience::{ARRIVAL, EACH};
use pure::domain::ZoneKind;
pub use rows::{Telling, rows};
use visit::Visit;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Questions {
    /// Whether a row is sent to the log.
    pub probe: bool,
    /// Name servers of the parents of the zones; empty: those that the system's resolver finds.
    pub parents: Vec<SocketAddr>,
}

/// Asks everything.
pub async fn examine(settings: &Settings, clients: &Clients, asked: &Questions) -> Examination {
    let azure = match clients.until(Instant::now() + EACH) {
        Ok(azure) => azure,
        Err(error) => {
            return Examination::of(None, vec![Line::fail(token::TOPIC, "").saying(error.for_people())]);
        }
    };
    let visit = Visit::new(settings, azure);
    let visit = &visit;
    let mut questions: Vec<BoxFuture<'_, Vec<Line>>> = vec![
        within("workspace", "", EACH, workspace::lines(visit).boxed()),
        within("tables", "", EACH, tables::lines(visit).boxed()),
        within("rule", "", EACH, rule::lines(visit).boxed()),
        within("machines", "", EACH, machines::lines(visit).boxed()),
        within("addresses", "", EACH, addresses::lines(visit).boxed()),
        within("ingestion", "", EACH + ARRIVAL, ingestion::lines(visit, asked.probe).boxed()),
    ];
    for zone in settings.policy.zones.iter() {
        let name = zone.id.label();
        questions.push(within("zone", &name, EACH, zone::lines(visit, &zone.id).boxed()));
        questions.push(within("deployments", &name, EACH, deployments::lines(visit, &zone.id).boxed()));
    }
    for zone in settings.policy.zones.iter().filter(|zone| zone.id.kind() == ZoneKind::Private) {
        let name = zone.id.label();
        questions.push(within("links", &name, EACH, links::lines(visit, &zone.id).boxed()));
        questions.push(within("view", &name, EACH, views::lines(visit, zone).boxed()));
    }
    // Nobody delegates a private zone.
    for zone in settings.policy.zones.iter().filter(|zone| zone.id.kind() == ZoneKind::Public) {
        let name = zone.name().as_str();
        let asked = delegation::lines(visit, &zone.id, &asked.parents);
        questions.push(within("delegation", name, EACH, asked.boxed()));
    }
    questions.push(within("alert", "", EACH, alert::lines(visit).boxed()));
    questions.push(within("rights", "", EACH, rights::lines(visit).boxed()));
    let tokens = within(token::TOPIC, "", EACH, token::lines(visit).boxed());
    let (tokens, asked) = join(tokens, join_all(questions)).await;
    let mut lines = token::taken(visit, tokens);
    lines.extend(asked.into_iter().flatten());
    let mut lines = visit::once(lines);
    // By now every service has answered that answers at all.
    lines.extend(clocks::lines(visit));
    Examination::of(visit.caller().await.cloned(), lines)
}

/// The lines of one question, or that it was not answered in its time.
fn within<'a>(
    topic: &'static str,
    of: &str,
    limit: Duration,
    question: BoxFuture<'a, Vec<Line>>,
) -> BoxFuture<'a, Vec<Line>> {
    let of = of.to_owned();
    async move {
        let answered = timeout(limit, question).await;
        answered.unwrap_or_else(|_| {
            let said = format!("no answer within {} s; {}", limit.as_secs(), visit::LOOK_AT_THE_WAY);
            vec![Line::fail(topic, &of).saying(said)]
        })
    }
    .boxed()
}
