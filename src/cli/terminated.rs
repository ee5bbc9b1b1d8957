//! When the process is told to end: each system has signals of its own for it.

/// Ends when the process is told to end: Ctrl-C, or SIGTERM.
#[cfg(unix)]
pub(super) async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Ends when the process is told to end: Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn terminated() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
