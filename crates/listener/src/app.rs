//! The listener's state: a handle that every request shares.

use std::{fmt, sync::Arc};

use hookproof_contract::Secret;
use ipnet::IpNet;

use crate::{
    config::{Config, Limits},
    game::{DemoGame, Game},
    health::Health,
    metrics::Metrics,
    probe::Token,
    request_id::RequestIds,
    sources::Filter,
    store::{DatabaseError, Store},
};

/// A listener that is ready to serve; clones are the same listener.
pub struct App<G = DemoGame> {
    shared: Arc<Shared<G>>,
}

/// What the clones share.
pub(crate) struct Shared<G> {
    pub(crate) game: G,
    pub(crate) store: Store,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) probe: Option<Token>,
    pub(crate) unsigned_web_shop: bool,
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) limits: Limits,
    pub(crate) filter: Option<Filter>,
    pub(crate) health: Health,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) request_ids: RequestIds,
}

/// Why a listener cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Without a secret, nothing could ever be accepted.
    #[error("no secret key: name the project's webhook secret key")]
    NoSecret,
    /// The probe's token cannot stand in a query.
    #[error("the probe token is empty or holds other characters than letters, digits and `-._~`")]
    ProbeToken,
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl App<DemoGame> {
    /// Opens the database and starts a listener for the demonstration's game.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let game = DemoGame::new(config.users.clone());
        Self::open_with(config, game)
    }
}

impl<G: Game> App<G> {
    /// Opens the database and starts a listener for a game; `config.users` has no meaning then.
    pub fn open_with(config: Config, game: G) -> Result<Self, OpenError> {
        if config.secrets.is_empty() {
            return Err(OpenError::NoSecret);
        }
        let probe = match &config.probe_token {
            None => None,
            Some(token) => Some(Token::new(token.clone()).ok_or(OpenError::ProbeToken)?),
        };
        let metrics = Arc::new(Metrics::new());
        let store = Store::open(&config.db, &config.limits, Arc::clone(&metrics), G::HANDS_OVER)?;
        let shared = Shared {
            game,
            store,
            probe,
            filter: Filter::new(&config.allow, &config.proxies),
            health: Health::default(),
            metrics,
            request_ids: RequestIds::new(config.instance),
            secrets: config.secrets,
            unsigned_web_shop: config.unsigned_web_shop,
            proxies: config.proxies,
            limits: config.limits,
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl<G> App<G> {
    pub(crate) fn shared(&self) -> &Shared<G> {
        &self.shared
    }
}

impl<G> Clone for App<G> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<G> fmt::Debug for App<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
