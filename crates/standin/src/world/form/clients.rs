//! Clients in a world's document: who may ask for tokens, and with what.

use serde_json::{Map, Value, json};

use super::{list, member_of, object, roles, text};
use crate::world::{Client, Federated};

/// Whom a token of another issuer is for when nothing else is said.
const AUDIENCE: &str = "api://AzureADTokenExchange";

pub(super) fn show(client: &Client) -> Value {
    let mut shown = json!({ "clientId": client.client_id, "objectId": client.object_id });
    for (name, value) in
        [("secret", &client.secret), ("resourceId", &client.resource_id), ("tenant", &client.tenant)]
    {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    if !client.federated.is_empty() {
        let credential = |known: &Federated| json!({ "issuer": known.issuer, "subject": known.subject, "audiences": known.audiences });
        shown["federatedCredentials"] = client.federated.iter().map(credential).collect();
    }
    if let Some(known) = &client.roles {
        shown["roles"] = roles::show(known);
    }
    shown
}

/// One client; one that has neither a secret nor another way to a token is refused.
pub(super) fn read((place, value): (String, &Value)) -> Result<Client, String> {
    let members = object(value, &place)?;
    let any = |names: &[&str]| {
        names.iter().find_map(|name| member_of(members, name)).and_then(Value::as_str).map(str::to_owned)
    };
    let wanted =
        |what: &str, found: Option<String>| found.ok_or_else(|| format!("{place}.{what}: a text is wanted"));
    let client_id = wanted("clientId", any(&["clientId", "client_id", "appId", "id"]))?;
    let federated = federated(members, &place)?;
    let resource_id = any(&["resourceId", "resource_id"]);
    let secret = any(&["secret", "clientSecret", "client_secret", "password"]);
    let needs_secret = federated.is_empty() && resource_id.is_none();
    Ok(Client {
        roles: roles::read(members, &place)?,
        secret: if needs_secret { Some(wanted("secret", secret)?) } else { secret },
        federated,
        resource_id,
        tenant: any(&["tenant", "tenantId", "tenant_id"]),
        object_id: any(&["objectId", "object_id", "principalId"]).unwrap_or_else(|| client_id.clone()),
        client_id,
    })
}

fn federated(members: &Map<String, Value>, place: &str) -> Result<Vec<Federated>, String> {
    match member_of(members, "federatedCredentials") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value) => list(value, &format!("{place}.federatedCredentials"))?.map(credential).collect(),
    }
}

fn credential((place, value): (String, &Value)) -> Result<Federated, String> {
    let members = object(value, &place)?;
    let own = |name: &str| {
        let found = member_of(members, name).unwrap_or(&Value::Null);
        text(found, &format!("{place}.{name}")).map(str::to_owned)
    };
    let audiences = match member_of(members, "audiences") {
        None | Some(Value::Null) => vec![AUDIENCE.to_owned()],
        Some(value) => list(value, &format!("{place}.audiences"))?
            .map(|(place, value)| text(value, &place).map(str::to_owned))
            .collect::<Result<_, _>>()?,
    };
    Ok(Federated { issuer: own("issuer")?, subject: own("subject")?, audiences })
}
