//! A sign of life on standard error while Azure is asked, when somebody watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner that leaves nothing behind; it is silent unless standard error is a terminal.
pub(super) struct Spinner(ProgressBar);

impl Spinner {
    /// Starts with what is being done.
    pub(super) fn start(words: &'static str) -> Self {
        // The draw target is hidden by itself when standard error is no terminal.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.set_message(words);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Says what is being done now.
    pub(super) fn now(&self, words: impl Into<std::borrow::Cow<'static, str>>) {
        self.0.set_message(words);
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
