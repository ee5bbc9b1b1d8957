//! The size and the encoding of an upload.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::refusal;
use crate::Reply;

/// The limit for the compressed and for the uncompressed body, in bytes.
const LIMIT: usize = 1_048_576;
/// How far a body that is too large is unpacked to name its size; a bomb is not followed to its end.
const COUNTED: u64 = 64 * 1024 * 1024;

/// The JSON text of an upload.
///
/// # Errors
///
/// 413 over 1 MB on either side of the compression, 500 for nothing, 400 for what cannot be unpacked.
pub(super) fn unpack<'a>(encoding: Option<&str>, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Reply> {
    if body.is_empty() {
        return Err(Reply::empty(500));
    }
    if body.len() > LIMIT {
        return Err(too_large(body.len()));
    }
    match encoding.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(Cow::Borrowed(body)),
        Some(text) if text.eq_ignore_ascii_case("identity") => Ok(Cow::Borrowed(body)),
        Some(text) if text.eq_ignore_ascii_case("gzip") => gunzip(body).map(Cow::Owned),
        Some(other) => {
            let message = format!("The content encoding '{other}' is not supported, only gzip is.");
            Err(refusal(400, "UnsupportedContentEncoding", &message))
        }
    }
}

fn gunzip(body: &[u8]) -> Result<Vec<u8>, Reply> {
    let malformed = |error: io::Error| {
        refusal(400, "InvalidPayload", &format!("The request body is no gzip stream: {error}."))
    };
    let mut decoder = MultiGzDecoder::new(body);
    let mut text = Vec::new();
    decoder.by_ref().take(LIMIT as u64 + 1).read_to_end(&mut text).map_err(malformed)?;
    if text.len() > LIMIT {
        let rest = io::copy(&mut decoder.take(COUNTED), &mut io::sink()).map_err(malformed)?;
        return Err(too_large(text.len().saturating_add(usize::try_from(rest).unwrap_or(usize::MAX))));
    }
    if text.is_empty() {
        return Err(Reply::empty(500));
    }
    Ok(text)
}

fn too_large(length: usize) -> Reply {
    let message = format!(
        "Maximum allowed content length: {LIMIT} bytes (1 MB). Provided content length: {length} bytes."
    );
    refusal(413, "ContentLengthLimitExceeded", &message)
}
