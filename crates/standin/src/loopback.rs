//! Who may set the stage: programs of this machine that meant us, and no page of somebody else's in a browser.
//!
//! A page whose name was made to lead to 127.0.0.1 (DNS rebinding) sends its own name as `Host`; a page that posts here
//! from elsewhere is given away by `Origin`, which browsers add by themselves.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use url::{Host, Url};

/// Why a caller may not change or read the stage; none: it may.
#[must_use]
pub fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).and_then(|host| Url::parse(&format!("http://{host}/")).ok());
    let Some(host) = host.filter(is_loopback) else {
        return Some("This answers on this machine alone: the Host header must name its loopback.");
    };
    if !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let origin = text(header::ORIGIN).and_then(|origin| Url::parse(origin).ok());
    // The port that a scheme means by itself is not written.
    let same = |origin: &Url| {
        let port = host
            .port()
            .or_else(|| Url::parse(&format!("{}://x", origin.scheme())).ok()?.port_or_known_default());
        origin.host() == host.host() && origin.port_or_known_default() == port
    };
    (!origin.is_some_and(|origin| same(&origin))).then_some("A page of another origin may not call this.")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn may(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).expect("a value"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).expect("a value"));
        }
        refusal(&headers).is_none()
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
    }

    #[test]
    fn pages_of_others_may_not() {
        for host in [
            "evil.example:7072",
            "127.0.0.1.evil.example",
            "management.azure.com",
            "192.0.2.1:7072",
            "",
            "a b",
        ] {
            assert!(!may(host, None), "{host}");
        }
        for origin in
            ["http://evil.example", "null", "", "http://127.0.0.1:3000", "http://localhost:7071", "file://"]
        {
            assert!(!may("127.0.0.1:7071", Some(origin)), "{origin}");
        }
        assert!(refusal(&HeaderMap::new()).is_some());
    }
}
