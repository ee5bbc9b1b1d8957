//! The name servers, over UDP and TCP: the public zones of the world, answered with authority; and the resolver, which
//! answers out of private zones as well.

mod answer;
mod follower;
mod further;
mod lookup;
mod manner;
mod resolver;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, MessageType, Metadata, OpCode, ResponseCode};
use hickory_server::proto::rr::{DNSClass, Record};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::State;

pub(crate) use further::NameServers;
pub(crate) use manner::Manner;
use resolver::Resolver;

/// How long a silent TCP connection stays open.
const IDLE: Duration = Duration::from_secs(10);
/// Answers that wait on one TCP connection at most.
const WAITING: usize = 64;

/// What answers on a port.
#[derive(Debug)]
pub(crate) enum Role {
    /// A name server of the public zones, which strays from the truth in this manner.
    Authority(Manner),
    /// An inbound endpoint in the networks that private zones are linked to.
    Resolver(Resolver),
}

impl Role {
    /// A resolver that has not been asked yet.
    pub(crate) fn resolver() -> Self {
        Self::Resolver(Resolver::default())
    }
}

/// Serves until told to stop.
pub(crate) fn serve(
    state: &Arc<State>,
    socket: UdpSocket,
    listener: TcpListener,
    address: IpAddr,
    role: Role,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let mut server = Server::new(Handler { state: Arc::clone(state), address, role });
    server.register_socket(socket);
    server.register_listener(listener, IDLE, WAITING);
    tokio::spawn(async move {
        stop.cancelled().await;
        // What it waits for are its own sockets; there is nobody to tell if closing one fails.
        let _ = server.shutdown_gracefully().await;
    })
}

struct Handler {
    state: Arc<State>,
    /// What the names of the zones' name servers resolve to: this server.
    address: IpAddr,
    role: Role,
}

#[async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut handle: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let found = self.find(request);
        metadata.response_code = found.code;
        metadata.authoritative = found.authoritative;
        metadata.recursion_available = matches!(self.role, Role::Resolver(_));
        let mut edns = Edns::new();
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(asked) = &request.edns {
            edns.set_max_payload(asked.max_payload().max(512)).set_version(0);
            builder.edns(&edns);
        }
        let nothing: [Record; 0] = [];
        let response = builder.build(metadata, &found.answers, &found.authority, &nothing, &found.additional);
        match handle.send_response(response).await {
            Ok(info) => info,
            Err(_) => {
                let mut metadata = Metadata::new(request.metadata.id, MessageType::Response, OpCode::Query);
                metadata.response_code = ResponseCode::ServFail;
                Header { metadata, counts: HeaderCounts::default() }.into()
            }
        }
    }
}

impl Handler {
    fn find(&self, request: &Request) -> answer::Found {
        if request.metadata.op_code != OpCode::Query {
            return answer::Found::code(ResponseCode::NotImp);
        }
        let Ok(info) = request.request_info() else {
            return answer::Found::code(ResponseCode::FormErr);
        };
        if info.query.query_class() != DNSClass::IN {
            return answer::Found::code(ResponseCode::Refused);
        }
        let name = info.query.original().name();
        let (asked, address) = (info.query.query_type(), self.address);
        let manner = match &self.role {
            Role::Authority(manner) => manner,
            Role::Resolver(resolver) => return resolver.find(&self.state.world(), name, asked, address),
        };
        if manner.refuse {
            return answer::Found::code(ResponseCode::Refused);
        }
        if let Some(lie) = manner.lie(name, asked) {
            return lie;
        }
        match &manner.follower {
            Some(follower) => follower.look(|world| answer::find(world, name, asked, address)),
            None => answer::find(&self.state.world(), name, asked, address),
        }
    }
}
