//! The scenery of `heartbeat-dns local`: the stand-in for Azure, a Functions host around a handler, an alert rule with its
//! action group, a street with machines that beat, and somebody who watches and tells.
//!
//! It knows the product as Azure and a person do: by its wire. What it cannot read there (the handler's variables, the
//! alert rule's query, which files the host reads) is handed in as plain values:
//!
//! 1. [`Stage::set`] starts the stand-in and says in [`Places`] where everything is;
//! 2. [`Stage::start`] takes the [`Handler`], whose variables were made from those places, and starts it;
//! 3. [`Playing::open`] tells where everything is, [`Playing::play`] goes on to the end.

mod app;
mod board;
mod cast;
mod given;
mod head;
mod host_name;
mod ledger;
mod night;
mod packets;
mod page;
mod playing;
mod port;
mod recording;
mod records;
mod replay;
mod stage;
mod street;
mod surface;
mod tags;
mod tick;
mod timeline;
mod visible;
mod watch;

pub use app::App;
pub use cast::{Form, Play, Wanted};
pub use playing::Playing;
pub use recording::{Files, Recording, parse_time};
pub use stage::{Handler, Places, Stage};
pub use standin::clock::Course;
pub use standin::write_private;
