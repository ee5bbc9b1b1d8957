//! What all questions share: settings, clients, who asks, and where the things are that commands name.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use super::found::{self, Found};
use super::function_apps::{self, FunctionApp};
use super::heard;
use super::line::{Line, Unanswered};
use crate::azure::{Azure, Caller, Error, Kind, Table};
use crate::config::{Credential, Settings};

/// One round of questions.
#[derive(Debug)]
pub(super) struct Visit<'s> {
    pub(super) settings: &'s Settings,
    pub(super) azure: Azure,
    caller: OnceCell<Option<Caller>>,
    found: OnceCell<Result<Found, Error>>,
    function_apps: OnceCell<Vec<FunctionApp>>,
    heard: OnceCell<Result<Table, Error>>,
}

impl<'s> Visit<'s> {
    pub(super) fn new(settings: &'s Settings, azure: Azure) -> Self {
        Self {
            settings,
            azure,
            caller: OnceCell::new(),
            found: OnceCell::new(),
            function_apps: OnceCell::new(),
            heard: OnceCell::new(),
        }
    }

    /// Who asks; none without a token that says so.
    pub(super) async fn caller(&self) -> Option<&Caller> {
        self.caller.get_or_init(|| self.azure.caller()).await.as_ref()
    }

    /// What Resource Graph knows of rule, workspace and alert; asked once, by whoever needs it first.
    pub(super) async fn found(&self) -> Result<&Found, &Error> {
        self.found.get_or_init(|| found::ask(&self.azure, &self.settings.connect)).await.as_ref()
    }

    /// The function apps that are seen; none where that cannot be asked, for no more than a command hangs on it.
    pub(super) async fn function_apps(&self) -> &[FunctionApp] {
        let ask = async || function_apps::ask(&self.azure).await.unwrap_or_default();
        self.function_apps.get_or_init(ask).await
    }

    /// Who is heard in the workspace; asked once, by whoever needs it first.
    pub(super) async fn heard(&self) -> Result<&Table, &Error> {
        self.heard.get_or_init(|| heard::ask(&self.azure)).await.as_ref()
    }

    /// The option of a role assignment that says for whom it is.
    pub(super) async fn assignee(&self) -> String {
        let object = self.caller().await.map_or("OBJECT_ID", |caller| caller.object.as_str());
        let kind = match self.settings.connect.credential {
            Credential::ManagedIdentity { .. }
            | Credential::WorkloadIdentity { .. }
            | Credential::ClientSecret { .. } => " --assignee-principal-type ServicePrincipal",
            Credential::AzureCli { .. }
            | Credential::AzureDeveloperCli { .. }
            | Credential::DeveloperTools => "",
        };
        format!("--assignee-object-id {object}{kind}")
    }
}

/// Who we are, in words.
pub(super) fn kind_of(credential: &Credential) -> &'static str {
    match credential {
        Credential::ManagedIdentity { .. } => "managed identity",
        Credential::WorkloadIdentity { .. } => "workload identity",
        Credential::ClientSecret { .. } => "application",
        Credential::AzureCli { .. } => "who is logged in with az",
        Credential::AzureDeveloperCli { .. } => "who is logged in with azd",
        Credential::DeveloperTools => "who is logged in with az or azd,",
    }
}

/// Whether there was no token to ask with, or none that is taken, of which the line of the token tells alone.
pub(super) fn is_tokenless(error: &Error) -> bool {
    error.refuses_token() || matches!(error.kind(), Kind::NoToken | Kind::NoIdentity)
}

/// The line for a question that has no token to ask with, or none that is taken.
pub(super) fn tokenless(topic: &str, of: &str, error: &Error) -> Line {
    Line::skip(topic, of).saying(if error.refuses_token() {
        "not asked: the token is refused"
    } else {
        "not asked: there is no token for it"
    })
}

/// What is done where an answer did not come.
pub(super) const LOOK_AT_THE_WAY: &str =
    "ask again; if it stays so, look at the network and at a proxy on the way (HTTPS_PROXY)";

/// A line for a question that failed in a way of which nothing more is known than what the error says, with what can be
/// done about such a failure.
pub(super) fn unasked(topic: &str, of: &str, error: &Error) -> Line {
    if is_tokenless(error) {
        return tokenless(topic, of, error);
    }
    let said = error.for_people();
    let line = Line::fail(topic, of).saying(match next_step(error) {
        Some(step) => format!("{said}; {step}"),
        None => said,
    });
    let is_for_all = matches!(error.kind(), Kind::Throttled | Kind::Unavailable | Kind::NotConnected);
    Line { unanswered: is_for_all.then(|| (error.service, error.kind())), ..line }
}

/// The lines, of which those that say the same of one service are told by the first.
pub(super) fn once(lines: Vec<Line>) -> Vec<Line> {
    let mut told: BTreeMap<Unanswered, String> = BTreeMap::new();
    let tell = |line: Line| {
        let Some(unanswered) = line.unanswered else { return line };
        match told.get(&unanswered) {
            Some(first) => {
                let said = format!("not asked: {} gives no answer, as FAIL {first} says", unanswered.0);
                Line::skip(&line.topic, &line.of).saying(said)
            }
            None => {
                told.insert(unanswered, line.topic.clone());
                line
            }
        }
    };
    lines.into_iter().map(tell).collect()
}

fn next_step(error: &Error) -> Option<String> {
    if error.status == Some(413) {
        return Some("what was sent is small: look for a proxy on the way (HTTPS_PROXY)".to_owned());
    }
    match error.kind() {
        Kind::Throttled => Some("ask again in a minute".to_owned()),
        Kind::Unavailable | Kind::TimedOut | Kind::Lost | Kind::NotConnected | Kind::Deadline => {
            Some(LOOK_AT_THE_WAY.to_owned())
        }
        Kind::TooLarge | Kind::Unreadable => Some("look for a proxy on the way (HTTPS_PROXY)".to_owned()),
        _ => None,
    }
}
