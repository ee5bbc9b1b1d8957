//! Proxies and trusted certificates.

use std::path::PathBuf;

use url::Url;

use super::declared::{HTTP_PROXY, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE};
use super::reader::Reader;
use super::secret::Secret;
use super::setting::Setting;
use crate::bounded;

/// How the network is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// `HTTPS_PROXY`: the proxy for https, with its password if it has one.
    pub https_proxy: Option<Secret>,
    /// `HTTP_PROXY`: the proxy for plain http.
    pub http_proxy: Option<Secret>,
    /// `NO_PROXY`: hosts, domains and networks that are reached directly.
    pub no_proxy: Option<String>,
    /// `SSL_CERT_FILE`: the only certificate authorities to trust, in the place of the system's.
    pub ca_file: Option<PathBuf>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Network {
    Network {
        https_proxy: proxy(reader, HTTPS_PROXY, "https_proxy"),
        http_proxy: proxy(reader, HTTP_PROXY, "http_proxy"),
        no_proxy: reader.text(NO_PROXY).or(reader.other("no_proxy")).map(str::to_owned),
        ca_file: ca_file(reader),
    }
}

/// The first that is set, in the spellings that other programs read too; a host without a scheme is an http proxy, as
/// everywhere.
fn proxy(reader: &mut Reader<'_>, setting: Setting, small: &str) -> Option<Secret> {
    let given = reader.text(setting).map(|text| (setting.name, text));
    let other = || {
        let names = [small, "ALL_PROXY", "all_proxy"];
        names.into_iter().find_map(|name| Some((name, reader.other(name)?)))
    };
    let (name, text) = given.or_else(other)?;
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    match Url::parse(&text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => Some(Secret::new(text)),
        _ => {
            // The value may hold a password, so it is not quoted.
            reader.fault(name, "is no address of an http proxy; write http://HOST:PORT");
            None
        }
    }
}

fn ca_file(reader: &mut Reader<'_>) -> Option<PathBuf> {
    let path = PathBuf::from(reader.text(SSL_CERT_FILE)?);
    match bounded::octets(&path, bounded::SETTINGS) {
        Ok(_) => Some(path),
        Err(fault) => {
            reader.fault(
                SSL_CERT_FILE.name,
                format!("names {}, which cannot be read: {fault}", path.display()),
            );
            None
        }
    }
}
