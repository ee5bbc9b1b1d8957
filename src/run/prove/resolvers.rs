//! The proof of a private zone's change: what resolvers answer in the networks that see the zone, out of their caches too.
//!
//! They have no authority, and tell for as long as the TTL says what they once heard. So the new addresses are a proof, the old
//! ones are none against it until their time is over, and what nobody has seen by the end of the run is as Azure says.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::testimony::Testimony;
use crate::clock;
use crate::name_servers::{Resolved, ask_resolver, wire_name, wire_type};
use pure::cached::{Cached, Worth};
use pure::domain::RecordId;
use pure::plan::report::Dissent;

/// The pause after an answer that does not say for how long it is kept; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause: behind one address several caches may stand.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Asks the resolvers about a change that landed then until all show it, one denies it, or the time is over.
pub(super) async fn seen(
    resolvers: &[SocketAddr],
    id: &RecordId,
    cached: &Cached,
    (landed, until): (Instant, Instant),
    (turns, stop): (&Semaphore, &CancellationToken),
) -> Testimony {
    let Some(name) = wire_name(&id.name) else { return Testimony::Undenied(Vec::new()) };
    let kind = wire_type(id.record_type);
    let (mut shortest, mut silent, mut strange) = (FIRST_PAUSE, Vec::new(), Vec::new());
    loop {
        let answers = async {
            let _turn = turns.acquire().await.ok()?;
            Some(join_all(resolvers.iter().map(|resolver| ask_resolver(*resolver, &name, kind))).await)
        };
        let Ok(Some(answers)) = timeout_at(until, answers).await else { break };
        let since = landed.elapsed();
        let (mut said, mut pause) = (Vec::new(), LONGEST_PAUSE);
        silent.clear();
        strange.clear();
        for (resolver, answer) in resolvers.iter().zip(answers) {
            let server = resolver.to_string();
            match answer {
                Ok(Resolved { addresses, kept }) => {
                    let worth = cached.worth(&addresses, since);
                    if worth == Worth::Nothing {
                        pause = pause.min(kept.unwrap_or_default().max(shortest));
                    }
                    let is_strange = cached.is_strange(&addresses);
                    let dissent = Dissent { server, addresses: Some(addresses), failed: None };
                    strange.extend(is_strange.then(|| dissent.clone()));
                    said.push((worth, dissent));
                }
                Err(words) => silent.push(Dissent { server, addresses: None, failed: Some(words) }),
            }
        }
        if said.iter().any(|(worth, _)| *worth == Worth::Denial) {
            let denials = said.into_iter().filter(|(worth, _)| *worth == Worth::Denial);
            return Testimony::NotByAll(denials.map(|(_, dissent)| dissent).chain(silent).collect());
        }
        if said.iter().all(|(worth, _)| *worth == Worth::Proof) {
            let is_proved = silent.is_empty() && !said.is_empty();
            return if is_proved { Testimony::ByAll(clock::now()) } else { Testimony::Undenied(silent) };
        }
        if Instant::now() + pause >= until || stop.is_cancelled() {
            break;
        }
        let _ = stop.run_until_cancelled(sleep(pause)).await;
        shortest = (shortest * 2).min(LONGEST_PAUSE);
    }
    // What a cache still says is no word against it; what no cache can say is told.
    strange.append(&mut silent);
    Testimony::Undenied(strange)
}

#[cfg(test)]
mod tests;
