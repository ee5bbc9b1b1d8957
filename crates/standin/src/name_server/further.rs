//! The name servers besides the first one: opened, listed and closed while the stand-in runs.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::follower::Followers;
use super::{Manner, Role, serve};
use crate::{State, World, listen};

/// How many there may be.
const MOST: usize = 16;
/// How long one that is closed may take.
const GRACE: Duration = Duration::from_secs(2);

/// One that runs.
#[derive(Debug)]
struct Running {
    address: SocketAddr,
    manner: Manner,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn close(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// All name servers of the stand-in.
#[derive(Debug)]
pub(crate) struct NameServers {
    stop: CancellationToken,
    first: OnceLock<SocketAddr>,
    // Held across awaits, so that two replacements do not mix.
    further: tokio::sync::Mutex<Vec<Running>>,
    followers: Mutex<Followers>,
}

impl NameServers {
    /// None yet; `stop` ends those that come.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        let (first, further) = (OnceLock::new(), tokio::sync::Mutex::default());
        Self { stop, first, further, followers: Mutex::default() }
    }

    /// Says where the first one listens.
    pub(crate) fn set_first(&self, address: SocketAddr) {
        // It is said once, at the start.
        let _ = self.first.set(address);
    }

    /// Takes note of a change of the world, for those that lag.
    pub(crate) fn note(&self, world: &World) {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner).note(world);
    }

    /// All of them, the first one in front.
    pub(crate) async fn list(&self) -> Value {
        let first = self.first.get().map(|address| Manner::default().show(&address.to_string()));
        let further = self.further.lock().await;
        first.into_iter().chain(further.iter().map(|one| one.manner.show(&one.address.to_string()))).collect()
    }

    /// Closes the further ones and opens others, one for each entry; gives the new ones in the same order.
    ///
    /// # Errors
    /// The place that is wrong, or why a port cannot be had; nothing is replaced then.
    pub(crate) async fn replace(&self, state: &Arc<State>, body: &Value) -> Result<Value, String> {
        let list = body.as_array().ok_or("an array of name servers is wanted")?;
        if list.len() > MOST {
            return Err(format!("{} name servers are wanted, {MOST} can be had", list.len()));
        }
        let manners = list
            .iter()
            .enumerate()
            .map(|(index, value)| Manner::read(value).map_err(|error| format!("[{index}]{error}")))
            .collect::<Result<Vec<_>, _>>()?;
        let mut further = self.further.lock().await;
        let mut sockets = Vec::with_capacity(manners.len());
        for _ in &manners {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            sockets.push(listen::udp_and_tcp(any, false).await.map_err(|error| format!("{error:#}"))?);
        }
        let mut opened = Vec::with_capacity(manners.len());
        for (mut manner, (socket, listener)) in manners.into_iter().zip(sockets) {
            let address = listener.local_addr().map_err(|error| error.to_string())?;
            if !manner.lag.is_zero() {
                // Nobody changes the world between this look and the follower's first note.
                let world = state.world();
                let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
                manner.follower = Some(followers.add(&world, manner.lag));
            }
            let stop = self.stop.child_token();
            let role = Role::Authority(manner.clone());
            let task = serve(state, socket, listener, address.ip(), role, stop.clone());
            opened.push(Running { address, manner, stop, task });
        }
        let shown = opened.iter().map(|one| one.manner.show(&one.address.to_string())).collect::<Vec<_>>();
        for old in std::mem::replace(&mut *further, opened) {
            old.close().await;
        }
        Ok(json!(shown))
    }

    /// Closes the further ones.
    pub(crate) async fn closed(&self) {
        for old in std::mem::take(&mut *self.further.lock().await) {
            old.close().await;
        }
    }
}
