//! `heartbeat-dns explain`: why a name stands as it does, and what would move it.

mod amiss;
mod answers;
mod denied;
mod headline;
mod json;
mod leads_to;
mod left;
mod lines;
mod machine;
mod mend;
mod misnamed;
mod rule;
mod text;
mod timeline;

use serde_json::json;

use super::clock::Clock;
use super::failure::{Exit, Failure};
use super::global::Global;
use super::one_side::OneSide;
use super::output::{Format, Listing, to_stderr, to_stdout, write_json};
use super::progress::Spinner;
use super::screen::Screen;
use super::session;
use crate::config::Variables;
use crate::run::{self, Explained, Trouble};
use pure::domain::ZoneId;
use pure::shown::{brief, one_line};

const EXAMPLES: &str = "\
The verdict comes first: what the next run does with the name, and why. Below it stands what that rests on, asked now: who \
claims the name and who set the tag (as far as Azure's change records go, 14 days), what the machines said within the day, \
the record set with its mark, what each name server answers, every rule with its answer, the brakes, what would move the \
name, and its last changes. A part that cannot be told says so, and the rest is shown. Nothing is written.

A name with an A and an AAAA record set has a block for each, and so has each side of a name that stands in a public zone and in a private one.

Of what is no host name, and stands in a tag all the same, it tells in whose.

Exit codes: 0 the verdict is told, 1 it cannot be told, 2 no tagged machine claims the name.

Examples:
  heartbeat-dns explain nas.home.example.com
  heartbeat-dns explain nas.home.example.com --all
  heartbeat-dns explain desk.office.example.com --zone private:office.example.com
  heartbeat-dns explain nas.home.example.com -o json";

/// Which name.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The name
    name: String,
    #[command(flatten)]
    side: OneSide,
    /// Show the rules that were not asked as well, and all that is known of the past
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    let name = match session::name(&options.name) {
        Ok(name) => name,
        Err(refused) => return misnamed::told(&options.name, &installation, global, refused).await,
    };
    let zones = &installation.settings.policy.zones;
    let asked = options.side.of([name.clone()].into(), zones)?;
    let progress = Spinner::start("asking everybody about the name");
    let found = run::explain(&installation, &name, asked.side(), session::deadline(&installation)).await;
    drop(progress);
    let found = found.map_err(session::unreachable)?;
    to_stdout(|out| match global.output {
        Format::Text => {
            let (screen, clock) = (Screen::of_stdout(global.env_file.as_deref()), Clock::of(global.zone()));
            text::Screenful { found: &found, screen, clock, all: options.all }.write(out)
        }
        Format::Json => write_json(&json::of(&found), out),
        form @ (Format::Csv | Format::Markdown | Format::Arm) => {
            table(&found, options.all).write(form, &Screen::of_stdout(global.env_file.as_deref()), out)
        }
    })?;
    // That a zone is gone the screen says, and so it does of the cause for which nothing can be judged.
    let is_told = |trouble: &&Trouble| {
        let is_the_cause = found.unjudged.as_ref().is_some_and(|head| trouble.has_the_cause_of(head));
        global.output == Format::Text && (trouble.missing_zone().is_some() || is_the_cause)
    };
    for words in found.troubles.iter().filter(|trouble| !is_told(trouble)).map(Trouble::for_log) {
        to_stderr(format_args!("warning: {}", brief(&one_line(&words))));
    }
    Ok(match (&found.unjudged, &found.nobodys) {
        (Some(_), _) => Exit::Failed,
        (None, Some(_)) => Exit::Usage,
        (None, None) => Exit::Fine,
    })
}

/// The rules as a table: a row for each that was asked about a claim.
fn table(found: &Explained, all: bool) -> Listing {
    let mut table = Listing::new(&["record_type", "machine", "rule", "answer", "because", "zone"]);
    for set in &found.record_sets {
        for claimed in &set.claims {
            for told in claimed.rules.iter().filter(|told| all || told.is_asked()) {
                let kind = set.record_type.as_str();
                let cells = [json!(kind), json!(claimed.machine), json!(told.rule), json!(told.answer)];
                let zone = json!(set.zone.as_ref().map(ZoneId::label));
                table.push(cells.into_iter().chain([json!(told.because), zone]).collect());
            }
        }
    }
    table
}
