//! `heartbeat-dns local`: the whole loop on one machine. The scenery is a crate of its own, `local`; here stands what it
//! is told of us: the variables of the handler, the alert rule's query, the files under which this program is deployed.

mod variables;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use local::{App, Files, Form, Handler, Play, Recording, Stage, Wanted, parse_time};

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::Format;
use crate::config::{Variables, parse_duration};
use crate::queries;
use crate::terminated::terminated;
use variables::HandlerVariables;

/// From one evaluation of the alert rule to the next: of the street, whose machines beat every two seconds, and of a
/// recording, as Azure does it at most.
const EVERY: Duration = Duration::from_secs(5);
const EVERY_RECORDED: Duration = Duration::from_secs(60);

const EXAMPLES: &str = "\
Examples:
  heartbeat-dns local --once
      play one night in a house to its end: exit code 0 when DNS tells the truth
  heartbeat-dns local --env local.env
      keep playing; from a second terminal: heartbeat-dns --env local.env plan
  dig @127.0.0.1 -p 7053 nas.home.example.com +short
      what the name server says
  curl -d '{\"Computer\":\"nas\",\"ComputerIP\":\"203.0.113.9\"}' http://127.0.0.1:7072/standin/heartbeats
      move a machine and watch";

/// How the local Azure is started.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Play one night in a house (or the replay) to its end, tell what happened, and exit: 0 when DNS tells the
    /// truth and everything that was left alone is explained, else 1. Takes free ports unless told otherwise
    #[arg(long)]
    once: bool,
    /// Add N machines to whom nothing happens
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "heartbeats")]
    machines: usize,
    /// Switch the alert rule off: the collector's timer alone repairs
    #[arg(long)]
    no_alert: bool,
    /// Play recorded Heartbeat rows instead of the scenario, on their own clock: JSON (an array, lines, what `query -o
    /// json`, `az monitor log-analytics query` or `az rest` print) or the portal's CSV. Older rows are history
    #[arg(long, value_name = "FILE", conflicts_with = "app")]
    heartbeats: Option<PathBuf>,
    /// The record sets at the start: a zone file (such as of `az network dns zone export`), octoDNS YAML, or record sets
    /// as JSON. The zone is its $ORIGIN, its file's name, that of the ids [default: an empty example.com]
    #[arg(long, value_name = "FILE", requires = "heartbeats")]
    records: Option<PathBuf>,
    /// Which name is whose: what `az resource list` or `az graph query` print, or CSV `machine,name` [default: the first
    /// label of COMPUTER, in the zone]
    #[arg(long, value_name = "FILE", requires = "heartbeats")]
    tags: Option<PathBuf>,
    /// Where the recording begins [default: two hours before its newest row]
    #[arg(long, value_name = "TIME", requires = "heartbeats", value_parser = parse_time)]
    from: Option<Timestamp>,
    /// Leave out what is newer
    #[arg(long, value_name = "TIME", requires = "heartbeats", value_parser = parse_time)]
    to: Option<Timestamp>,
    /// The recording's clock runs N times as fast to its end, and then as the wall's
    #[arg(long, value_name = "N", default_value = "180", requires = "heartbeats")]
    speed: NonZeroU32,
    /// From one evaluation of the alert rule to the next [default: 5s; of a recording 1m of its clock]
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    every: Option<Duration>,
    /// Milliseconds that each call of the stand-in takes at least
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Port of the Functions host and of the status page [default: 7071; taken: the next free one; 0: any]
    #[arg(long)]
    port: Option<u16>,
    /// Port of the stand-in for Azure [default: 7072; taken: the next free one; 0: any]
    #[arg(long)]
    azure_port: Option<u16>,
    /// Port of the name server, UDP and TCP [default: 7053; taken: the next free one; 0: any]
    #[arg(long)]
    dns_port: Option<u16>,
    /// Serve the stand-in over https as well; write ca.pem, and its key ca-key.pem for the next start, into DIR
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Port of the stand-in over https [default: 7073; taken: the next free one; 0: any]
    #[arg(long, value_name = "PORT", requires = "tls")]
    tls_port: Option<u16>,
    /// Put the well-known hosts (management.azure.com, login.microsoftonline.com, api.loganalytics.io …) into the
    /// certificate of https, for clients that know no others, and NAMEs besides
    #[arg(long, value_name = "NAME", num_args = 0.., require_equals = true, value_delimiter = ',', requires = "tls")]
    tls_names: Option<Vec<String>>,
    /// Let the Functions host run the unpacked deployment in DIR (of `cargo xtask package`) instead of this program
    #[arg(long, value_name = "DIR")]
    app: Option<PathBuf>,
    /// Let the services count and refuse what goes over Azure's quotas
    #[arg(long)]
    quotas: bool,
    /// Let the Functions host ask for keys, as in Azure; they are told at the start
    #[arg(long)]
    keys: bool,
}

/// Plays until it is told to stop, or once.
///
/// # Errors
/// When a part cannot be started or does not answer.
pub async fn run(options: Options, global: &Global) -> Result<Exit, Failure> {
    let given = Variables::process();
    let play = match options.files(&given) {
        // A file that cannot be played is a mistake on the command line.
        Some(files) => Recording::read(&files).map_err(|error| Failure::usage(format!("{error:#}")))?.into(),
        None => Play::Street { quiet: options.machines },
    };
    let app = match &options.app {
        Some(folder) => App::unpacked(folder).map_err(|error| Failure::usage(format!("--app: {error:#}")))?,
        None => this_program()?,
    };
    let form = match global.output {
        Format::Text => Form::Words,
        Format::Json => Form::Json,
        Format::Csv | Format::Markdown | Format::Arm => {
            return Err(
                Failure::usage("a time line is told as text or as json").hint("say -o json, or leave -o out")
            );
        }
    };
    let is_in_real_time = play.is_in_real_time();
    let stage = Stage::set(wanted(options, play, form)).await?;
    let told = HandlerVariables::new(stage.places(), &given, is_in_real_time);
    let settings = told.check(&given).map_err(|faults| {
        Failure::usage(format!("the configuration has faults: {faults}"))
            .hint("variables that are set here reach the handler; unset the ones that are named")
    })?;
    let second_terminal = global
        .env_file
        .as_ref()
        .map(|file| format!("Second terminal: heartbeat-dns --env {} plan", file.display()));
    let handler = Handler {
        app,
        query: queries::alert_query(&queries::OwnerId::new(&settings.run.owner_id)),
        range: told.get("QUERY_TIMESPAN", &given).unwrap_or_else(|| "PT2H".to_owned()),
        notes: told.divided.iter().cloned().chain(second_terminal).collect(),
        environment: told.set.clone(),
    };
    let playing = stage.start(handler).await?;
    if let Some(file) = &global.env_file {
        told.write(file, &given)?;
    }
    playing.open();
    Ok(if playing.play(terminated()).await? { Exit::Fine } else { Exit::Failed })
}

impl Options {
    /// The files of a recording, if one is to be played.
    fn files(&self, given: &Variables) -> Option<Files> {
        Some(Files {
            heartbeats: self.heartbeats.clone()?,
            records: self.records.clone(),
            tags: self.tags.clone(),
            tag: given.get("HOSTNAME_TAG").unwrap_or("DNSHostName").to_owned(),
            from: self.from,
            to: self.to,
            speed: self.speed,
        })
    }
}

fn wanted(options: Options, play: Play, form: Form) -> Wanted {
    let port = |given: Option<u16>, usual: u16| given.unwrap_or(if options.once { 0 } else { usual });
    let every = options.every.unwrap_or(if play.is_in_real_time() { EVERY_RECORDED } else { EVERY });
    Wanted {
        play,
        form,
        every: (!options.no_alert).then_some(every),
        latency: Duration::from_millis(options.latency),
        host_port: port(options.port, 7071),
        azure_port: port(options.azure_port, 7072),
        dns_port: port(options.dns_port, 7053),
        tls_port: port(options.tls_port, 7073),
        tls: options.tls,
        tls_names: options.tls_names,
        quotas: options.quotas,
        keys: options.keys,
        once: options.once,
    }
}

/// This program, under the files that it is deployed with.
fn this_program() -> anyhow::Result<App> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let functions = [
        ("function-collector", include_str!("../../function-collector/function.json")),
        ("function-remediate", include_str!("../../function-remediate/function.json")),
    ];
    Ok(App {
        host_json: include_str!("../../host.json").to_owned(),
        functions: functions.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec(),
        command: Some(vec![program.into(), "serve".into(), "--until-stdin-closes".into()]),
        root: std::env::current_dir().context("cannot find this folder")?,
    })
}
