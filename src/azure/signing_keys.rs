//! The public keys with which a tenant of Entra signs its tokens.

use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use serde::Deserialize;
use url::Url;

use super::{cause, cloud, network};
use crate::config::{Connect, Network};

/// What asking may take: a caller waits for its answer meanwhile.
const PATIENCE: Duration = Duration::from_secs(4);
/// The largest document that is read, in bytes; a tenant's is a tenth of it.
const LARGEST: usize = 256 * 1024;

/// A key that signs with RSA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SigningKey {
    /// What it is called in the head of a token.
    pub(crate) id: String,
    /// The modulus, base64 in the form of URLs.
    pub(crate) modulus: String,
    /// The exponent, the same.
    pub(crate) exponent: String,
}

/// Where the keys of a tenant are asked for, and whom its tokens name as their issuer.
#[derive(Clone, Debug)]
pub(crate) struct TokenIssuer {
    keys: Result<Url, String>,
    network: Network,
    /// The issuers of tokens of both versions.
    pub(crate) names: Vec<String>,
}

impl TokenIssuer {
    /// The issuer of a tenant, at the host that the settings log in at.
    #[must_use]
    pub(crate) fn new(connect: &Connect, tenant: &str) -> Self {
        let own = cloud::issuers(connect.cloud);
        let host = connect.authority_host.as_deref().unwrap_or(own.login).trim_end_matches('/');
        let keys = format!("{host}/{tenant}/discovery/v2.0/keys");
        let mut names = vec![format!("{}/{tenant}/", own.first), format!("{}/{tenant}/v2.0", own.second)];
        let of_host = format!("{host}/{tenant}/v2.0");
        if !names.contains(&of_host) {
            names.push(of_host);
        }
        Self {
            keys: Url::parse(&keys).map_err(|fault| format!("{keys} is no address: {fault}")),
            network: connect.network.clone(),
            names,
        }
    }

    /// The keys that count now. No redirect is followed.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub(crate) async fn ask(&self) -> Result<Vec<SigningKey>, String> {
        let url = self.keys.clone()?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = network::outside(&self.network, PATIENCE).map_err(|fault| fault.to_string())?;
        let broken = |error: &reqwest::Error| {
            let otherwise =
                || if error.is_timeout() { "no answer in time" } else { "the answer broke off" }.to_owned();
            format!("{host}: {}", cause::network(error).unwrap_or_else(otherwise))
        };
        let answer = client.get(url).send().await.map_err(|error| broken(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{host} answered {}", answer.status()));
        }
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            body.extend_from_slice(&piece.map_err(|error| broken(&error))?);
            if body.len() > LARGEST {
                return Err(format!("the answer of {host} has more than {LARGEST} bytes"));
            }
        }
        read(&body).ok_or_else(|| format!("the answer of {host} holds no key that signs"))
    }
}

/// The document of RFC 7517; what is not read of a key is not needed.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct KeyOfSet {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    kid: String,
    n: String,
    e: String,
}

/// The keys of a document that sign with RSA; none without any.
fn read(body: &[u8]) -> Option<Vec<SigningKey>> {
    let set: KeySet = serde_json::from_slice(body).ok()?;
    // A key of another kind has other members.
    let known = set.keys.into_iter().filter_map(|key| serde_json::from_value::<KeyOfSet>(key).ok());
    let signs =
        |key: &KeyOfSet| key.kty == "RSA" && key.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
    let keys: Vec<_> =
        known.filter(signs).map(|key| SigningKey { id: key.kid, modulus: key.n, exponent: key.e }).collect();
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_sign_with_rsa_are_read_and_others_passed_over() {
        let set = br#"{"keys":[
            {"kty":"RSA","use":"sig","kid":"a","n":"AQ","e":"AQAB","x5c":["x"]},
            {"kty":"RSA","kid":"b","n":"Ag","e":"AQAB"},
            {"kty":"RSA","use":"enc","kid":"c","n":"Aw","e":"AQAB"},
            {"kty":"EC","use":"sig","kid":"d","crv":"P-256","x":"AQ","y":"AQ"},
            {"kty":"oct","use":"sig","kid":"e","n":"AQ","e":"AQAB"}, 7]}"#;
        let ids: Vec<_> = read(set).unwrap().into_iter().map(|key| key.id).collect();
        assert_eq!(ids, ["a", "b"]);
        for none in [&b"{}"[..], b"", br#"{"keys":[]}"#, br#"{"keys":{}}"#] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }
}
