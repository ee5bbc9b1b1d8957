//! What all services share.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::arm::deployments::{Deployments, Held};
use crate::arm::operations::Operations;
use crate::calls::Calls;
use crate::faults::Faults;
use crate::hidden::Hidden;
use crate::name_server::NameServers;
use crate::quotas::Quotas;
use crate::registrar::Registrar;
use crate::resource_graph::Graph;
use crate::signing::Signing;
use crate::tokens::Tokens;
use crate::{Options, Workspace, World, application_insights, ingestion};

/// The state behind every surface. Locks are held for the time of a look or a change, never across an await.
#[derive(Debug)]
pub struct State {
    /// What the stand-in was started with.
    pub options: Options,
    /// The log of calls.
    pub calls: Calls,
    pub(crate) faults: Faults,
    pub(crate) tokens: Tokens,
    pub(crate) signing: Signing,
    pub(crate) hidden: Hidden,
    pub(crate) name_servers: NameServers,
    pub(crate) quotas: Quotas,
    pub(crate) registrar: Registrar,
    pub(crate) graph: Graph,
    pub(crate) deployments: Deployments,
    pub(crate) held: Held,
    pub(crate) operations: Operations,
    world: RwLock<World>,
    workspace: Mutex<Workspace>,
}

impl State {
    /// The state at the start; `stop` ends the name servers that are opened later.
    pub(crate) fn new(mut options: Options, stop: CancellationToken) -> Self {
        let mut world = options.world.take().unwrap_or_default();
        let registrar = Registrar::new(options.registration_delay, &mut world);
        let quotas = Quotas::default();
        quotas.enable(options.quotas);
        let mut workspace = Workspace::new(options.ingestion_delay);
        workspace.ensure_tables(ingestion::tables(&world));
        workspace.ensure_tables(application_insights::tables());
        Self {
            operations: Operations::new(options.retry_after),
            options,
            tokens: Tokens::default(),
            signing: Signing::default(),
            hidden: Hidden::default(),
            name_servers: NameServers::new(stop),
            quotas,
            registrar,
            graph: Graph::default(),
            deployments: Deployments::default(),
            held: Held::default(),
            calls: Calls::default(),
            faults: Faults::default(),
            world: RwLock::new(world),
            workspace: Mutex::new(workspace),
        }
    }

    /// What the clock says by which data is dated.
    pub fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// The world, to look at.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, to change.
    pub fn world_mut(&self) -> ChangingWorld<'_> {
        let world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        ChangingWorld { world, registrar: &self.registrar, name_servers: &self.name_servers }
    }

    /// Whether the services refuse what goes over their quotas.
    pub fn quotas_on(&self) -> bool {
        self.quotas.enabled()
    }

    /// The workspace's tables, with all rows that can be seen by now.
    pub fn workspace(&self) -> MutexGuard<'_, Workspace> {
        let mut workspace = self.workspace.lock().unwrap_or_else(PoisonError::into_inner);
        workspace.show_due();
        workspace
    }
}

/// The world while it is changed; when it is let go, Azure registers what is due, and name servers that lag take note.
#[derive(Debug)]
pub struct ChangingWorld<'s> {
    world: RwLockWriteGuard<'s, World>,
    registrar: &'s Registrar,
    name_servers: &'s NameServers,
}

impl Deref for ChangingWorld<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for ChangingWorld<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Drop for ChangingWorld<'_> {
    fn drop(&mut self) {
        self.registrar.note(&mut self.world);
        self.name_servers.note(&self.world);
    }
}
