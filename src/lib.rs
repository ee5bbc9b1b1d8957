//! heartbeat-dns

pub mod cli;
pub mod handler;
