//! A socket that can be cut: a fault must look to the client like a real broken connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::listen::Plain;
use crate::tls::Secure;

/// The handle by which a request cuts the connection it came on.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    cut: Arc<AtomicBool>,
    /// The scheme under which the caller came.
    pub(crate) scheme: &'static str,
}

impl Wire {
    /// From now on every write fails, so the server drops the socket; the peer sees a reset.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Plain>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Plain>) -> Self {
        stream.io().wire.clone()
    }
}

impl Connected<IncomingStream<'_, Secure>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Secure>) -> Self {
        stream.io().wire.clone()
    }
}

/// An accepted connection, plain or over TLS.
pub(crate) struct Connection {
    stream: Stream,
    wire: Wire,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    /// A plain connection.
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self { stream: Stream::Plain(stream), wire: Wire { cut: Arc::default(), scheme: "http" } }
    }

    /// A connection after the TLS handshake.
    pub(crate) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), wire: Wire { cut: Arc::default(), scheme: "https" } }
    }

    /// Once cut: makes the close an abortive one (RST) and refuses to carry anything more.
    fn refuse_when_cut(&self) -> io::Result<()> {
        if !self.wire.cut.load(Ordering::Acquire) {
            return Ok(());
        }
        let socket = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        socket.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.refuse_when_cut()?;
        match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.refuse_when_cut()?;
        match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.refuse_when_cut()?;
        match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.refuse_when_cut()?;
        match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
