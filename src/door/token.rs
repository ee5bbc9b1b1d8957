//! Whether a token opens: its form, its signature, and what it says.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::verifier;
use crate::config::{Secret, Webhook};

/// The longest token that is read, in bytes; those of Entra have some two thousand.
const LONGEST: usize = 16 * 1024;
/// The longest name of a key, in bytes.
const LONGEST_KEY_ID: usize = 256;
/// How far the clocks of issuer and function may be apart, in seconds.
const LEEWAY: i64 = 60;

/// Why a token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenFault {
    /// There is no header `Authorization`.
    Missing,
    /// There are several.
    Several,
    /// The header holds no bearer token.
    NoBearer,
    /// It is longer than any token.
    TooLong,
    /// It has not the form of a token that RS256 signs.
    Form,
    /// It names a key that the tenant does not have.
    UnknownKey,
    /// The signature is not that of the key.
    Signature,
    /// Somebody else issued it.
    Issuer,
    /// It is of another tenant.
    Tenant,
    /// It is for somebody else.
    Audience,
    /// Another application got it.
    Caller,
    /// The application was not assigned the role.
    Role,
    /// It is over.
    Expired,
    /// It has not begun.
    NotYet,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it brings no token in a header Authorization, and WEBHOOK_TENANT_ID is set",
            Self::Several => "it brings more than one header Authorization",
            Self::NoBearer => "its header Authorization is not the word Bearer and a token",
            Self::TooLong => "its token is longer than any of Entra",
            Self::Form => "its token is no JSON Web Token that RS256 signs",
            Self::UnknownKey => "its token names a key that the tenant does not have",
            Self::Signature => "the signature of its token is wrong",
            Self::Issuer => "its token is of another issuer",
            Self::Tenant => "its token is of another tenant than WEBHOOK_TENANT_ID",
            Self::Audience => "its token is not for WEBHOOK_AUDIENCE",
            Self::Caller => "its token is of another application than WEBHOOK_CALLER",
            Self::Role => "its token lacks the role WEBHOOK_ROLE",
            Self::Expired => "its token has expired",
            Self::NotYet => "its token is not valid yet",
        })
    }
}

/// A token whose head was read, and nothing of it believed.
#[derive(Debug)]
pub(super) struct Unproved<'a> {
    token: &'a Secret,
    /// Where the token begins in the header.
    begin: usize,
    /// The name of the key that it says has signed it.
    pub(super) key_id: String,
}

impl<'a> Unproved<'a> {
    /// The one token of a call.
    pub(super) fn of(authorization: &'a [Secret]) -> Result<Self, TokenFault> {
        let header = match authorization {
            [] => return Err(TokenFault::Missing),
            [one] => one,
            _ => return Err(TokenFault::Several),
        };
        let text = header.expose();
        let (scheme, token) = text.split_once(' ').ok_or(TokenFault::NoBearer)?;
        let token = token.trim_start_matches(' ');
        if !scheme.eq_ignore_ascii_case("Bearer") || token.is_empty() {
            return Err(TokenFault::NoBearer);
        }
        if token.len() > LONGEST {
            return Err(TokenFault::TooLong);
        }
        let head = decode_header(token).map_err(|_| TokenFault::Form)?;
        // An extension that must be understood is one that we do not.
        let is_plain = head.alg == Algorithm::RS256 && head.crit.is_none();
        let key_id = head.kid.filter(|id| is_plain && !id.is_empty() && id.len() <= LONGEST_KEY_ID);
        let key_id = key_id.ok_or(TokenFault::Form)?;
        Ok(Self { token: header, begin: text.len() - token.len(), key_id })
    }

    fn text(&self) -> &str {
        &self.token.expose()[self.begin..]
    }
}

/// What is read of a token's claims (contract azure-monitor, section 8.2). Entra writes the caller as `azp` into tokens of version
/// 2.0 and as `appid` into those of version 1.0.
#[derive(Deserialize)]
struct EntraClaims {
    iss: String,
    aud: String,
    tid: String,
    exp: i64,
    nbf: Option<i64>,
    azp: Option<String>,
    appid: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

/// Judges a token at a time in Unix seconds: the signature first, for nothing that it says counts without.
pub(super) fn judge(
    unproved: &Unproved<'_>,
    key: &DecodingKey,
    wanted: &Webhook,
    issuers: &[String],
    now: i64,
) -> Result<(), TokenFault> {
    verifier::install();
    let mut validation = Validation::new(Algorithm::RS256);
    // All claims are judged below, the times by the clock of the caller.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let decoded = decode::<EntraClaims>(unproved.text(), key, &validation);
    let claims = decoded.map_err(|error| {
        use jsonwebtoken::errors::ErrorKind::InvalidSignature;
        if matches!(error.kind(), InvalidSignature) { TokenFault::Signature } else { TokenFault::Form }
    })?;
    judge_claims(&claims.claims, wanted, issuers, now)
}

fn judge_claims(
    claims: &EntraClaims,
    wanted: &Webhook,
    issuers: &[String],
    now: i64,
) -> Result<(), TokenFault> {
    let mut callers = [&claims.azp, &claims.appid].into_iter().flatten().peekable();
    let may_call = |id: &String| wanted.callers.iter().any(|known| known.eq_ignore_ascii_case(id));
    let is_caller = callers.peek().is_some() && callers.all(may_call);
    let checks = [
        (issuers.contains(&claims.iss), TokenFault::Issuer),
        (claims.tid.eq_ignore_ascii_case(&wanted.tenant_id), TokenFault::Tenant),
        (wanted.audiences.contains(&claims.aud), TokenFault::Audience),
        (is_caller, TokenFault::Caller),
        (claims.roles.contains(&wanted.role), TokenFault::Role),
        (now < claims.exp.saturating_add(LEEWAY), TokenFault::Expired),
        (claims.nbf.is_none_or(|begin| now >= begin.saturating_sub(LEEWAY)), TokenFault::NotYet),
    ];
    checks.into_iter().find(|(is_met, _)| !is_met).map_or(Ok(()), |(_, fault)| Err(fault))
}

#[cfg(test)]
mod tests;
