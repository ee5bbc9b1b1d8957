//! Tokens for the three audiences, and whose they are.

use super::az;
use super::line::{By, Line};
use super::visit::{Visit, kind_of};
use crate::azure::{Error, Kind};
use crate::config::Credential;

const TOPIC: &str = "token";

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
            Err(error) if failed.is_empty() => failed.push(refused(audience, &error, credential)),
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

fn refused(audience: &str, error: &Error, credential: &Credential) -> Line {
    let why = if error.kind() == Kind::NoIdentity { "the identity was refused" } else { "none was given" };
    let line = Line::fail(TOPIC, "").saying(format!("no token for {audience}: {why}; {}", error.chain()));
    line.mended_by(match credential {
        Credential::AzureCli { tenant_id } => az::login(tenant_id.as_deref()),
        Credential::AzureDeveloperCli { .. } | Credential::DeveloperTools => az::login(None),
        Credential::ManagedIdentity { client_id, .. } => az::be_identity(client_id.as_deref()),
        Credential::ClientSecret { client_id, .. } => az::another_secret(client_id),
        Credential::WorkloadIdentity { client_id, .. } => az::believed(client_id),
    })
}
