//! One invocation: the call to the handler, and the host's patience with it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame};
use hyper::ext::ReasonPhrase;
use serde_json::Value;
use tokio::time::Instant;

use super::answer::{self, Completed, Reading};
use super::settings::Function;
use super::telemetry::Telemetry;
use super::{HOST_VERSION, Host, HostEvent, envelope};
use crate::application_insights::Operation;

impl Host {
    /// Invokes a function with the envelope that `make` builds out of the `sys` entry.
    ///
    /// # Errors
    ///
    /// Why the invocation failed.
    pub(super) async fn invoke(
        &self,
        function: &Function,
        by: &'static str,
        make: impl FnOnce(Value) -> Value,
    ) -> Result<Completed, String> {
        let began = Instant::now();
        let _on_its_way = self.invocations.token();
        let envelope = make(envelope::system(&function.name, self.clock.now(), &crate::world::guid()));
        let operation = Telemetry::operation(&function.name, &crate::world::guid());
        if let Some(telemetry) = &self.telemetry {
            telemetry.begun(&operation, by);
        }
        let outcome = self.call(&operation, &envelope).await;
        if let Some(telemetry) = &self.telemetry {
            telemetry.ended(&operation, outcome.as_ref().map_err(String::as_str), began.elapsed());
        }
        // Nobody listening is no fault.
        let _ = self.events.send(HostEvent::Invoked {
            function: function.name.clone(),
            by,
            failure: outcome.as_ref().err().cloned(),
            logs: outcome.as_ref().map(|completed| completed.logs.clone()).unwrap_or_default(),
            took: began.elapsed(),
        });
        outcome
    }

    async fn call(&self, operation: &Operation, envelope: &Value) -> Result<Completed, String> {
        let function = &operation.function;
        let patience = self.settings.initialization_timeout * 4;
        let worker = self.worker.ready(patience).await.ok_or("Initialization timed out.")?;
        let exchange = async {
            let url = format!("http://{}/{function}", worker.address);
            let request = self
                .client
                .post(&url)
                .header("X-Azure-Functions-HostVersion", HOST_VERSION)
                .header("X-Azure-Functions-InvocationId", &operation.invocation)
                .header("User-Agent", format!("Azure-Functions-Host/{HOST_VERSION}"))
                .header("Content-Type", "application/json; charset=utf-8")
                .body(reqwest::Body::wrap(Chunked(Some(Bytes::from(envelope.to_string())))));
            // As soon as Application Insights is configured, and not before.
            let request = match &self.telemetry {
                Some(_) => request.header("traceparent", operation.traceparent()),
                None => request,
            };
            let began = Instant::now();
            let response = request.send().await?;
            let status = response.status();
            if let Some(telemetry) = &self.telemetry {
                telemetry.called(operation, &url, began.elapsed(), status.is_success());
            }
            let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok());
            let kind = kind.map(str::to_owned);
            let reason = response.extensions().get::<ReasonPhrase>();
            let reason = reason.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
            let body = response.bytes().await?;
            Ok::<_, reqwest::Error>(answer::read(status, reason.as_deref(), kind.as_deref(), &body))
        };
        let limit = self.settings.function_timeout;
        let reading = async {
            match exchange.await {
                Ok(Reading::Completed(completed)) => Ok(completed),
                Ok(Reading::Failed(why)) => Err(why),
                // The result source is never completed: only the timeout ends this.
                Ok(Reading::Nothing) => std::future::pending().await,
                Err(error) => Err(chain(&error)),
            }
        };
        match tokio::time::timeout(limit.unwrap_or(Duration::MAX), reading).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.worker.kill(worker.pid).await;
                Err(format!(
                    "Timeout value of {:?} exceeded by function: {function}",
                    limit.unwrap_or_default()
                ))
            }
        }
    }
}

/// An error with all its causes: the outermost alone rarely says what happened.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A body of unknown length, so that it is sent in chunks as the real host's formatter does
/// (contract functions-custom-handler, section 3.1).
struct Chunked(Option<Bytes>);

impl Body for Chunked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}
