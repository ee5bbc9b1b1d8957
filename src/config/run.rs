//! How a run goes: when it acts, how long it may take, how it proves.

use std::time::Duration;

use super::declared::{APPLY_VIA, MODE, MOVES, OWNER_ID, QUERY_TIMESPAN, RECONCILE_ON, RUN_DEADLINE, VERIFY};
use super::reader::Reader;
use super::verify_servers::{self, VerifyServers};
use pure::domain::Mark;
use pure::shown::is_hidden;

/// Whether runs that nobody asked for by hand write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Alerts and timers lead to changes.
    Apply,
    /// Alerts and timers lead to plans.
    Observe,
}

/// How changes reach Azure DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyVia {
    /// One conditional request for each record set.
    RecordSet,
    /// One template deployment for many, which carries no condition.
    Deployment,
}

/// Who proves a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// The zone's name servers when they can be asked, else Azure.
    Auto,
    /// The zone's name servers.
    Dns,
    /// Azure's answer alone.
    Arm,
}

/// How a run goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// `MODE`.
    pub mode: Mode,
    /// `RECONCILE_ON` holds `alert`.
    pub on_alert: bool,
    /// `RECONCILE_ON` holds `timer`.
    pub on_timer: bool,
    /// `QUERY_TIMESPAN`: how far `mismatch.kql` looks back.
    pub query_timespan: Duration,
    /// `OWNER_ID`: this installation, in the marks of its record sets.
    pub owner_id: String,
    /// `RUN_DEADLINE`.
    pub deadline: Duration,
    /// `APPLY_VIA`.
    pub apply_via: ApplyVia,
    /// `VERIFY`.
    pub verify: Verify,
    /// `DNS_VERIFY_SERVERS`: who is asked in place of a zone's own name servers.
    pub verify_servers: VerifyServers,
    /// `MOVES`: whether it is told, when a run has ended, what still holds the addresses that names have left.
    pub reports_moves: bool,
}

pub(super) fn read(reader: &mut Reader<'_>, dcr_rule_id: &str) -> Run {
    let (on_alert, on_timer) = occasions(reader);
    Run {
        mode: reader
            .word(MODE, &[("apply", Mode::Apply), ("observe", Mode::Observe)])
            .unwrap_or(Mode::Observe),
        on_alert,
        on_timer,
        query_timespan: reader.duration(QUERY_TIMESPAN),
        owner_id: owner_id(reader, dcr_rule_id),
        deadline: reader.duration(RUN_DEADLINE),
        apply_via: reader
            .word(APPLY_VIA, &[("record-set", ApplyVia::RecordSet), ("deployment", ApplyVia::Deployment)])
            .unwrap_or(ApplyVia::RecordSet),
        verify: reader
            .word(VERIFY, &[("auto", Verify::Auto), ("dns", Verify::Dns), ("arm", Verify::Arm)])
            .unwrap_or(Verify::Auto),
        verify_servers: verify_servers::read(reader),
        reports_moves: reader.word(MOVES, &[("off", false), ("report", true)]).unwrap_or(false),
    }
}

fn occasions(reader: &mut Reader<'_>) -> (bool, bool) {
    let (mut alert, mut timer) = (false, false);
    reader.list(RECONCILE_ON, |member| {
        match member.to_ascii_lowercase().as_str() {
            "alert" => alert = true,
            "timer" => timer = true,
            "none" => {}
            _ => return Err(format!("holds `{member}`; write alert,timer or one of them, or none")),
        }
        Ok(())
    });
    (alert, timer)
}

/// The installation's id goes into metadata of record sets and into log rows.
pub(super) fn owner_id(reader: &mut Reader<'_>, dcr_rule_id: &str) -> String {
    let read = reader.parsed(OWNER_ID, |text| {
        if text.chars().count() > 128 || text.chars().any(|c| is_hidden(c) || c.is_whitespace() || c == ',') {
            let words = format!(
                "is `{}`; write at most 128 characters without blanks and commas",
                text.escape_debug()
            );
            return Err(words);
        }
        if text == Mark::RELEASED {
            return Err(format!("is `{text}`, the word of sets that are released; write another"));
        }
        Ok(text.to_owned())
    });
    read.unwrap_or_else(|| dcr_rule_id.to_owned())
}
