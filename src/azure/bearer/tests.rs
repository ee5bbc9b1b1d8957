//! Where a token goes, how long it is waited for, and who hears that there is none.

use std::sync::LazyLock;
use std::sync::atomic::AtomicUsize;

use azure_core::Bytes;
use azure_core::credentials::TokenRequestOptions;
use azure_core::http::Method;
use azure_core::http::headers::Headers;
use pure::domain::Service;

use super::*;
use crate::azure::calls::Calls;
use crate::azure::network;
use crate::azure::patience::Patience;
use crate::azure::tally::Tally;
use crate::config::{Network, Settings, Variables};

/// Gives a token, or refuses to, after some time.
#[derive(Debug)]
struct Giver {
    takes: Duration,
    gives: bool,
    /// Whether what it says is that it was refused itself.
    is_refused: bool,
    asked: AtomicUsize,
}

#[async_trait]
impl TokenCredential for Giver {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.asked.fetch_add(1, Relaxed);
        tokio::time::sleep(self.takes).await;
        if self.gives {
            return Ok(AccessToken::new("t", OffsetDateTime::now_utc() + Duration::from_secs(3600)));
        }
        let words = "nobody knows us".to_owned();
        Err(if self.is_refused {
            Stop::IdentityRefused(words).into_error()
        } else {
            azure_core::Error::with_message(ErrorKind::Credential, words)
        })
    }
}

/// Answers each request so, and notes with which token it came.
#[derive(Debug)]
struct Answering {
    status: StatusCode,
    headers: Headers,
    body: &'static str,
    tokens: std::sync::Mutex<Vec<Option<String>>>,
}

#[async_trait]
impl Policy for Answering {
    async fn send(&self, _: &Context, request: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        let token = request.headers().get_optional_str(&AUTHORIZATION).map(str::to_owned);
        self.tokens.lock().unwrap().push(token);
        Ok(AsyncRawResponse::from_bytes(
            self.status,
            self.headers.clone(),
            Bytes::from_static(self.body.as_bytes()),
        ))
    }
}

fn wire(status: StatusCode, code: Option<&'static str>, body: &'static str) -> Arc<Answering> {
    let mut headers = Headers::new();
    if let Some(code) = code {
        headers.insert(ERROR_CODE, code);
    }
    Arc::new(Answering { status, headers, body, tokens: std::sync::Mutex::default() })
}

const HOME: &str = "https://management.azure.com";

/// Built once, because it reads all certificates of the system. What it renews fails: nobody listens there.
static SOURCE: LazyLock<Arc<Source>> = LazyLock::new(|| {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
    let variables: Variables = [
        ("DNS_ZONES", id),
        ("LOGS_WORKSPACE_IDS", "00000000-0000-0000-0000-000000000002"),
        ("LOGS_INGESTION_ENDPOINT", "https://rule.ingest.monitor.azure.com"),
        ("LOGS_DCR_RULE_ID", "dcr-1"),
        ("POLICY_NAMES", "*"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token"),
    ]
    .into_iter()
    .collect();
    let (network, patience) = (Network::default(), Patience::OF_A_CLOCK);
    Arc::new(Source {
        connect: Settings::read(&variables).unwrap().connect,
        services: network::services(&network, patience).unwrap(),
        identity: network::identity(&network, patience).unwrap(),
        tally: Arc::default(),
        patience,
    })
});

fn bearer(giver: &Arc<Giver>, home: &str) -> Bearer {
    let credential = Arc::clone(giver) as Arc<dyn TokenCredential>;
    Bearer::new(Arc::clone(&SOURCE), Arc::default(), credential, "scope", Url::parse(home).unwrap())
}

fn giver(takes: u64, gives: bool) -> Arc<Giver> {
    let (takes, asked) = (Duration::from_secs(takes), AtomicUsize::new(0));
    Arc::new(Giver { takes, gives, is_refused: false, asked })
}

/// Sends a request through the bearer, by a deadline or without.
async fn send(bearer: &Bearer, url: &str, wire: &Arc<Answering>, deadline: Option<Instant>) -> PolicyResult {
    let mut request = Request::new(Url::parse(url).unwrap(), Method::Get);
    let mut context = Context::new();
    if let Some(deadline) = deadline {
        let (calls, tally): (Arc<Calls>, Arc<Tally>) = Default::default();
        let (service, each) = (Service::DnsRead, Duration::from_secs(15));
        context = context.with_value(Bounds { deadline, each, calls, tally, service, largest: 1 });
    }
    let next = Arc::clone(wire) as Arc<dyn Policy>;
    bearer.send(&context, &mut request, &[next]).await
}

#[tokio::test]
async fn a_token_goes_to_its_own_host_and_over_plain_http_to_this_machine_alone() {
    let giver = giver(0, true);
    for (home, url, goes) in [
        (HOME, "https://management.azure.com/subscriptions?x=y", true),
        (HOME, "https://management.azure.com.example.net/", false),
        (HOME, "https://example.net/", false),
        (HOME, "https://management.azure.com:8443/", false),
        (HOME, "http://management.azure.com/", false),
        ("http://management.azure.com", "http://management.azure.com/", false),
        ("http://127.0.0.1:7072", "http://127.0.0.1:7072/x", true),
    ] {
        let wire = wire(StatusCode::Ok, None, "");
        let result = send(&bearer(&giver, home), url, &wire, None).await;
        let expected = if goes { vec![Some("Bearer t".to_owned())] } else { Vec::new() };
        assert_eq!(*wire.tokens.lock().unwrap(), expected, "{url}");
        let stop = result.as_ref().err().and_then(|error| Stop::below(error));
        assert_eq!(matches!(stop, Some(Stop::HostRefused(_))), !goes, "{url}: {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_waited_for_until_the_deadline_and_no_longer_than_half_a_minute() {
    for (deadline, seconds) in [(Some(2), 2), (Some(300), 30), (None, 30)] {
        let (bearer, wire) = (bearer(&giver(3600, true), HOME), wire(StatusCode::Ok, None, ""));
        let begin = Instant::now();
        let error = send(&bearer, HOME, &wire, deadline.map(|left| begin + Duration::from_secs(left))).await;
        assert_eq!(Stop::below(&error.unwrap_err()), Some(&Stop::NoTokenInTime));
        assert_eq!(begin.elapsed().as_secs(), seconds, "{deadline:?}");
        assert!(wire.tokens.lock().unwrap().is_empty(), "nothing was sent");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_the_same_token_hears_the_same_and_who_comes_later_asks_again() {
    let giver = giver(5, false);
    let (bearer, wire) = (bearer(&giver, HOME), wire(StatusCode::Ok, None, ""));
    let begin = Instant::now();
    for (round, seconds) in [(1, 5), (2, 10)] {
        let sent = futures::future::join_all((0..8).map(|_| send(&bearer, HOME, &wire, None))).await;
        for error in sent {
            assert!(error.unwrap_err().to_string().contains("nobody knows us"));
        }
        assert_eq!((giver.asked.load(Relaxed), begin.elapsed().as_secs()), (round, seconds));
        tokio::time::advance(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_a_token_that_was_refused_hears_that_it_was() {
    for is_refused in [true, false] {
        let giver =
            Giver { takes: Duration::from_secs(5), gives: false, is_refused, asked: AtomicUsize::new(0) };
        let (bearer, wire) = (bearer(&Arc::new(giver), HOME), wire(StatusCode::Ok, None, ""));
        for error in futures::future::join_all((0..4).map(|_| send(&bearer, HOME, &wire, None))).await {
            let error = error.unwrap_err();
            assert_eq!(super::is_refused(&error), is_refused, "{error}");
            assert!(words(&error).contains("nobody knows us"), "{error}");
        }
    }
}

/// The held token is dropped where it is refused, and kept where something else is.
#[tokio::test(start_paused = true)]
async fn a_403_refuses_the_token_where_the_header_or_the_body_says_so() {
    let document = r#"{"error":{"code":"InvalidAuthenticationToken","message":"m"}}"#;
    for (status, header, body, is_refused) in [
        (StatusCode::Forbidden, Some("InvalidAuthenticationToken"), "", true),
        (StatusCode::Forbidden, None, document, true),
        (StatusCode::Forbidden, Some("AuthorizationFailed"), document, false),
        (StatusCode::Forbidden, None, "<html>InvalidAuthenticationToken</html>", false),
        (StatusCode::Unauthorized, None, "", true),
        (StatusCode::NotFound, Some("InvalidAuthenticationToken"), document, false),
    ] {
        let (bearer, wire) = (bearer(&giver(0, true), HOME), wire(status, header, body));
        let deadline = Instant::now() + Duration::from_secs(10);
        let answer = send(&bearer, HOME, &wire, Some(deadline)).await.unwrap();
        assert_eq!(bearer.held(Duration::ZERO).is_none(), is_refused, "{status} {header:?} {body}");
        let (_, _, kept) = answer.deconstruct();
        assert_eq!(kept.collect().await.unwrap(), body.as_bytes(), "whoever reads it finds it whole");
    }
}
