//! The keys that sign tokens, and the document that tells which of them count.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::access::encode;

/// Keys of this stand-in and of nobody else: whoever trusts them trusts everybody who reads this.
const KEYS: [&[u8]; 3] =
    [include_bytes!("signing/1.der"), include_bytes!("signing/2.der"), include_bytes!("signing/3.der")];

/// The keys of a tenant, of which one counts at a time. A real tenant shows the next one long before it signs with it; here
/// a new one comes at once, and the old one is withdrawn, as after a theft.
#[derive(Debug)]
pub(crate) struct Signing {
    keys: Vec<RsaKeyPair>,
    current: AtomicUsize,
}

impl Default for Signing {
    fn default() -> Self {
        #[expect(clippy::unwrap_used, reason = "the keys are constants, which a test reads")]
        let keys = KEYS.iter().map(|key| RsaKeyPair::from_pkcs8(key).unwrap()).collect();
        Self { keys, current: AtomicUsize::new(0) }
    }
}

impl Signing {
    fn key(&self) -> &RsaKeyPair {
        &self.keys[self.current.load(SeqCst) % KEYS.len()]
    }

    /// From now on another key signs, and it alone counts.
    pub(crate) fn rotate(&self) {
        self.current.fetch_add(1, SeqCst);
    }

    /// A token over these claims. Members of `header` take the place of the usual ones; whatever they say, the signature is
    /// that of the key that counts.
    pub(crate) fn token(&self, header: &Map<String, Value>, claims: &Value) -> String {
        let mut whole = json!({ "typ": "JWT", "alg": "RS256", "kid": kid(self.key()) });
        for (name, value) in header {
            whole[name] = value.clone();
        }
        let part = |value: &Value| encode(value.to_string().as_bytes());
        let said = format!("{}.{}", part(&whole), part(claims));
        let mut signature = vec![0; self.key().public().modulus_len()];
        // It fails only where the system has no random numbers; a token without a signature is then refused.
        let _ = self.key().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature);
        format!("{said}.{}", encode(&signature))
    }

    /// The document of the keys (RFC 7517, section 5), with the issuer beside each as Entra writes it.
    pub(crate) fn document(&self, issuer: &str) -> Value {
        let key = self.key();
        let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "kid": kid(key), "x5t": kid(key),
            "n": encode(&public.n), "e": encode(&public.e), "issuer": issuer,
        }] })
    }
}

/// What a key is called: a digest of its modulus.
fn kid(key: &RsaKeyPair) -> String {
    let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
    encode(&Sha256::digest(public.n)[..20])
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;
    use crate::access::decode;

    fn is_signed(document: &Value, token: &str) -> bool {
        let member = |name: &str| decode(document["keys"][0][name].as_str().unwrap()).unwrap();
        let (n, e) = (member("n"), member("e"));
        let (said, signature) = token.rsplit_once('.').unwrap();
        let key = RsaPublicKeyComponents { n, e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, said.as_bytes(), &decode(signature).unwrap()).is_ok()
    }

    #[test]
    fn the_document_holds_the_key_that_signs_and_no_other() {
        let signing = Signing::default();
        let old = signing.token(&Map::new(), &json!({ "aud": "x" }));
        let before = signing.document("https://x/v2.0");
        assert!(is_signed(&before, &old));
        signing.rotate();
        let after = signing.document("https://x/v2.0");
        assert_ne!(before["keys"][0]["kid"], after["keys"][0]["kid"]);
        assert!(!is_signed(&after, &old));
        assert!(is_signed(&after, &signing.token(&Map::new(), &json!({}))));
    }

    #[test]
    fn a_header_says_what_it_is_told_to() {
        let header = json!({ "alg": "none", "kid": "other" });
        let token = Signing::default().token(header.as_object().unwrap(), &json!({}));
        let header: Value =
            serde_json::from_slice(&decode(token.split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!(header, json!({ "typ": "JWT", "alg": "none", "kid": "other" }));
    }
}
