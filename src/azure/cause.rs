//! Why a request went unanswered, in words for people: the cause, without the libraries that it came through.

use std::error::Error as StdError;
use std::io;

use azure_core::error::ErrorKind;
use rustls::CertificateError;
use url::Url;

use super::stop::Stop;

/// What went wrong on the way to a host that is not named; none when the error is of another kind.
pub(crate) fn network(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(below) = cause {
        if below.to_string() == "dns error" {
            return Some("the host cannot be looked up".to_owned());
        }
        if let Some(words) = below.downcast_ref::<io::Error>().and_then(connection) {
            return Some(words);
        }
        cause = below.source();
    }
    None
}

/// The words for a call that was not answered: the host, and the proxy before it, if there was no connection, and the
/// cause.
pub(super) fn of_call(error: &azure_core::Error, kind: &ErrorKind, url: &Url, proxy: Option<&str>) -> String {
    let words = words(error);
    let host = || url.origin().ascii_serialization();
    let through = proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
    match kind {
        ErrorKind::Connection => format!("no connection to {}{through}: {words}", host()),
        ErrorKind::Credential => format!("no token: {words}"),
        _ => words,
    }
}

/// Why it failed, in one line.
pub(super) fn words(error: &azure_core::Error) -> String {
    network(error).unwrap_or_else(|| bare(error))
}

/// The kind of the first error in the chain that says more than "other".
pub(super) fn kind_of(error: &azure_core::Error) -> ErrorKind {
    let mut kind = error.kind();
    let mut below: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let (ErrorKind::Other, Some(next)) = (kind, below) {
        if let Some(deeper) = next.downcast_ref::<azure_core::Error>() {
            kind = deeper.kind();
        }
        below = next.source();
    }
    kind.clone()
}

/// Whether who we are was refused: below the error lies the word of the token endpoint, or an answer with a status of the
/// class 4xx, but for those that pass by themselves.
pub(super) fn is_refused(error: &azure_core::Error) -> bool {
    if let Some(stop) = Stop::below(error) {
        return matches!(stop, Stop::IdentityRefused(_));
    }
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(below) = cause {
        if let Some(ErrorKind::HttpResponse { status, .. }) =
            below.downcast_ref::<azure_core::Error>().map(azure_core::Error::kind)
        {
            return status.is_client_error() && !matches!(u16::from(*status), 408 | 429);
        }
        cause = below.source();
    }
    false
}

/// Layers that say only that there is a layer below.
const LAYERS: [&str; 10] = [
    "failed to execute `reqwest` request",
    "error converting `reqwest` request into a byte stream",
    "error sending request for url",
    "error decoding response body",
    "request or response body error",
    "error reading a body from connection",
    "client error (",
    "connection error",
    "tcp connect error",
    "Multiple errors were encountered while attempting to authenticate",
];

/// So many octets say it all: what a token's endpoint answers may be of any length.
const ENOUGH: usize = 4096;

/// Every cause below an error on one line, without the layers in between and without where to read about the library.
fn bare(error: &(dyn StdError + 'static)) -> String {
    let mut words = String::new();
    let mut cause = Some(error);
    while let Some(below) = cause {
        let text = below.to_string();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("To troubleshoot")) {
            let mut joint = if words.is_empty() { "" } else { "; " };
            for piece in line.split(": ").map(|piece| piece.trim().trim_end_matches(':')) {
                let is_layer = LAYERS.iter().any(|layer| piece.starts_with(layer));
                if is_layer || piece.is_empty() || words.len() > ENOUGH || words.contains(piece) {
                    continue;
                }
                words.push_str(joint);
                words.push_str(piece);
                joint = ": ";
            }
        }
        cause = below.source();
    }
    words
}

fn connection(error: &io::Error) -> Option<String> {
    let Some(inner) = error.get_ref() else { return error.raw_os_error().map(|_| error.kind().to_string()) };
    if let Some(deeper) = inner.downcast_ref::<io::Error>() {
        return connection(deeper);
    }
    match inner.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(fault) => Some(format!("the certificate {}", certificate(fault))),
        _ => Some("no TLS could be agreed upon".to_owned()),
    }
}

fn certificate(fault: &CertificateError) -> &'static str {
    use CertificateError as Fault;
    match fault {
        Fault::Expired | Fault::ExpiredContext { .. } => "has expired",
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => "is not valid yet",
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => "is that of another host",
        Fault::UnknownIssuer => "is of an authority that is not trusted",
        Fault::Revoked => "is revoked",
        _ => "is not valid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_certificates_have_words_without_names() {
        let name = rustls::pki_types::ServerName::try_from("hush.example.com").unwrap();
        let presented = vec!["hush.example.net".to_owned()];
        let fault = CertificateError::NotValidForNameContext { expected: name, presented };
        let error = io::Error::other(rustls::Error::InvalidCertificate(fault));
        assert_eq!(network(&error).as_deref(), Some("the certificate is that of another host"));
    }

    #[test]
    fn layers_are_left_out_and_causes_stay() {
        let text = "Multiple errors were encountered while attempting to authenticate:\n\
                    First credential: it failed\n\
                    To troubleshoot, visit https://example.com/help - it failed\n\
                    Second credential: it failed too";
        let outer = azure_core::Error::with_message(ErrorKind::Credential, text);
        let url = Url::parse("https://example.com/x").unwrap();
        assert_eq!(
            of_call(&outer, &ErrorKind::Credential, &url, None),
            "no token: First credential: it failed; Second credential: it failed too"
        );
        let below = io::Error::other("end of file before message length reached");
        let layer = "error converting `reqwest` request into a byte stream";
        let outer = azure_core::Error::with_error(ErrorKind::Io, below, layer);
        assert_eq!(of_call(&outer, &ErrorKind::Io, &url, None), "end of file before message length reached");
    }
}
