//! What all services share.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::arm::deployments::Deployments;
use crate::calls::Calls;
use crate::faults::Faults;
use crate::quotas::Quotas;
use crate::resource_graph::Graph;
use crate::{Options, Workspace, World, ingestion};

/// The state behind every surface. Locks are held for the time of a look or a change, never across an await.
#[derive(Debug)]
pub struct State {
    /// What the stand-in was started with.
    pub options: Options,
    /// The log of calls.
    pub calls: Calls,
    pub(crate) faults: Faults,
    pub(crate) quotas: Quotas,
    pub(crate) graph: Graph,
    pub(crate) deployments: Deployments,
    world: RwLock<World>,
    workspace: Mutex<Workspace>,
}

impl State {
    /// The state at the start.
    pub(crate) fn new(mut options: Options) -> Self {
        let world = options.world.take().unwrap_or_default();
        let quotas = Quotas::default();
        quotas.enable(options.quotas);
        let mut workspace = Workspace::default();
        workspace.ensure_tables(ingestion::tables(&world));
        Self {
            options,
            quotas,
            graph: Graph::default(),
            deployments: Deployments::default(),
            calls: Calls::default(),
            faults: Faults::default(),
            world: RwLock::new(world),
            workspace: Mutex::new(workspace),
        }
    }

    /// The world, to look at.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, to change.
    pub fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the services refuse what goes over their quotas.
    pub fn quotas_on(&self) -> bool {
        self.quotas.enabled()
    }

    /// The workspace's tables.
    pub fn workspace(&self) -> MutexGuard<'_, Workspace> {
        self.workspace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
