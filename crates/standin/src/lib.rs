//! The local Azure: the wire of the services that heartbeat-dns talks to, with state behind it.
//!
//! [`start`] binds an HTTP listener (and, when asked, an https one and a name server) and serves one shared
//! [`State`]: what is written through Resource Manager is what Resource Graph, the list calls and the name
//! server answer. Nothing here shares a type with the product: it is a second reading of the wire, made from
//! the contracts and from recorded requests of real clients.
//!
//! Its own surface needs no token and is not in the log of calls; only programs of this machine may call it ([`loopback`]):
//!
//! | call | what |
//! |---|---|
//! | `GET`, `PUT /standin/world` | subscriptions, groups, zones, machines, workspace, rule, clients; absent: kept |
//! | `POST /standin/heartbeats` | rows of `Heartbeat`; their machines go on beating |
//! | `GET`, `DELETE /standin/calls` | what was asked: method, path, status, milliseconds |
//! | `GET`, `PUT`, `DELETE /standin/faults` | what shall go wrong, on which calls, how often |
//! | `GET`, `PUT /standin/quotas` | `{"enabled": true}` refuses what goes over Azure's quotas |
//! | `POST /standin/tokens/revoke` | the tokens issued so far are refused from now on |
//! | `POST /standin/tokens/sign` | a token over any claims, signed with the tenant's key |
//! | `POST /standin/tokens/rotate` | another key signs from now on, and the old one is withdrawn |
//! | `GET`, `PUT`, `DELETE /standin/ingestion-delay` | how long accepted rows stay unseen, by table |
//! | `GET`, `PUT`, `DELETE /standin/registration-delay` | how long Azure takes to register a machine in a private zone |
//! | `GET`, `PUT /standin/deployments` | `{"held": true, "after": 1}` lets no deployment go beyond so many resources |
//! | `GET`, `PUT`, `DELETE /standin/hidden` | subscriptions that the caller may no longer read |
//! | `GET`, `PUT`, `DELETE /standin/name-servers` | further name servers, which lag, lie or refuse |
//!
//! The way of a request: `connection` (a socket that can be cut) → `entry` (log, faults, latency) →
//! `surfaces` (which service is meant) → one file per service, each `fn(&Arc<State>, &Call) -> Reply`.

mod access;
pub mod action_group;
pub mod alert_rule;
mod application_insights;
mod arm;
mod calls;
pub mod clock;
mod connection;
mod control;
#[cfg(test)]
mod documentation;
mod entry;
mod faults;
mod federated;
pub mod functions_host;
pub mod heartbeats;
mod hidden;
mod identity;
mod ingestion;
mod listen;
pub mod logs_query;
pub mod loopback;
mod name_server;
mod options;
mod private_file;
mod quotas;
mod registrar;
mod reply;
mod request;
mod resource_graph;
mod server;
mod signing;
mod state;
mod surfaces;
mod tls;
mod tokens;
mod workspace;
pub mod world;

pub use calls::CallRecord;
pub use clock::Clock;
pub use options::Options;
pub use private_file::write_private;
pub(crate) use reply::Reply;
pub(crate) use request::Call;
pub use server::{Standin, start};
pub use state::{ChangingWorld, State};
pub use workspace::Workspace;
pub use world::World;
