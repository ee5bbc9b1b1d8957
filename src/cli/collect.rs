//! `heartbeat-dns collect`: a whole sweep at once, whatever the age of the last one.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::lacking;
use super::output::{Format, Listing, to_stdout, write_json};
use super::phrase::Phrase;
use super::progress::Spinner;
use super::screen::Screen;
use super::session;
use crate::collect::{self, SweepReport};
use crate::config::Variables;

const EXAMPLES: &str = "\
The timer sweeps by itself, every SNAPSHOT_EVERY. Sweep by hand after tags or records were changed, to let the next \
evaluation see them at once. A part that fails is named, the others are sent all the same, and the exit code is 1.

Examples:
  heartbeat-dns collect
  heartbeat-dns collect -o json | jq '.parts[] | select(.failure)'";

/// What to collect: everything.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {}

/// How often the counts on a terminal move on.
const COUNTED_EVERY: Duration = Duration::from_millis(250);

pub(super) async fn run(_: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    let settings = &installation.settings;
    let azure = installation.clients.until(Instant::now() + settings.collect.deadline)?;
    let run = azure_core::Uuid::new_v4().to_string();
    let counts = collect::SweepProgress::default();
    let progress = Spinner::start("reading tags and record sets");
    let sweep = collect::run(&azure, settings, None, &run, &counts);
    let watch = async {
        loop {
            tokio::time::sleep(COUNTED_EVERY).await;
            let machines = counts.machines.load(Ordering::Relaxed);
            let sets = counts.record_sets.load(Ordering::Relaxed);
            progress.now(format!("{machines} tagged machines, {sets} record sets"));
        }
    };
    let swept = tokio::select! { swept = sweep => swept, never = watch => never };
    drop(progress);
    write(&swept, global)?;
    // Whoever sits at the terminal is who reads the log.
    let failures = swept.failures_logged();
    if failures.is_empty() {
        return Ok(Exit::Fine);
    }
    let is_sent = swept.parts.iter().any(|part| part.marker.is_some());
    let others = if is_sent { "the other parts were sent; " } else { "" };
    let hint = format!("{others}what failed counts as it was in the last complete sweep; ");
    let hint = Phrase::from(hint).then(lacking::doctor());
    Err(Failure::from(anyhow::anyhow!("{}", failures.join("\n"))).hint(hint))
}

fn write(swept: &SweepReport, global: &Global) -> Result<(), Failure> {
    if global.output == Format::Json {
        return Ok(to_stdout(|out| write_json(swept, out))?);
    }
    let mut table = Listing::new(&["part", "rows", "complete"]);
    for part in &swept.parts {
        let complete = if part.marker.is_some() { "yes" } else { "no" };
        // People know a zone by its name.
        let name = part.part.rsplit('/').next().unwrap_or(&part.part);
        let name = if global.output == Format::Text { name } else { &part.part };
        table.push(vec![json!(name), json!(part.rows), json!(complete)]);
    }
    Ok(to_stdout(|out| table.write(global.output, &Screen::of_stdout(global.env_file.as_deref()), out))?)
}
