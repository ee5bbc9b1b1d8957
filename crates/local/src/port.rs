//! A port of loopback: the wanted one, or the next that is free.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use tokio::net::TcpListener;

/// How many ports above a taken one are tried.
const TRIED: u16 = 50;

/// Listens on `port`, or on the next free one; 0: on any.
///
/// # Errors
/// When none of them can be had.
pub(crate) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr)> {
    let mut wanted = port;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await {
            Ok(listener) => {
                let address = listener.local_addr()?;
                return Ok((listener, address));
            }
            Err(fault)
                if fault.kind() == std::io::ErrorKind::AddrInUse && wanted < port.saturating_add(TRIED) =>
            {
                wanted += 1;
            }
            Err(fault) => return Err(fault).with_context(|| format!("cannot listen on port {wanted}")),
        }
    }
}
