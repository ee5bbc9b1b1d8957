//! Binding sockets: an exact port, any port, or the next free one.

use std::io;
use std::net::SocketAddr;

use anyhow::Context;
use axum::serve::Listener;
use tokio::net::{TcpListener, UdpSocket};

use crate::connection::Connection;

/// How many ports above a taken one are tried.
const TRIED: u16 = 50;

/// Binds a TCP listener; with `next_free`, a taken port is replaced by the next free one above it.
pub(crate) async fn tcp(address: SocketAddr, next_free: bool) -> anyhow::Result<TcpListener> {
    let mut wanted = address;
    loop {
        match TcpListener::bind(wanted).await {
            Ok(listener) => return Ok(listener),
            Err(error) => wanted = after(address, wanted, next_free, error)?,
        }
    }
}

/// Binds UDP and TCP on one port.
pub(crate) async fn udp_and_tcp(
    address: SocketAddr,
    next_free: bool,
) -> anyhow::Result<(UdpSocket, TcpListener)> {
    let mut wanted = address;
    let mut any_port = 0;
    loop {
        let error = match TcpListener::bind(wanted).await {
            Ok(listener) => match UdpSocket::bind(listener.local_addr()?).await {
                Ok(socket) => return Ok((socket, listener)),
                Err(_) if wanted.port() == 0 && any_port < TRIED => {
                    any_port += 1;
                    continue;
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        wanted = after(address, wanted, next_free, error)?;
    }
}

/// The address to try after `wanted` failed.
fn after(
    first: SocketAddr,
    wanted: SocketAddr,
    next_free: bool,
    error: io::Error,
) -> anyhow::Result<SocketAddr> {
    let next = wanted.port().checked_add(1).filter(|port| port - first.port() <= TRIED);
    match next {
        Some(port) if next_free && first.port() != 0 && error.kind() == io::ErrorKind::AddrInUse => {
            Ok(SocketAddr::new(first.ip(), port))
        }
        _ => Err(error).with_context(|| format!("failed to listen on {wanted}")),
    }
}

/// A plain listener whose connections can be cut.
pub(crate) struct Plain(pub(crate) TcpListener);

impl Listener for Plain {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = accept(&mut self.0).await;
        (Connection::plain(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpListener::local_addr(&self.0)
    }
}

/// Accepts through axum's own loop, which rides out a shortage of file handles.
pub(crate) async fn accept(listener: &mut TcpListener) -> (tokio::net::TcpStream, SocketAddr) {
    let (stream, address) = Listener::accept(listener).await;
    // Without it small answers wait for the client's delayed acknowledgement; failing is harmless.
    let _ = stream.set_nodelay(true);
    (stream, address)
}
