//! Whether whoever asks may do more than the roles give: of a person that is a note, of an identity that works alone a warning.

use super::line::Line;
use super::visit::{Visit, is_tokenless, tokenless};
use crate::config::Credential;
use crate::rights::look;

const TOPIC: &str = "rights";

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let looked = look(&visit.azure, &visit.settings.policy.zones).await;
    let is_person = match visit.settings.connect.credential {
        Credential::AzureCli { .. } | Credential::AzureDeveloperCli { .. } | Credential::DeveloperTools => {
            true
        }
        Credential::ManagedIdentity { .. }
        | Credential::WorkloadIdentity { .. }
        | Credential::ClientSecret { .. } => false,
    };
    let object = visit.caller().await.map_or("OBJECT_ID", |caller| caller.object.as_str());
    let mut lines = Vec::new();
    for found in &looked.too_wide {
        let name = found.name();
        lines.push(if is_person {
            Line::ok(TOPIC, name).saying(format!("you may {found}; the function's own identity need not"))
        } else {
            Line::warn(TOPIC, name)
                .saying(format!(
                    "this identity may {found}, which none of its roles gives{}; delete that assignment",
                    found.aside()
                ))
                .mended_by(found.shown_by(object))
        });
    }
    match &looked.failed {
        Some(error) if is_tokenless(error) => lines.push(tokenless(TOPIC, "", error)),
        Some(error) => {
            let said = format!("whether they are too wide was not answered: {}", error.for_people());
            lines.push(Line::skip(TOPIC, "").saying(said));
        }
        None if !lines.is_empty() => {}
        None if looked.forbidden == looked.scopes => {
            let said = "whether they are too wide may not be asked, which is well: whoever may do too much may ask this too";
            lines.push(Line::ok(TOPIC, "").saying(said));
        }
        None => lines.push(Line::ok(TOPIC, "").saying("no wider than the roles of the installation")),
    }
    lines
}
