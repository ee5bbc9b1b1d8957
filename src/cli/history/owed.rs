//! What the log does not know: a write whose row it is owed, with what brings it and what keeps it away, and sets of another
//! installation.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::azure::Azure;
use crate::cli::brought::{ARRIVAL, brought};
use crate::cli::clock::Clock;
use crate::cli::lacking;
use crate::cli::phrase::Phrase;
use crate::cli::report::short_run;
use crate::cli::screen::Screen;
use crate::doctor::{self, Telling};
use crate::queries::Past;
use crate::run::Installation;
use pure::domain::{HostName, RecordId};
use pure::shown::{brief, one_line, shown};

/// A mark that is older is owed no row any more.
const OWED: SignedDuration = SignedDuration::from_hours(24);

/// Whether rows may be sent, asked by one call where the log is owed one.
pub(super) async fn sending(
    installation: &Installation,
    azure: &Azure,
    unlogged: &[Past],
    now: Timestamp,
) -> Option<Telling> {
    let is_owed = unlogged.iter().any(|write| now.duration_since(write.time) < OWED);
    if is_owed { Some(doctor::rows(&installation.settings, azure).await) } else { None }
}

/// What the log lacks of a name, and what could not be read of it.
pub(super) struct Lacks<'a> {
    pub(super) name: &'a HostName,
    /// Writes that only marks tell of.
    pub(super) unlogged: &'a [Past],
    /// Whether rows may be sent; none where the log is owed none.
    pub(super) sending: Option<Telling>,
    /// Sets of another installation, with its id, where the log knows no write of ours.
    pub(super) foreign: Vec<&'a (RecordId, String)>,
    /// This installation.
    pub(super) owner: &'a str,
    /// Why the record sets could not be read, if so.
    pub(super) unread: Option<&'a str>,
}

impl Lacks<'_> {
    /// A paragraph for each of them.
    pub(super) fn write(
        &self,
        clock: &Clock,
        screen: &Screen,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        let unlogged = self.unlogged.iter().flat_map(|write| self.owed(write, clock));
        let foreign = self.foreign.iter().map(|(id, owner)| {
            let kind = id.record_type.inside(id.zone.kind());
            let (theirs, ours) = (shown(owner), shown(self.owner));
            let said = format!(
                "the {kind} set carries the mark of another installation, {theirs}; this one is {ours}, by OWNER_ID or else \
                 LOGS_DCR_RULE_ID. If both are to be one, what finds the mistake:  "
            );
            Phrase::from(said).run("doctor")
        });
        let unread = self.unread.map(|because| {
            let because = brief(&one_line(because));
            format!("whether its record sets carry marks that the log does not know is not known: {because}")
                .into()
        });
        let mut said = unlogged.chain(foreign).chain(unread);
        said.try_for_each(|words| {
            screen.wrapped(words, 0).iter().try_for_each(|line| writeln!(out, "{line}"))
        })
    }

    /// That the log lacks the row of a write, why it may, and what brings it.
    fn owed(&self, write: &Past, clock: &Clock) -> Vec<Phrase> {
        let (run, kind) = (short_run(&write.run), write.record_type.inside(write.zone.kind()));
        let what = format!("the log does not know run {run}, whose mark stands in the {kind} set");
        let age = clock.now.duration_since(write.time);
        if age >= OWED {
            return vec![format!("{what}: the row is older than the log, or was lost").into()];
        }
        let is_young = age < ARRIVAL;
        let why = if is_young {
            "its row is on its way, or owed: the run was broken off, or was not let send it"
        } else {
            "its row is owed: the run was broken off, or was not let send it"
        };
        let brought = |begin: &str| {
            let by = brought(write.time, &format!("apply {}", self.name), clock);
            Phrase::from(format!("{begin}the next run after a sweep brings it")).then(by)
        };
        let of_the_function =
            |begin: &str| lacking::of_the_function(&format!("{begin}whether the function may send rows:  "));
        match &self.sending {
            // Whoever asks may be another one than who wrote.
            Some(Telling::Refused(line)) => {
                let said = format!("{what}: {why}. This identity may send no rows: {}", one_line(&line.said));
                let mended = line.az.iter().map(|az| Phrase::default().whole(az.as_str()));
                let mended = if line.az.is_empty() { vec![lacking::doctor()] } else { mended.collect() };
                let then = [of_the_function(""), brought("once rows are taken, ")];
                std::iter::once(said.into()).chain(mended).chain(then).collect()
            }
            _ if is_young => vec![brought(&format!("{what}: {why}; "))],
            _ => vec![brought(&format!("{what}: {why}; ")).then(of_the_function("; "))],
        }
    }
}

/// What a program is told of a set of another installation.
pub(super) fn foreign_as_json((id, owner): &(RecordId, String)) -> Value {
    json!({ "zone": id.zone, "record_type": id.record_type, "owner": owner })
}
