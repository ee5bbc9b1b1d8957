//! Where tokens come from: App Service's identity endpoint, the token endpoint, and the documents that lead there.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::access::{Caller, encode, is_audience, issue};
use crate::clock::wall;
use crate::federated::{self, ASSERTION_TYPE};
use crate::tokens::Given;
use crate::world::guid;
use crate::{Call, Reply, State, World, loopback};

/// The client id of the identity that the stand-in's Functions app has by itself.
pub(crate) const SYSTEM_CLIENT_ID: &str = "00000000-0000-0000-0000-0000000000f1";
/// The object id of that identity.
const SYSTEM_OBJECT_ID: &str = "00000000-0000-0000-0000-0000000000f2";

/// `GET /msi/token` (contract azure-resource-manager, section 9.1).
pub(crate) fn managed(state: &Arc<State>, call: &Call) -> Reply {
    let refused = |status, message: &str| {
        Reply::json(status, &json!({ "statusCode": status, "message": message, "correlationId": guid() }))
    };
    if call.method != Method::GET {
        return refused(405, "Only GET is answered.");
    }
    let old = call.parameter("api-version").as_deref() == Some("2017-09-01");
    let header = call.header(if old { "secret" } else { "x-identity-header" });
    if header != Some(state.options.identity_header.as_str()) {
        return refused(401, "The identity header is missing or wrong.");
    }
    if !old && call.parameter("api-version").as_deref() != Some("2019-08-01") {
        return refused(400, "The api-version is missing or unknown.");
    }
    let Some(resource) = call.parameter("resource").filter(|resource| !resource.is_empty()) else {
        return refused(400, "The parameter 'resource' is missing.");
    };
    let world = state.world();
    let identity = match wanted(call) {
        Wanted::System => Identity::system(&world),
        Wanted::Several => return refused(400, "One identity at a time can be asked for."),
        Wanted::One(by) => match Identity::of(&world, &by) {
            Some(identity) => identity,
            None => return refused(400, "No managed identity was found for the app and the given id."),
        },
    };
    let now = wall().as_second();
    let expires = now.saturating_add(i64::try_from(state.options.token_life.as_secs()).unwrap_or(86_400));
    let Identity { caller, resource_id } = identity;
    let given = state.tokens.give(&resource, &caller.client_id, || {
        Given::new(issue(state, &resource, &world.tenant, &caller, &resource_id, expires), expires, now)
    });
    Reply::json(
        200,
        &json!({
            "access_token": given.token,
            // A text, as the real endpoint sends it; some clients refuse a number.
            "expires_on": given.expires.to_string(),
            "not_before": given.not_before.to_string(),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": caller.client_id,
        }),
    )
}

/// An id by which an identity is asked for.
enum By {
    Client(String),
    Object(String),
    /// The id of the user-assigned identity itself.
    Resource(String),
}

/// What the parameters of a call ask for.
enum Wanted {
    System,
    One(By),
    Several,
}

/// Reads the parameters, which exclude each other (contract azure-resource-manager, section 9).
fn wanted(call: &Call) -> Wanted {
    let any = |names: &[&str]| names.iter().find_map(|name| call.parameter(name)).filter(|id| !id.is_empty());
    let given = [
        any(&["client_id", "clientid"]).map(By::Client),
        any(&["principal_id", "object_id"]).map(By::Object),
        any(&["mi_res_id", "msi_res_id"]).map(By::Resource),
    ];
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (None, _) => Wanted::System,
        (Some(by), None) => Wanted::One(by),
        (Some(_), Some(_)) => Wanted::Several,
    }
}

/// An identity of the app: who it is, and the resource in whose name it asks.
struct Identity {
    caller: Caller,
    resource_id: String,
}

impl Identity {
    fn system(world: &World) -> Self {
        let subscription = world.subscriptions.first().cloned().unwrap_or_default();
        let app =
            format!("/subscriptions/{subscription}/resourceGroups/rg-app/providers/Microsoft.Web/sites");
        Self {
            caller: Caller { client_id: SYSTEM_CLIENT_ID.to_owned(), object_id: SYSTEM_OBJECT_ID.to_owned() },
            resource_id: format!("{app}/standin"),
        }
    }

    /// The identity that an id names; ids are compared without case.
    fn of(world: &World, by: &By) -> Option<Self> {
        let system = Self::system(world);
        let known = world.clients.iter().map(|client| Self {
            caller: Caller { client_id: client.client_id.clone(), object_id: client.object_id.clone() },
            resource_id: client.resource_id.clone().unwrap_or_else(|| system.resource_id.clone()),
        });
        match by {
            By::Resource(id) => world
                .clients
                .iter()
                .zip(known)
                .find(|(client, _)| {
                    client.resource_id.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(id))
                })
                .map(|(_, identity)| identity),
            By::Client(id) => known
                .chain([Self::system(world)])
                .find(|identity| identity.caller.client_id.eq_ignore_ascii_case(id)),
            By::Object(id) => known
                .chain([Self::system(world)])
                .find(|identity| identity.caller.object_id.eq_ignore_ascii_case(id)),
        }
    }
}

/// `GET /metadata/endpoints`: one object, as az reads it (recorded request `az_cloud_register_discovery`).
pub(crate) fn endpoints(call: &Call) -> Reply {
    let base = call.base.as_str();
    let document = json!({
        "name": "StandIn", "portal": base,
        "authentication": {
            "loginEndpoint": base, "audiences": [base], "tenant": "common", "identityProvider": "AAD",
        },
        "media": base, "graphAudience": base, "graph": base, "batch": base, "gallery": base,
        "resourceManager": base, "logAnalyticsResourceId": base, "microsoftGraphResourceId": base,
        "sqlManagement": base, "activeDirectoryDataLake": base, "suffixes": {},
    });
    Reply::json(200, &document)
}

/// `…/.well-known/openid-configuration`, v2, v1 and ADFS alike.
pub(crate) fn openid_configuration(state: &Arc<State>, call: &Call, before: &[String]) -> Reply {
    let prefix = before.iter().fold(call.base.clone(), |prefix, segment| format!("{prefix}/{segment}"));
    let root = prefix.trim_end_matches("/v2.0");
    let version = if prefix.ends_with("/v2.0") { "/v2.0" } else { "" };
    let tenant = state.world().tenant.clone();
    Reply::json(
        200,
        &json!({
            "issuer": format!("{}/{tenant}{version}", call.base),
            "authorization_endpoint": format!("{root}/oauth2{version}/authorize"),
            "token_endpoint": format!("{root}/oauth2{version}/token"),
            "device_authorization_endpoint": format!("{root}/oauth2{version}/devicecode"),
            "jwks_uri": format!("{root}/discovery{version}/keys"),
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "tenant_region_scope": "EU",
        }),
    )
}

/// `GET /common/discovery/instance`: where a client learns that this login host may be trusted.
pub(crate) fn instance_discovery(state: &Arc<State>, call: &Call) -> Reply {
    let tenant = state.world().tenant.clone();
    let document = format!("{}/{tenant}/v2.0/.well-known/openid-configuration", call.base);
    Reply::json(200, &json!({ "tenant_discovery_endpoint": document, "api-version": "1.1", "metadata": [] }))
}

/// `GET …/discovery/v2.0/keys`: with which keys the tokens of a tenant are signed.
pub(crate) fn keys(state: &Arc<State>, call: &Call, tenant: &str) -> Reply {
    if call.method != Method::GET {
        return Reply::empty(405);
    }
    let own = state.world().tenant.clone();
    if ![own.as_str(), "common", "organizations"].iter().any(|known| known.eq_ignore_ascii_case(tenant)) {
        return refused(call, 400, "invalid_tenant", 90002, &format!("Tenant '{tenant}' not found."));
    }
    Reply::json(200, &state.signing.document(&format!("{}/{own}/v2.0", call.base)))
}

/// `POST …/oauth2/v2.0/token`, `…/oauth2/token`: client credentials only.
pub(crate) fn token(state: &Arc<State>, call: &Call, tenant: &str) -> Reply {
    if call.method != Method::POST {
        return Reply::empty(405);
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&call.body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some("client_credentials") {
        return refused(
            call,
            400,
            "unsupported_grant_type",
            70003,
            "The app requested an unsupported grant type.",
        );
    }
    let world = state.world();
    let known_tenant = tenant.eq_ignore_ascii_case(&world.tenant)
        || tenant.eq_ignore_ascii_case("adfs")
        || world
            .clients
            .iter()
            .any(|client| client.tenant.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(tenant)));
    if !known_tenant {
        return refused(call, 400, "invalid_request", 90002, &format!("Tenant '{tenant}' not found."));
    }
    let client_id = field("client_id").unwrap_or_default();
    let client = world.clients.iter().find(|client| client.client_id.eq_ignore_ascii_case(client_id));
    let Some(client) = client else {
        let message = format!("Application with identifier '{client_id}' was not found in the directory.");
        return refused(call, 400, "unauthorized_client", 700_016, &message);
    };
    if let Some(assertion) = field("client_assertion") {
        if field("client_assertion_type") != Some(ASSERTION_TYPE) {
            let message = "The request body must contain the following parameter: 'client_assertion_type'.";
            return refused(call, 400, "invalid_request", 900_144, message);
        }
        if let Err((code, message)) = federated::judge(&client.federated, assertion) {
            return refused(call, 401, "invalid_client", code, &message);
        }
    } else if client.secret.is_none() || field("client_secret") != client.secret.as_deref() {
        let message = format!("Invalid client secret provided for the app '{client_id}'.");
        return refused(call, 401, "invalid_client", 7_000_215, &message);
    }
    let is_new =
        call.segments().iter().rev().nth(1).is_some_and(|version| version.eq_ignore_ascii_case("v2.0"));
    if is_new && field("resource").is_some() {
        let message = "The 'resource' request parameter is not supported.";
        return refused(call, 400, "invalid_request", 901_002, message);
    }
    let scope = field("scope").and_then(|scope| scope.strip_suffix("/.default"));
    let audience = scope.or_else(|| field("resource")).filter(|audience| !audience.is_empty());
    let Some(audience) = audience else {
        return refused(call, 400, "invalid_scope", 1_002_012, "The scope must end with '/.default'.");
    };
    if !is_audience(audience, &call.base) && !is_known_elsewhere(audience) {
        let message =
            format!("The resource principal named {audience} was not found in the tenant named {tenant}.");
        return refused(call, 400, "invalid_resource", 500_011, &message);
    }
    let life = i64::try_from(state.options.token_life.as_secs()).unwrap_or(86_400);
    let expires = wall().as_second().saturating_add(life);
    let caller = Caller { client_id: client.client_id.clone(), object_id: client.object_id.clone() };
    let tenant_id = client.tenant.as_deref().unwrap_or(&world.tenant);
    let token = issue(state, audience, tenant_id, &caller, "", expires);
    let client_info = json!({ "uid": caller.object_id, "utid": tenant_id });
    let mut body = json!({
        "token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token,
    });
    if field("client_info") == Some("1") {
        body["client_info"] = Value::String(encode(client_info.to_string().as_bytes()));
    }
    Reply::json(200, &body).with_header("Cache-Control", "no-store")
}

/// Whether Entra knows a service that is not played here, for which clients ask all the same: one of Azure's, or this
/// machine's under another address.
fn is_known_elsewhere(audience: &str) -> bool {
    let plain = audience.trim_end_matches('/');
    ELSEWHERE.iter().any(|known| known.eq_ignore_ascii_case(plain))
        || Url::parse(audience).is_ok_and(|url| loopback::leads_here(&url))
}

/// Services that are not played here.
const ELSEWHERE: [&str; 4] = [
    "https://graph.microsoft.com",
    "https://graph.windows.net",
    "https://storage.azure.com",
    "https://vault.azure.net",
];

/// An error as the token endpoint sends it. The caller's own id of the request comes back as the correlation.
fn refused(call: &Call, status: u16, error: &str, code: u32, message: &str) -> Reply {
    let (trace, correlation) = (guid(), call.header("client-request-id").map_or_else(guid, str::to_owned));
    let stamp = wall().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let words = [
        format!("AADSTS{code}: {message}"),
        format!("Trace ID: {trace}"),
        format!("Correlation ID: {correlation}"),
        format!("Timestamp: {stamp}"),
    ];
    let body = json!({
        "error": error, "error_description": words.join("\r\n"),
        "error_codes": [code], "timestamp": stamp, "trace_id": trace, "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    Reply::json(status, &body)
        .with_header("x-ms-request-id", trace)
        .with_header("client-request-id", correlation)
}
