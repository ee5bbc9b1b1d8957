//! When the process is told to end: each system has signals of its own for it.

use tokio::signal;

/// Hears from now on, not only once it is waited for: a signal that comes in between does not end the process. It is over
/// when the process is told to end by Ctrl-C or SIGTERM.
#[cfg(unix)]
pub(crate) fn terminated() -> impl Future<Output = ()> {
    use signal::unix::{SignalKind, signal};

    let both = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut term), Ok(mut interrupt)) = both else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Hears from now on, not only once it is waited for. It is over when the process is told to end by Ctrl-C.
#[cfg(windows)]
pub(crate) fn terminated() -> impl Future<Output = ()> {
    let told = signal::windows::ctrl_c();
    async move {
        let Ok(mut told) = told else {
            return std::future::pending().await;
        };
        told.recv().await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::terminated;

    #[tokio::test]
    async fn a_signal_before_anybody_waits_for_it_is_heard() {
        for signal in [Signal::TERM, Signal::INT] {
            let told = terminated();
            kill_process(getpid(), signal).unwrap();
            told.await;
        }
    }
}
