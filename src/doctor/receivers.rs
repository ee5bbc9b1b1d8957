//! Who is called by an action group, and whether that is the function.

use pure::domain::ResourceId;
use serde_json::Value;
use url::Url;

/// The function that is called, and the end of its address.
const FUNCTION: &str = "function-remediate";
const PATH: &str = "/api/remediate";

/// A receiver that can call a function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receiver<'a> {
    shown: &'a Value,
    /// Where its address stands.
    member: &'static str,
}

/// Those of a group that can call a function; people are no part of them.
pub(super) fn receivers(group: &Value) -> Vec<Receiver<'_>> {
    let of = |list: &str, member: &'static str| {
        let all = group.get(list).and_then(Value::as_array).into_iter().flatten();
        all.map(move |shown| Receiver { shown, member })
    };
    of("azureFunctionReceivers", "httpTriggerUrl").chain(of("webhookReceivers", "serviceUri")).collect()
}

impl<'a> Receiver<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.shown.get(name).and_then(Value::as_str)
    }

    pub(super) fn name(&self) -> &'a str {
        self.text("name").unwrap_or(FUNCTION)
    }

    fn address(&self) -> Option<Url> {
        Url::parse(self.text(self.member)?).ok()
    }

    /// Whether it calls the function, by its name or its address. Something in between may have an address of its own.
    pub(super) fn is_ours(&self) -> bool {
        self.text("functionName").is_some_and(|name| name.eq_ignore_ascii_case(FUNCTION))
            || self.address().is_some_and(|url| url.path().trim_end_matches('/').eq_ignore_ascii_case(PATH))
    }

    /// Whether a token is sent. It takes the place of no key (contract functions-custom-handler, section 8).
    pub(super) fn sends_token(&self) -> bool {
        self.shown.get("useAadAuth") == Some(&Value::Bool(true))
    }

    /// Whether its address is seen and holds no key.
    pub(super) fn lacks_key(&self) -> bool {
        let has_code = |url: &Url| url.query_pairs().any(|(name, value)| name == "code" && !value.is_empty());
        self.address().is_some_and(|url| !has_code(&url))
    }

    /// The function app.
    pub(super) fn app(&self) -> Option<ResourceId> {
        ResourceId::parse(self.text("functionAppResourceId")?).ok()
    }

    /// The host of its address.
    pub(super) fn host(&self) -> Option<String> {
        self.address()?.host_str().map(str::to_owned)
    }

    /// Its address without a key.
    pub(super) fn bare_address(&self) -> Option<String> {
        let mut url = self.address()?;
        url.set_query(None);
        Some(url.to_string())
    }
}
