//! Other protocols and addresses that are served where the target does not answer as its URL says.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};

use super::{Connection, Endpoint, Request, TlsFault, Trust, Wire};

/// Time that one of these questions may take.
const ASKING_MAX: Duration = Duration::from_secs(2);

/// The addresses of this machine alone.
pub(super) const LOOPBACK: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

impl Wire {
    /// Returns true if the first endpoint answers plain HTTP on the port that its URL gives for TLS.
    pub(crate) async fn answers_plain_http(&self) -> bool {
        let endpoint = &self.endpoints[0];
        if !endpoint.tls {
            return false;
        }
        let asking = async {
            let tcp = endpoint.dial().await.ok()?;
            let mut connection = Connection::new(Box::new(tcp));
            let request = Request::bare("GET");
            let pieces = endpoint.pieces(&request, false);
            self.talk(&mut connection, &pieces, request.method, ASKING_MAX).await.ok()
        };
        timeout(ASKING_MAX, asking).await.is_ok_and(|reply| reply.is_some())
    }

    /// Returns true if the first endpoint speaks TLS on the port that its URL gives for plain HTTP.
    pub(crate) async fn speaks_tls(&self) -> bool {
        let endpoint = &self.endpoints[0];
        if endpoint.tls {
            return false;
        }
        let asking = async {
            let tcp = endpoint.dial().await.ok()?;
            match Trust::anybody().handshake(&endpoint.host, tcp).await {
                Ok(_) => Some(()),
                // A server that refuses with an alert speaks TLS.
                Err(error) => TlsFault::is_alert(&error).then_some(()),
            }
        };
        timeout(ASKING_MAX, asking).await.is_ok_and(|spoken| spoken.is_some())
    }

    /// The other loopback address, where somebody listens there on the port of the first endpoint.
    pub(crate) async fn other_loopback(&self) -> Option<String> {
        let Endpoint { host, port, .. } = &self.endpoints[0];
        let host: IpAddr = host.parse().ok()?;
        let other = LOOPBACK.into_iter().find(|address| host.is_loopback() && *address != host)?;
        let connecting = TcpStream::connect((other, *port));
        let connected = timeout(ASKING_MAX, connecting).await.ok()?;
        connected.is_ok().then(|| std::net::SocketAddr::new(other, *port).to_string())
    }
}
