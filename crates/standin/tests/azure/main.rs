//! The stand-in, asked over its sockets as a client would.

#![expect(clippy::expect_used, reason = "a test ends where its ground is missing")]

mod bodies;
mod deployment_history;
mod deployment_limits;
mod deployment_outputs;
mod deployment_rules;
mod deployments;
mod dns_habits;
mod documentation;
mod etags;
mod faults;
mod graph;
mod graph_changes;
mod graph_forms;
mod groups;
mod headers;
mod hidden;
mod identities;
mod locks;
mod logs;
mod loopback;
mod management_groups;
mod monitor;
mod name_servers;
mod names;
mod paging;
mod private_zones;
mod published;
mod quotas;
mod record_types;
mod refusals;
mod registrations;
mod resolver;
mod resources;
mod roles;
mod sessions;
mod shapes;
mod stage;
mod stage_bodies;
mod tag_rules;
mod tags;
mod tls;
mod tokens;
mod wire;
mod world;
