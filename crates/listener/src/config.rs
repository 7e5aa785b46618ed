//! What a listener is told before it starts.

use std::{
    collections::BTreeSet,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use hookproof_contract::Secret;
use ipnet::IpNet;

use crate::{db::Db, game::DEMO_USERS, sources::Source};

/// Port that [`Config::new`] proposes.
const PORT: u16 = 8080;

/// Everything a listener is told. Reading files, flags and the environment is the program's work.
#[derive(Clone)]
pub struct Config {
    /// Where the program binds the socket that it hands to [`run`](crate::run).
    pub listen: SocketAddr,
    /// The database: a file, or a PostgreSQL server.
    pub db: Db,
    /// The project's secret keys: one, or several while a key is rotated (clause SIG-16).
    pub secrets: Vec<Secret>,
    /// The users whom the [`DemoGame`](crate::DemoGame) knows.
    pub users: BTreeSet<String>,
    /// Opens the read-only probe to whoever names this token. Without a token there is no probe.
    pub probe_token: Option<String>,
    /// Answers the Web Shop's question without a signature, as its published sample has none (clause
    /// WEBSHOP-03). It tells anybody whether an id exists; where the shop signs, or there is none,
    /// say false, and the question needs a signature like everything else.
    pub unsigned_web_shop: bool,
    /// Whose webhooks are let in, in addition to the signature (clause NET-04); nothing for everybody's.
    /// Loopback is no exception.
    pub allow: Vec<Source>,
    /// Proxies whose `X-Forwarded-For` is believed (clause NET-03).
    pub proxies: Vec<IpNet>,
    /// Begins the ids of the requests in the log, so that those of several processes differ.
    pub instance: u32,
    /// The bounds.
    pub limits: Limits,
}

impl Config {
    /// The defaults for one database and one secret: loopback only, the demo's users, no probe.
    pub fn new(db: impl Into<Db>, secret: Secret) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
            db: db.into(),
            secrets: vec![secret],
            users: DEMO_USERS.map(str::to_owned).into(),
            probe_token: None,
            unsigned_web_shop: true,
            allow: Vec::new(),
            proxies: Vec::new(),
            instance: 0,
            limits: Limits::default(),
        }
    }
}

impl fmt::Debug for Config {
    /// Says whether there is a probe token, not which; secrets mask themselves.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("db", &self.db)
            .field("secrets", &self.secrets)
            .field("users", &self.users.len())
            .field("probe_token", &self.probe_token.is_some())
            .field("unsigned_web_shop", &self.unsigned_web_shop)
            .field("allow", &self.allow)
            .field("proxies", &self.proxies)
            .field("instance", &self.instance)
            .field("limits", &self.limits)
            .finish()
    }
}

/// The bounds of one listener. Nothing that a stranger can make grow is without one.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a body. An order of 300 items takes about a tenth of the default.
    pub body_bytes_max: usize,
    /// Time for a body to arrive, from the end of the headers.
    pub body_time_max: Duration,
    /// Bytes of a request's line and headers. The server needs at least 8 KiB.
    pub head_bytes_max: usize,
    /// Headers of a request.
    pub headers_max: usize,
    /// Time for the head of a request to arrive, from its first byte.
    pub head_time_max: Duration,
    /// Connections served at once. A further one takes the place of the one that has kept its
    /// request back the longest; where none has, it waits.
    pub connections_max: usize,
    /// Connections of one address, trusted proxies apart; 0 for no bound but that of all.
    pub connections_per_address_max: usize,
    /// Time in which a connection asks nothing before it is closed.
    pub idle_time_max: Duration,
    /// Time between the wish to stop and its beginning. The listener works as before, and says that
    /// it is not ready, so that a load balancer sends nobody any more.
    pub drain_time: Duration,
    /// Time that accepted requests have to finish after the shutdown began.
    pub shutdown_time_max: Duration,
    /// Events that wait for the writer. More are answered with 503, and the sender tries again.
    pub queue_max: usize,
    /// Events of one transaction: bounds what a failed commit takes with it.
    pub batch_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 1024 * 1024,
            body_time_max: Duration::from_secs(10),
            head_bytes_max: 16 * 1024,
            headers_max: 100,
            head_time_max: Duration::from_secs(10),
            connections_max: 1024,
            connections_per_address_max: 0,
            idle_time_max: Duration::from_secs(75),
            drain_time: Duration::ZERO,
            shutdown_time_max: Duration::from_secs(10),
            queue_max: 4096,
            batch_max: 512,
        }
    }
}
