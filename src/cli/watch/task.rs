//! A round as a task, and the signals that end the rounds.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::round::{Made, Orders, Round, round};
use crate::run::{Installation, Observed, Request, plan};
use crate::terminated::terminated;

/// The first signal ends the rounds, the second the process.
pub(super) fn listen_for_signals(stop: CancellationToken, gone: CancellationToken) {
    let told = terminated();
    tokio::spawn(async move {
        told.await;
        tracing::info!("told to stop");
        stop.cancel();
        terminated().await;
        gone.cancel();
    });
}

/// One round in a task of its own, so that a panic ends it alone; none when it did.
pub(super) async fn one_round(installation: &Arc<Installation>, orders: Orders) -> Option<Round> {
    let installation = Arc::clone(installation);
    let task = async move {
        let make = async |request: Request, seen: Observed| {
            let planned = Box::pin(plan(&installation, request, seen)).await;
            let ended = Box::pin(planned.end()).await;
            Ok(Made::Own(Box::new(ended)))
        };
        Box::pin(round(&installation, &orders, make)).await
    };
    match tokio::spawn(task).await {
        Ok(round) => Some(round),
        Err(fault) => {
            tracing::error!("a round broke off: {fault}");
            None
        }
    }
}
