//! A recording at work: its rows are posted when their time has come, and at its end it is said what became of each move
//! and of each name.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use standin::functions_host::HostEvent;
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;

use crate::board::Board;
use crate::ledger::{Became, Ledger, Unjudged};
use crate::packets::{self, Kind, shown};
use crate::recording::moves::{self, Move};
use crate::recording::{Machine, Recording};
use crate::surface::{Surface, list};
use crate::timeline::{Event, Timeline};
use crate::visible;

/// After this what is not published and not explained is a failure; the alert rule is evaluated once a minute by then.
const LONGEST: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(250);
/// Rows are posted together that come within so much of the wall's time.
const TOGETHER: Duration = Duration::from_millis(20);
/// The code of a machine that is not heard any more.
const NO_HEARTBEAT: &str = "no-heartbeat";

/// A recording at work.
#[derive(Debug)]
pub(crate) struct Replay {
    /// The public surfaces.
    pub surface: Surface,
    /// The name server.
    pub dns: SocketAddr,
    /// What is played.
    pub recording: Arc<Recording>,
    /// Who tells.
    pub timeline: Arc<Timeline>,
    /// What the runs say.
    pub board: Arc<Board>,
    /// What became of the moves.
    pub ledger: Arc<Ledger>,
}

impl Replay {
    /// Plays the rows at their times, and tells each move.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub(crate) async fn play(&self) -> Result<Vec<Move>> {
        let moves = moves::of(&self.recording);
        let mut untold = moves.iter().peekable();
        let rows = &self.recording.rows;
        let mut next = rows.before(self.recording.from);
        let clock = self.timeline.clock();
        while let Some(time) = rows.time(next) {
            clock.until(time).await;
            tokio::time::sleep(TOGETHER).await;
            let now = clock.now();
            let due = next..rows.until(now).max(next);
            next = due.end;
            self.surface.heartbeats_json(rows.json(due)).await?;
            while let Some(moved) = untold.next_if(|moved| moved.at <= now) {
                self.timeline.tell(Event::new("move", moved.words(), moved.facts()));
            }
        }
        clock.until(self.recording.end).await;
        let words = "The recording has ended: the clock runs as the wall's from here on, and who was heard last beats on.";
        self.timeline.tell(Event::new("end", words, Value::Null));
        Ok(moves)
    }

    /// Waits until everything that can be published is, and says what became of each move and of each name.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub(crate) async fn settle(&self, moves: &[Move], mut host: Receiver<HostEvent>) -> Result<bool> {
        let deadline = Instant::now() + LONGEST;
        // One more whole run over everything: the next evaluation may be a minute away.
        while host.try_recv().is_ok() {}
        self.surface.tick().await?;
        let by_hand = async {
            while let Ok(event) = host.recv().await {
                if matches!(event, HostEvent::Invoked { by: "admin", .. }) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout_at(deadline, by_hand).await;
        // The watchers look a few times a second; the verdict shall not overtake what they have to tell.
        tokio::time::sleep(LOOK * 2).await;
        loop {
            let report = self.surface.plan().await?;
            self.ledger.take_report(self.timeline.clock().now(), &report);
            let pending = !list(&report["changes"]).is_empty();
            let fates = self.fates(&report).await?;
            let judged = self.ledger.judge(moves, self.recording.speed.get());
            let became = || judged.iter().flatten();
            let is_good =
                !pending && fates.iter().all(Fate::is_good) && became().all(|(_, became)| became.is_good());
            let is_open = pending
                || fates.iter().any(Fate::is_open)
                || became().any(|(name, became)| became.is_open() && self.can_move(name));
            if !is_open || Instant::now() >= deadline {
                self.board.keep(&report);
                tokio::time::sleep(LOOK * 2).await;
                self.tell(moves, &judged, &fates, is_good);
                return Ok(is_good);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether anything here could ever move a name: what is no name of DNS, or in another zone, is not waited for.
    fn can_move(&self, name: &str) -> bool {
        packets::is_name(name) && self.recording.records.holds(name)
    }

    async fn fates(&self, report: &Value) -> Result<Vec<Fate>> {
        let newest = newest(&self.recording);
        let mut fates = Vec::new();
        for (name, ids) in self.recording.names() {
            let dns = self.asked(&name).await;
            let machines: Vec<&Machine> =
                ids.iter().filter_map(|id| self.recording.machines.get(*id)).collect();
            let skip = list(&report["skips"]).iter().find(|skip| {
                skip["name"].as_str().is_some_and(|skipped| skipped == name)
                    && skip["reason"] != "already-right"
            });
            let text =
                |member: &str| skip.and_then(|skip| skip[member].as_str()).unwrap_or_default().to_owned();
            let mut newest = ids.iter().filter_map(|id| newest.get(*id));
            let is_published = dns.as_ref().is_ok_and(|dns| newest.any(|address| dns.contains(address)));
            let is_silent = machines.iter().all(|machine| self.recording.is_silent(machine));
            let (reason, because) = if skip.is_none() && is_silent {
                (NO_HEARTBEAT.to_owned(), unheard(&machines))
            } else {
                (text("reason"), text("because"))
            };
            let can_move = self.can_move(&name);
            fates.push(Fate { name, dns, can_move, is_published, reason, because });
        }
        Ok(fates)
    }

    /// What DNS says of a name, or why nothing: a name that lies in no zone here is refused, and is no reason to stop.
    async fn asked(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        if !packets::is_name(name) {
            return Err("it is no name of DNS".to_owned());
        }
        let mut dns = Vec::new();
        for kind in Kind::ALL {
            dns.extend(packets::ask(self.dns, name, kind).await.map_err(|fault| format!("{fault:#}"))?);
        }
        Ok(dns)
    }

    fn tell(&self, moves: &[Move], judged: &[Vec<(String, Became)>], fates: &[Fate], is_good: bool) {
        let mark = |is_good: bool| if is_good { '✓' } else { '✗' };
        let published = fates.iter().filter(|fate| fate.is_published).count();
        let counts = self.recording.counts();
        let mut words = format!("{published} of {} names are published. {counts}", fates.len());
        for fate in fates {
            words.push_str(&format!("\n{} {}", mark(fate.is_good()), fate.words()));
        }
        if !moves.is_empty() {
            words.push_str(&format!("\nMoves, in their order: {}.", moves.len()));
        }
        let speed = self.recording.speed.get();
        let unjudged = Unjudged::of(judged);
        if let Some(unjudged) = unjudged {
            words.push_str(&format!("\n✗ {}", unjudged.words(speed)));
        }
        let mut told = Vec::new();
        for (moved, names) in moves.iter().zip(judged) {
            let became: Vec<String> = names
                .iter()
                .map(|(name, became)| format!("{} {}", visible::line(name), became.words()))
                .collect();
            let is_good = names.iter().all(|(_, became)| became.is_good());
            let became = if became.is_empty() { "it claims no name".to_owned() } else { became.join(", ") };
            let at = moved.at.strftime("%Y-%m-%d %H:%M:%S");
            words.push_str(&format!("\n{} {at}  {} {became}.", mark(is_good), moved.words()));
            let mut facts = moved.facts();
            facts["names"] = names.iter().map(|(name, became)| became.facts(name)).collect();
            told.push(facts);
        }
        let lines: Vec<Value> = fates.iter().map(Fate::facts).collect();
        let facts = json!({
            "ok": is_good, "unjudged": unjudged.map(|unjudged| json!({ "moves": unjudged.moves, "speed": unjudged.speed })),
            "names": lines, "moves": told, "recording": self.recording.facts(),
        });
        self.timeline.tell(Event::new("verdict", words, facts));
    }
}

/// Why nothing is heard of a name.
fn unheard(machines: &[&Machine]) -> String {
    let last = machines.iter().filter_map(|machine| Some((machine.heard?, &machine.computer))).max();
    match last {
        Some((heard, computer)) => format!(
            "{} was heard last at {}, more than an hour before the recording ends.",
            visible::line(computer),
            heard.strftime("%Y-%m-%d %H:%M:%S")
        ),
        None => "No row of the recording is of its machine.".to_owned(),
    }
}

/// What became of one name.
#[derive(Debug, Clone)]
struct Fate {
    name: String,
    /// What DNS says; an error: why it says nothing.
    dns: Result<Vec<IpAddr>, String>,
    /// Whether anything here could ever move it.
    can_move: bool,
    is_published: bool,
    reason: String,
    because: String,
}

impl Fate {
    /// Published, or explained.
    fn is_good(&self) -> bool {
        self.is_published || !self.because.is_empty()
    }

    /// Whether it may still be published or explained.
    fn is_open(&self) -> bool {
        !self.is_good() && self.can_move
    }

    fn words(&self) -> String {
        let name = visible::line(&self.name);
        let Self { reason, because, .. } = self;
        let dns = match &self.dns {
            Ok(dns) => shown(dns),
            Err(why) if because.is_empty() => return format!("{name} cannot be asked for: {why}."),
            Err(_) => return format!("{name} is left out ({reason}): {because}"),
        };
        match (self.is_published, because.is_empty()) {
            (true, true) => format!("{name} resolves to {dns}."),
            (true, false) => format!("{name} resolves to {dns}; besides ({reason}): {because}"),
            (false, false) => format!("{name} resolves to {dns} ({reason}): {because}"),
            (false, true) => format!("{name} resolves to {dns}, and nobody says why."),
        }
    }

    fn facts(&self) -> Value {
        json!({
            "name": self.name, "published": self.is_published, "dns": self.dns.as_deref().unwrap_or_default(),
            "reason": self.reason, "because": self.because,
        })
    }
}

/// The newest address of each machine (lower case); of one that is silent it is what it was.
fn newest(recording: &Recording) -> BTreeMap<&str, IpAddr> {
    let mut newest = BTreeMap::new();
    for (_, row) in recording.rows.iter() {
        if let Some(address) = row.address {
            newest.insert(&*row.machine, address);
        }
    }
    newest
}
