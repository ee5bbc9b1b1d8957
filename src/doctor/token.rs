//! Tokens for the three audiences, whose they are, and whether they are taken.

use std::collections::BTreeSet;

use super::az;
use super::line::{By, Line, Verdict};
use super::visit::{Visit, kind_of};
use crate::azure::{Error, Kind};
use crate::config::Credential;

pub(super) const TOPIC: &str = "token";

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let audiences = ["Azure Resource Manager", "the Logs Query API", "the Logs Ingestion API"];
    let asked = visit.azure.identities().await;
    let credential = &visit.settings.connect.credential;
    let mut failed: Vec<Line> = Vec::new();
    let mut caller = None;
    for (audience, answer) in audiences.into_iter().zip(asked) {
        match answer {
            Ok(said) => caller = caller.or(said),
            // One cause, one line.
            Err(error) if failed.is_empty() => failed.push(not_given(audience, &error, credential)),
            Err(_) => {}
        }
    }
    if !failed.is_empty() {
        return failed;
    }
    let who = match caller {
        Some(caller) => By::from(caller).to_string(),
        None => "whom its token does not name".to_owned(),
    };
    vec![Line::ok(TOPIC, "").saying(format!("{}, {who}, three audiences", kind_of(credential)))]
}

/// The same lines, once all services were asked: a token that was given and is refused is none.
pub(super) fn taken(visit: &Visit<'_>, mut lines: Vec<Line>) -> Vec<Line> {
    if let Some(refused) = not_taken(visit) {
        lines.retain(|line| line.verdict != Verdict::Ok);
        lines.push(refused);
    }
    lines
}

fn not_given(audience: &str, error: &Error, credential: &Credential) -> Line {
    let why = if error.kind() == Kind::NoIdentity { "the identity was refused" } else { "none was given" };
    let line = Line::fail(TOPIC, "").saying(format!("no token for {audience}: {why}; {}", error.chain()));
    match credential {
        Credential::AzureCli { tenant_id } => line.mended_by(az::login(tenant_id.as_deref())),
        Credential::DeveloperTools => line.mended_by(az::login(None)),
        Credential::AzureDeveloperCli { .. } => line.mended_by(az::AZD_LOGIN),
        Credential::ManagedIdentity { client_id, .. } => {
            line.mended_by(az::APPS).mended_by(az::be_identity(client_id.as_deref()))
        }
        Credential::ClientSecret { client_id, .. } => line.mended_by(az::another_secret(client_id)),
        Credential::WorkloadIdentity { client_id, .. } => line.mended_by(az::believed(client_id)),
    }
}

/// That services refuse the token that was given, and another that was asked for in its place: one cause, one line.
pub(super) fn not_taken(visit: &Visit<'_>) -> Option<Line> {
    let refusals = visit.azure.calls.token_refusals();
    // One without a code may be somebody's on the way; what says 403 means 401.
    let first = refusals.values().min_by_key(|refusal| (refusal.code.is_none(), refusal.status))?;
    let services: BTreeSet<String> = refusals.keys().map(ToString::to_string).collect();
    let services: Vec<String> = services.into_iter().collect();
    let by = match services.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => services.concat(),
    };
    let status = first.status.map(|status| status.to_string()).unwrap_or_default();
    let why = match &first.code {
        Some(code) => format!(
            "({status} {code}), and a new one as well: it was revoked, or is of another cloud or tenant (AZURE_CLOUD, AZURE_TENANT_ID)"
        ),
        None => format!(
            "({status}), and a new one as well; no code says who refused, so it may be a proxy on the way (HTTPS_PROXY)"
        ),
    };
    let line = Line::fail(TOPIC, "").saying(format!("the token is refused by {by} {why}"));
    Some(match &visit.settings.connect.credential {
        Credential::AzureCli { tenant_id } => {
            line.mended_by(az::LOGOUT).mended_by(az::login(tenant_id.as_deref()))
        }
        Credential::DeveloperTools => line.mended_by(az::LOGOUT).mended_by(az::login(None)),
        Credential::AzureDeveloperCli { .. } => line.mended_by(az::AZD_LOGOUT).mended_by(az::AZD_LOGIN),
        Credential::ManagedIdentity { .. } => line.mended_by(az::APPS).mended_by(az::RESTART),
        Credential::ClientSecret { client_id, .. } | Credential::WorkloadIdentity { client_id, .. } => {
            line.mended_by(az::is_enabled(client_id))
        }
    })
}
