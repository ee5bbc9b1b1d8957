//! heartbeat-dns
