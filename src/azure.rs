//! Azure over the wire: one file per service, each a struct over one pipeline, built when first needed.
//!
//! [`Clients`] lives as long as the process: connections, tokens and the pace of writes. [`Clients::until`] gives a
//! handle for one run, [`Azure`]: the same clients under that run's deadline, with counters of its own. [`Azure::by`] gives
//! that run another deadline, for a part of its work.

mod allowance;
mod answer;
mod bearer;
mod call;
mod caller;
mod calls;
mod cause;
mod cloud;
mod credential;
mod dates;
pub mod deployments;
pub mod dns;
mod error;
mod host_lookup;
mod ids;
mod login;
pub mod logs_ingest;
pub mod logs_query;
mod loose;
mod moment;
mod network;
mod patience;
mod pipeline;
mod quota;
mod redact;
pub mod resource_graph;
mod retry_after;
mod rule_lookup;
mod signing_keys;
mod stop;
mod tag_changes;
mod tally;
mod token_refusals;

use std::sync::{Arc, OnceLock};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use caller::Caller;
pub use calls::Calls;
pub(crate) use cause::network as network_cause;
pub use deployments::Deployments;
pub use dns::{Condition, Deleted, Dns};
pub use error::{Certainty, Error, Kind, Lacking, Refusal};
pub use logs_ingest::LogsIngest;
pub use logs_query::{LogsQuery, Table};
pub use moment::moment;
pub(crate) use network::outside;
pub use quota::{Quota, Turn, Write};
pub use resource_graph::ResourceGraph;
pub(crate) use retry_after::seconds_or_date;
pub(crate) use rule_lookup::{RULE_VERSION, all_rules, rule_by};
pub(crate) use signing_keys::{SigningKey, TokenIssuer};
pub use tag_changes::TagChange;
pub use tally::{Code, Tally};
pub use token_refusals::TokenRefusal;

use crate::config::Connect;
use allowance::Allowance;
use bearer::{Bearer, Pause};
use call::Handle;
use credential::Source;
use patience::Patience;
use pipeline::{Channel, Way};
use pure::domain::{Service, ZoneId};

/// The clients of one process. Nothing is built, and no name is resolved, before the first call of
/// [`Clients::until`].
#[derive(Debug)]
pub struct Clients {
    connect: Connect,
    quota: Arc<Quota>,
    allowance: Arc<Allowance>,
    tally: Arc<Tally>,
    patience: Patience,
    channels: OnceLock<Channels>,
}

/// One pipeline for each audience.
#[derive(Clone, Debug)]
struct Channels {
    arm: Channel,
    logs_query: Channel,
    logs_ingest: Channel,
}

/// The clients of one run.
#[derive(Clone, Debug)]
pub struct Azure {
    /// Machines and their tags.
    pub resource_graph: ResourceGraph,
    /// Record sets.
    pub dns: Dns,
    /// Template deployments.
    pub deployments: Deployments,
    /// Questions to the logs.
    pub logs_query: LogsQuery,
    /// Rows for the logs.
    pub logs_ingest: LogsIngest,
    /// Requests of this run so far.
    pub calls: Arc<Calls>,
    /// When this run must have ended; no call waits beyond it.
    pub deadline: Instant,
}

impl Azure {
    /// The same handle for a part of the run that may take one `share`th of the time that is left, so that what hangs there
    /// stops nothing that comes after it.
    #[must_use]
    pub fn for_a_part(&self, share: u32) -> Self {
        let now = Instant::now();
        self.by(now + self.deadline.saturating_duration_since(now) / share)
    }

    /// The same handle under another deadline; both count together.
    #[must_use]
    pub fn by(&self, deadline: Instant) -> Self {
        let mut other = Self { deadline, ..self.clone() };
        other.resource_graph.run.deadline = deadline;
        other.dns.run.deadline = deadline;
        other.deployments.run.deadline = deadline;
        other.logs_query.run.deadline = deadline;
        other.logs_ingest.run.deadline = deadline;
        other
    }

    /// Asks for a token of each of the three audiences, and says whose it is; no caller where a token does not say so.
    pub async fn identities(&self) -> [Result<Option<Caller>, Error>; 3] {
        let arm = self.resource_graph.identity();
        let (arm, query, ingest) = tokio::join!(arm, self.logs_query.identity(), self.logs_ingest.identity());
        [arm, query, ingest]
    }

    /// Who runs this, as the token for rows has it; none where there is no token, or where it does not say so.
    pub async fn caller(&self) -> Option<Caller> {
        self.logs_ingest.caller().await
    }

    /// The same handle, which sends no write to a record set any more once this is cancelled.
    #[must_use]
    pub fn stopped_by(mut self, stop: &CancellationToken) -> Self {
        self.dns.run.stop = stop.clone();
        self.deployments.run.stop = stop.clone();
        self
    }
}

impl Clients {
    /// Remembers how to connect.
    #[must_use]
    pub fn new(connect: Connect) -> Self {
        Self {
            quota: Arc::new(Quota::new(connect.quota_share)),
            allowance: Arc::default(),
            tally: Arc::default(),
            patience: Patience::OF_A_CLOCK,
            channels: OnceLock::new(),
            connect,
        }
    }

    /// The same for somebody who waits at a terminal: what cannot be reached is told within ten seconds.
    #[must_use]
    pub fn for_a_person(self) -> Self {
        Self { patience: Patience::OF_A_PERSON, ..self }
    }

    /// What became of every request since these clients were made.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Writes of a kind that a zone would take in this minute, and the most that it takes in any; none without a pace.
    #[must_use]
    pub fn write_budget(&self, zone: &ZoneId, write: Write) -> Option<(usize, usize)> {
        self.quota.left(zone, write)
    }

    /// A handle whose calls end by `deadline`.
    ///
    /// # Errors
    /// When no client can be built: the file of `SSL_CERT_FILE` holds no certificate, or the credential lacks what it
    /// needs. The next call tries again.
    pub fn until(&self, deadline: Instant) -> Result<Azure, Error> {
        let channels = self.channels()?;
        let calls = Arc::new(Calls::default());
        let stop = CancellationToken::new();
        let run = Handle { deadline, calls: Arc::clone(&calls), tally: Arc::clone(&self.tally), stop };
        let Channels { arm, logs_query, logs_ingest } = channels.clone();
        Ok(Azure {
            resource_graph: ResourceGraph::new(
                arm.clone(),
                run.clone(),
                Arc::clone(&self.allowance),
                self.connect.machine_columns.clone(),
            ),
            dns: Dns::new(arm.clone(), run.clone(), Arc::clone(&self.quota)),
            deployments: Deployments::new(arm, run.clone(), Arc::clone(&self.quota)),
            logs_query: LogsQuery::new(logs_query, run.clone(), self.connect.workspaces.clone()),
            logs_ingest: LogsIngest::new(logs_ingest, run, self.connect.dcr_rule_id.clone()),
            calls,
            deadline,
        })
    }

    fn channels(&self) -> Result<&Channels, Error> {
        if let Some(channels) = self.channels.get() {
            return Ok(channels);
        }
        let built = self.build().map_err(|source| {
            let operation = "prepare the calls to Azure";
            Error::new(Service::Token, Kind::NoClient, operation, "").with_source(source)
        })?;
        Ok(self.channels.get_or_init(|| built))
    }

    fn build(&self) -> Result<Channels, network::BuildError> {
        let connect = &self.connect;
        let addresses = cloud::addresses(connect.cloud);
        let http = network::services(&connect.network, self.patience)?;
        let tally = Arc::clone(&self.tally);
        let identity = network::identity(&connect.network, self.patience)?;
        let source = Arc::new(Source {
            connect: connect.clone(),
            services: http.clone(),
            identity,
            tally,
            patience: self.patience,
        });
        let secrets = source.secrets();
        let home = |own: &Option<Url>, usual: &str| own.clone().map_or_else(|| Url::parse(usual), Ok);
        let pause = Arc::new(Pause::default());
        // A credential asks for one token at a time: with one for each audience, none waits for another's.
        let channel = |scope, home: Url| -> Result<Channel, network::BuildError> {
            let (source, pause, credential) = (Arc::clone(&source), Arc::clone(&pause), source.credential()?);
            let bearer = Bearer::new(source, pause, credential, scope, home.clone());
            let proxy = network::proxy_before(&connect.network, &home);
            let way = Way { proxy, patience: self.patience };
            Ok(Channel::new(&http, bearer, home, secrets.clone(), way))
        };
        Ok(Channels {
            arm: channel(addresses.arm_scope, home(&connect.arm, addresses.arm)?)?,
            logs_query: channel(
                addresses.logs_query_scope,
                home(&connect.logs_query, addresses.logs_query)?,
            )?,
            logs_ingest: channel(addresses.logs_ingest_scope, connect.logs_ingestion.clone())?,
        })
    }
}
