//! `heartbeat-dns doctor`: whether everything works that runs need, seen with the rights of whoever asks, and what mends it.

mod function;
mod text;

use std::net::{IpAddr, SocketAddr};

use serde_json::json;
use url::Url;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Format, Listing, to_stdout, write_json};
use super::progress::Spinner;
use super::screen::Screen;
use super::session;
use crate::config::Variables;
use crate::doctor::{Examination, Questions, examine};

const EXAMPLES: &str = "\
Everything is asked of its owner, side by side: tokens; the workspace and how lately machines were heard; our tables with \
their columns; the data collection rule and where it leads each stream; whether the machines may be read and carry the tag, and of virtual \
machines what holds their addresses; whether rows may be sent, and arrive; each zone, whether it may be read and written; whether its parent leads to it; the alert rule, whether it \
calls, and its action group; whether whoever asks may do more than the roles give; the clocks. A failure comes with the command that mends it, where one does. What is seen are the \
rights of whoever asks: with --function those of the function.

Nothing is changed but one row in DNSChange_CL whose Trigger_s is `probe`, which no query of this program counts. Whether a \
zone may be written is asked by a write that repeats a record set as it is, under a condition that cannot hold: Azure \
refuses it with 412 where it may be written, and one refused write a zone stands in the activity log.

The exit code is 1 when something fails.

Examples:
  heartbeat-dns doctor
  heartbeat-dns doctor --no-probe -o json
  heartbeat-dns doctor --function https://APP.azurewebsites.net/api/remediate";

/// What to ask.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Send no row to the log; whether rows arrive is not known then
    #[arg(long)]
    no_probe: bool,
    /// A name server of the parent of the zones, to ask in place of those that this machine's resolver finds
    #[arg(long = "parent", value_name = "ADDRESS", value_parser = server, conflicts_with = "function")]
    parents: Vec<SocketAddr>,
    /// Let the function at this address answer, for its own identity; its key comes from FUNCTION_KEY
    #[arg(long, value_name = "URL")]
    function: Option<Url>,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let probe = !options.no_probe;
    let report = match &options.function {
        Some(url) => function::ask(url, probe, variables).await?,
        None => {
            let installation = session::installation(variables)?;
            let progress = Spinner::start("asking everything that a run needs");
            let asked = Questions { probe, parents: options.parents.clone() };
            let report = Box::pin(examine(&installation.settings, &installation.clients, &asked)).await;
            drop(progress);
            report
        }
    };
    let screen = Screen::of_stdout(global.env_file.as_deref());
    let is_function = options.function.is_some();
    to_stdout(|out| match global.output {
        Format::Text => text::write(&report, is_function, &screen, out),
        Format::Json => write_json(&report, out),
        form @ (Format::Csv | Format::Markdown | Format::Arm) => table(&report).write(form, &screen, out),
    })?;
    Ok(if report.totals.fail > 0 { Exit::Failed } else { Exit::Fine })
}

fn table(report: &Examination) -> Listing {
    let mut table = Listing::new(&["verdict", "topic", "of", "said", "az"]);
    for line in &report.lines {
        let az = line.az.join("\n");
        table.push(vec![json!(line.verdict), json!(line.topic), json!(line.of), json!(line.said), json!(az)]);
    }
    table
}

/// An address with or without a port.
fn server(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = text.parse::<SocketAddr>().ok().filter(|server| server.port() != 0);
    let alone = || bare.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 53));
    with_port.or_else(alone).ok_or_else(|| "write an address, such as 192.0.2.53 or 192.0.2.53:53".to_owned())
}
