//! A query runs on a stack of its own, so that its nesting never depends on the caller's.

/// Bytes of the stack; only what is used is ever touched.
const SIZE: usize = 256 << 20;

/// Runs the work there; nothing when no thread could be started or the work panicked.
pub(crate) fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("kql".to_owned()).stack_size(SIZE);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}
