//! `watch --once`: one round, for whoever keeps the time himself.

use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::task::{listen_for_signals, one_round};
use crate::cli::failure::{Exit, Failure};
use crate::cli::global::Global;
use crate::cli::output::{Format, to_stdout, write_json};
use crate::cli::report;
use crate::round::{Orders, Round, Stage, Sweep};
use crate::run::{Installation, moves};
use crate::tell::Reporters;
use pure::plan::report::RunResult;

/// Makes one round, tells of it, and says by the exit code how it went. A signal ends what only reads; a run that writes is
/// finished.
pub(super) async fn round_and_end(
    installation: &Arc<Installation>,
    reporters: &Reporters,
    global: &Global,
) -> Result<Exit, Failure> {
    let (stop, gone) = (CancellationToken::new(), CancellationToken::new());
    listen_for_signals(stop.clone(), gone.clone());
    let orders = Orders { sweep: Sweep::WhenDue, last: None, doubtful: Vec::new(), stop: stop.clone() };
    let made = tokio::select! {
        made = one_round(installation, orders) => made,
        () = gone.cancelled() => None,
    };
    let Some(mut round) = made else {
        return Err(Failure::from(anyhow::anyhow!("the round broke off")));
    };
    reporters.round_ended(&round);
    // The process ends with this round; what is to be told of it after its end is told now.
    let found = match &round.ended {
        Some(ended) => stop.run_until_cancelled(Box::pin(moves(installation, &ended.report))).await.flatten(),
        None => None,
    };
    if let (Some(found), Some(ended)) = (found, &mut round.ended) {
        reporters.moves_found(&ended.report.run, ended.report.trigger, &found);
        ended.report.moves = Some(found);
    }
    print(&round, global)?;
    if stop.is_cancelled() && round.report().is_none() {
        return Err(Failure::from(anyhow::anyhow!("told to stop before the round was over")));
    }
    let complaints = round.complaints();
    if !complaints.is_empty() {
        let words: Vec<String> = complaints
            .iter()
            .map(|fault| format!("{} failed: {}", fault.stage.as_str(), fault.trouble.logged))
            .collect();
        return Err(Failure::from(anyhow::anyhow!("{}", words.join("\n"))));
    }
    Ok(exit(&round))
}

fn exit(round: &Round) -> Exit {
    let Some(report) = round.report() else { return Exit::Fine };
    let troubles = round.ended.as_ref().map_or(0, |ended| ended.read_troubles.len());
    match report.result {
        // Without `MODE=apply` nothing was to be written.
        RunResult::Planned if troubles == 0 => Exit::Fine,
        _ => report::exit_of_apply(report, troubles),
    }
}

fn print(round: &Round, global: &Global) -> Result<(), Failure> {
    if global.output == Format::Json {
        let stages: Vec<&str> =
            Stage::ALL.iter().filter(|stage| round.failed(**stage)).map(|stage| stage.as_str()).collect();
        let ended = json!({ "event": "round", "run": round.run, "words": round.words(), "failed": stages, "report": round.report() });
        return Ok(to_stdout(|out| write_json(&ended, out))?);
    }
    let words = round.words();
    Ok(to_stdout(|out| match words.as_slice() {
        [] => writeln!(out, "run {}: {}", round.run, only_looked(round)),
        words => words.iter().try_for_each(|line| writeln!(out, "{line}")),
    })?)
}

/// What a round says that neither swept nor ran.
fn only_looked(round: &Round) -> String {
    match &round.facts {
        None => "the logs were not read, and nothing is known".to_owned(),
        Some(facts) => {
            let differing = facts.names.differing;
            let verb = if differing == 1 { "name differs" } else { "names differ" };
            format!("{differing} {verb}; RECONCILE_ON does not hold timer, so nothing is repaired")
        }
    }
}
