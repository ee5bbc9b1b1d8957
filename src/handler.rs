//! The custom handler: the HTTP surface that the Functions host calls, and nothing of Azure beyond it.

pub mod alert;
pub mod envelope;
pub mod queue;
