//! The stand-in, asked over its sockets as a client would.

#![expect(clippy::expect_used, reason = "a test ends where its ground is missing")]

mod deployments;
mod documentation;
mod etags;
mod faults;
mod graph;
mod hidden;
mod locks;
mod loopback;
mod name_servers;
mod names;
mod paging;
mod quotas;
mod refusals;
mod stage;
mod tls;
mod tokens;
mod wire;
mod world;
