//! Who may set the stage: programs of this machine that meant us, and no page of somebody else's in a browser.
//!
//! A page whose name was made to lead to 127.0.0.1 (DNS rebinding) sends its own name as `Host`, or as the authority of
//! the target; a page that calls here from elsewhere is given away by `Origin` and `Sec-Fetch-Site`, which browsers add
//! by themselves. Another port of this machine is another origin: whatever runs there may show pages of others.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri, header};
use url::{Host, Url};

/// What a browser says of the page behind a call.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a caller may not change or read the stage; none: it may.
#[must_use]
pub fn refusal(target: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let Some(host) = loopback_host(target, headers) else {
        return Some(FOREIGN_HOST);
    };
    let mut sites = headers.get_all(FETCH_SITE).iter();
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let own = origins.all(|origin| {
        origin
            .to_str()
            .ok()
            .and_then(|origin| Url::parse(origin).ok())
            .is_some_and(|origin| is_of(&origin, &host))
    });
    // `none` is a person who typed the address.
    let at_home = sites.all(|site| site == "same-origin" || site == "none");
    (!own || !at_home).then_some("A page of another origin may not call this.")
}

/// Why a caller may not even look at a page of ours, to which a link from anywhere may lead; none: it may.
#[must_use]
pub fn foreign_host(target: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    loopback_host(target, headers).is_none().then_some(FOREIGN_HOST)
}

const FOREIGN_HOST: &str = "This answers on this machine alone: the Host header must name its loopback.";

/// The loopback under which a caller came: its one `Host`, and the authority of the target when there is one.
fn loopback_host(target: &Uri, headers: &HeaderMap) -> Option<Url> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, None) = (hosts.next()?, hosts.next()) else {
        return None;
    };
    if target.authority().is_some_and(|authority| loopback(authority.as_str()).is_none()) {
        return None;
    }
    loopback(host.to_str().ok()?)
}

/// The address of an authority without a user; none when it is not this machine's loopback.
fn loopback(authority: &str) -> Option<Url> {
    let authority: Authority = authority.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    Url::parse(&format!("http://{authority}/")).ok().filter(leads_here)
}

/// Whether a URL leads to this machine's loopback.
pub(crate) fn leads_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// Whether an origin is the host itself. The port that a scheme means by itself is not written.
fn is_of(origin: &Url, host: &Url) -> bool {
    let port =
        host.port().or_else(|| Url::parse(&format!("{}://x", origin.scheme())).ok()?.port_or_known_default());
    origin.host().is_some() && origin.host() == host.host() && origin.port_or_known_default() == port
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn may_with(target: &str, sent: &[(HeaderName, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        refusal(&target.parse().expect("a target"), &headers).is_none()
    }

    fn may(host: &str, origin: Option<&str>) -> bool {
        let origin = origin.map(|origin| (header::ORIGIN, origin));
        may_with("/standin/world", &[(header::HOST, host)].into_iter().chain(origin).collect::<Vec<_>>())
    }

    #[test]
    fn programs_of_this_machine_and_our_own_pages_may() {
        for host in
            ["127.0.0.1:7072", "localhost:7072", "LOCALHOST", "localhost.:1", "[::1]:7072", "127.0.0.9"]
        {
            assert!(may(host, None), "{host}");
        }
        assert!(may("127.0.0.1:7071", Some("http://127.0.0.1:7071")));
        assert!(may("localhost:7073", Some("https://localhost:7073")));
        assert!(may("localhost", Some("http://localhost")) && may("localhost", Some("https://localhost")));
        for site in ["same-origin", "none"] {
            assert!(may_with("/", &[(header::HOST, "localhost"), (FETCH_SITE, site)]), "{site}");
        }
        assert!(may_with("http://localhost:1/x", &[(header::HOST, "localhost:1")]));
    }

    #[test]
    fn pages_of_others_may_not() {
        for host in [
            "evil.example:7072",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.1@evil.example",
            "127.0.0.1/evil.example",
            "localhost..",
            "[::ffff:192.0.2.1]",
            "management.azure.com",
            "192.0.2.1:7072",
            "",
            "a b",
        ] {
            assert!(!may(host, None), "{host}");
        }
        for origin in [
            "http://evil.example",
            "null",
            "",
            "http://127.0.0.1:3000",
            "http://localhost:7071",
            "http://127.0.0.1:7071.evil.example",
            "http://127.0.0.1",
            "file://",
        ] {
            assert!(!may("127.0.0.1:7071", Some(origin)), "{origin}");
        }
        let host = (header::HOST, "127.0.0.1:7071");
        for site in ["cross-site", "same-site", ""] {
            assert!(!may_with("/", &[host.clone(), (FETCH_SITE, site)]), "{site}");
        }
        assert!(!may_with("/", &[host.clone(), (header::HOST, "evil.example")]));
        assert!(!may_with("http://evil.example/standin/world", std::slice::from_ref(&host)));
        let own = (header::ORIGIN, "http://127.0.0.1:7071");
        assert!(!may_with("/", &[host, own, (header::ORIGIN, "http://evil.example")]));
        assert!(!may_with("/", &[]) && !may_with("http://localhost/", &[]));
    }

    #[test]
    fn a_link_from_anywhere_may_lead_to_a_page() {
        let target = "/".parse().expect("a target");
        let mut headers = HeaderMap::new();
        assert!(foreign_host(&target, &headers).is_some());
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7071"));
        headers.insert(FETCH_SITE, HeaderValue::from_static("cross-site"));
        assert_eq!(foreign_host(&target, &headers), None);
        headers.insert(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(foreign_host(&target, &headers).is_some());
    }
}
