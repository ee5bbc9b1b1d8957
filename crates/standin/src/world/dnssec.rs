//! The signing keys of a zone, and what its parent would be told of them (RFC 4034).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::base64::base64;
use super::guid;

/// ECDSA over P-256 with SHA-256, as Azure DNS signs.
const ALGORITHM: u8 = 13;
/// SHA-256, in a DS record.
const DIGEST: u8 = 2;
const PROTOCOL: u8 = 3;
const ZONE_KEY: u16 = 256;
const ENTRY_POINT: u16 = 257;

/// That a zone is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dnssec {
    /// Changes with every write.
    pub etag: String,
}

impl Dnssec {
    /// A fresh configuration.
    pub(crate) fn new() -> Self {
        Self { etag: guid() }
    }

    /// Its keys as the provider shows them: the key of the zone and the one that the parent points at. They are made
    /// of the zone's name and stay with it.
    pub(crate) fn signing_keys(&self, zone: &str) -> Value {
        let keys = [ENTRY_POINT, ZONE_KEY].map(|flags| {
            let public = public_key(zone, flags);
            let data = [&flags.to_be_bytes()[..], &[PROTOCOL, ALGORITHM], &public].concat();
            let tag = key_tag(&data);
            let mut signed = owner(zone);
            signed.extend_from_slice(&data);
            let digest: String = Sha256::digest(&signed).iter().map(|byte| format!("{byte:02X}")).collect();
            let told = json!([{
                "digestAlgorithmType": DIGEST, "digestValue": digest,
                "record": format!("{tag} {ALGORITHM} {DIGEST} {digest}"),
            }]);
            json!({
                "flags": flags, "keyTag": tag, "protocol": PROTOCOL, "securityAlgorithmType": ALGORITHM,
                "publicKey": base64(&public),
                "delegationSignerInfo": if flags == ENTRY_POINT { told } else { json!([]) },
            })
        });
        json!(keys)
    }
}

/// 64 octets that have the form of a key. Nothing is signed with it, so no private one belongs to it.
fn public_key(zone: &str, flags: u16) -> Vec<u8> {
    let half = |number: u8| Sha256::digest(format!("{zone} {flags} {number}"));
    [half(0), half(1)].concat()
}

/// A zone's name in the form of the wire, lower case.
fn owner(zone: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in zone.to_ascii_lowercase().split('.') {
        bytes.push(u8::try_from(label.len()).unwrap_or_default());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// RFC 4034, appendix B.
fn key_tag(data: &[u8]) -> u16 {
    let octet = |(place, byte): (usize, &u8)| u32::from(*byte) << if place % 2 == 0 { 8 } else { 0 };
    let sum: u32 = data.iter().enumerate().map(octet).sum();
    u16::try_from((sum + (sum >> 16)) & 0xffff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and the digest of RFC 6605, section 6.1.
    #[test]
    fn tag_and_digest_are_those_of_the_standard() {
        let public = crate::access::decode(
            "GojIhhXUN_u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP-e-MAnLr-Wi9xMWyQLc8NAA",
        );
        let public = public.unwrap_or_default();
        let data = [&257_u16.to_be_bytes()[..], &[3, 13], &public].concat();
        assert_eq!(key_tag(&data), 55648);
        let mut signed = owner("example.net");
        signed.extend_from_slice(&data);
        let digest: String = Sha256::digest(&signed).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, "b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17");
    }
}
