//! The only reader of the environment: variables in, built values or *all* faults out.
//!
//! [`Variables`] holds what was found, [`Settings::read`] turns it into values. Nothing below this module asks for a
//! variable by name.

mod collect;
mod connect;
mod declared;
mod duration;
mod fault;
mod function;
mod known;
mod logging;
mod machine_columns;
mod network;
mod notify;
mod offline;
mod policy;
mod policy_file;
mod private_terms;
mod reader;
mod reply;
mod run;
mod schedule;
mod secret;
mod setting;
mod term;
mod variables;
mod verify_servers;
mod webhook;

pub use collect::Collect;
pub use connect::{Cloud, Connect, Credential, IdentityEndpoint, is_loopback};
pub use duration::parse_duration;
pub use fault::{Fault, Faults};
pub use function::FunctionCall;
pub use logging::Logging;
pub use machine_columns::MachineColumns;
pub use network::Network;
pub use notify::{Notify, NotifyFormat, Reporting, SecretUrl};
pub use offline::Offline;
pub use reply::Replies;
pub use run::{ApplyVia, Mode, Run, Verify};
pub use secret::Secret;
pub use setting::{Form, Infra, Section, Setting, Unset};
pub use variables::{FileFault, Variables, port_of};
pub use verify_servers::VerifyServers;
pub use webhook::Webhook;

#[cfg(feature = "local")]
use crate::clock::dial::{self, Dial};
use pure::plan::policy::Policy;
use reader::{Findings, Reader};

/// Everything the program was told, checked as a whole. Each part of the program takes the carrier it needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where Azure is and who we are there.
    pub connect: Connect,
    /// What the collector reads.
    pub collect: Collect,
    /// What may be written, and to which zones.
    pub policy: Policy,
    /// The file that says so; none where a variable does.
    pub policy_file: Option<String>,
    /// How a run goes.
    pub run: Run,
    /// How calls are answered.
    pub reply: Replies,
    /// The token that a call over HTTP must bring; none: the function's key is enough.
    pub webhook: Option<Webhook>,
    /// Who hears what happens.
    pub notify: Notify,
    /// The clock of a recording, by which the process goes; none: the wall's.
    #[cfg(feature = "local")]
    pub clock: Option<Dial>,
    /// What is odd, though nothing stops because of it: to be logged once.
    pub warnings: Vec<Fault>,
}

impl Settings {
    /// Reads and checks every variable.
    ///
    /// # Errors
    /// All faults at once, each with the variable's name.
    pub fn read(variables: &Variables) -> Result<Self, Faults> {
        let mut reader = Reader::new(variables);
        let read = pass(&mut reader, variables);
        let Findings { faults, slips, warnings } = reader.into_findings();
        if !faults.is_empty() {
            // What is missing may be there under a name with a slip in it.
            return Err(Faults(slips.into_iter().chain(faults).collect()));
        }
        Ok(Self { warnings: slips.into_iter().chain(warnings).collect(), ..read })
    }
}

/// Every setting that there is, in the order of the documents.
#[must_use]
pub fn settings() -> &'static [Setting] {
    declared::ALL
}

/// Asks for every setting once; what was found wrong stays with the reader.
fn pass(reader: &mut Reader<'_>, variables: &Variables) -> Settings {
    known::check(reader, variables);
    let mut connect = connect::read(reader);
    let zones = collect::zones(reader);
    let collect = collect::read(reader);
    let run = run::read(reader, &connect.dcr_rule_id);
    let policy = policy::read(reader, zones, &run.owner_id, &collect);
    verify_servers::look_for_strays(reader, &run.verify_servers, &policy.zones);
    connect.machine_columns = MachineColumns::of(&policy, &collect.targets);
    let reply = reply::read(reader);
    let webhook = webhook::read(reader);
    let notify = notify::read(reader);
    // Whoever calls the function reads it; here it is only known.
    let _ = (function::key(reader), function::token(reader));
    logging::check(reader);
    cross_checks(reader, &collect, &run);
    #[cfg(feature = "local")]
    let clock = clock(reader, &connect);
    Settings {
        connect,
        collect,
        policy,
        policy_file: policy::file(reader),
        run,
        reply,
        webhook,
        notify,
        #[cfg(feature = "local")]
        clock,
        warnings: Vec::new(),
    }
}

/// What `local` tells of the clock of its recording. Before any other Azure than that of `local` it is a fault: by a clock that
/// is not the true one, names would be judged and moved wrongly.
#[cfg(feature = "local")]
fn clock(reader: &mut Reader<'_>, connect: &Connect) -> Option<Dial> {
    let read = reader.other(dial::VARIABLE)?.parse().and_then(|dial: Dial| {
        if connect.is_on_this_machine() {
            return Ok(dial);
        }
        let words = "is the clock of a recording that `heartbeat-dns local` plays, and no other Azure goes by it: remove it, or \
                     let ARM_ENDPOINT, LOGS_QUERY_ENDPOINT and LOGS_INGESTION_ENDPOINT all lead to loopback";
        Err(words.to_owned())
    });
    read.map_err(|words: String| reader.fault(dial::VARIABLE, words)).ok()
}

/// What two variables say together.
fn cross_checks(reader: &mut Reader<'_>, collect: &Collect, run: &Run) {
    let needed = collect.snapshot_every * 2 + std::time::Duration::from_secs(15 * 60);
    if run.query_timespan < needed {
        let words = format!(
            "is {} min, but a query must reach back over two sweeps and 15 min: at least {} min with this SNAPSHOT_EVERY",
            run.query_timespan.as_secs() / 60,
            needed.as_secs().div_ceil(60),
        );
        reader.fault(declared::QUERY_TIMESPAN.name, words);
    }
    let oldest = collect.oldest_sweep();
    if schedule::longest_pause(&collect.schedule).is_some_and(|pause| pause > oldest) {
        let words = format!(
            "leaves more than {} min between two sweeps, twice SNAPSHOT_EVERY and 5 min; after that nothing is changed until the next: write a shorter one, or a longer SNAPSHOT_EVERY",
            oldest.as_secs() / 60
        );
        reader.warn(declared::COLLECTOR_SCHEDULE, words);
    }
    let both = collect.deadline + run.deadline;
    if both > std::time::Duration::from_secs(9 * 60 + 30) {
        let words = format!(
            "and RUN_DEADLINE are {} s together; the Functions host kills a timer's invocation after 10 min",
            both.as_secs()
        );
        reader.warn(declared::COLLECT_DEADLINE, words);
    }
}

#[cfg(test)]
mod tests;
