//! What a run asks, of whom, and how much.

use std::{sync::Arc, time::Duration};

use hookproof_contract::{
    Mode, NotificationType, Secret,
    spec::{Need, Product, Spec},
};
use url::Url;

use crate::{project::Project, spawn::Spawn, wire::Trust};

/// Users that the suite expects in the listener's game when none are named.
pub const KNOWN_USERS: [&str; 2] = ["player-1001", "player-2002"];

/// A user that the suite expects nobody to be. Xsolla's own examples refuse ids that begin so.
pub const UNKNOWN_USER: &str = "test_xsolla_nobody";

/// Items that the suite expects in the listener's game when none are named.
pub const SKUS: [&str; 2] = ["sword_01", "gold"];

/// Plans of subscriptions that the suite expects in the listener's game when none are named.
pub const PLANS: [&str; 2] = ["monthly_premium", "yearly_premium"];

/// The product that a listener serves when none is named.
pub const PRODUCT: &str = "in-game-store";

/// Generated values per property.
pub const CASES: u32 = 64;

/// Checks that are asked at the same time.
pub const JOBS: usize = 8;

/// How long the suite waits for one answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// How the effects are read. Either gives the published form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// A URL with `{user}` in the place of the user's id.
    Url(String),
    /// A command with `{user}` in the place of the user's id, as `sh -c` takes it.
    Command(String),
}

/// What is asked of whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// The listener's URL; several are replicas of one listener, and requests are spread over them.
    pub targets: Vec<Url>,
    /// Certificates that are trusted where a URL begins with `https`.
    pub trust: Trust,
    /// The project's secret.
    pub secret: Secret,
    /// Users that exist in the listener's game, at least one.
    pub known_users: Vec<String>,
    /// A user that does not exist in the listener's game.
    pub unknown_user: String,
    /// Items that exist in the listener's game; empty where nobody named any.
    pub skus: Vec<String>,
    /// Plans of subscriptions that exist in the listener's game, at least one.
    pub plans: Vec<String>,
    /// Delivery modes that the listener must serve, at least one.
    pub modes: Vec<Mode>,
    /// Notification types that the listener must handle, as [`types_of`] gives them; those of the
    /// In-Game Store in both modes by default.
    pub types: Vec<NotificationType>,
    /// Whether the listener must answer the question of a Web Shop, which has no type.
    pub web_shop: bool,
    /// By what the first known user is found in `user_search`: a nickname or an address.
    pub public_id: Option<String>,
    /// Ids, prices and currency of the project: payloads keep to them.
    pub project: Arc<Project>,
    /// How the effects are read.
    pub probe: Option<Probe>,
    /// The least time that an effect may take to show.
    pub probe_delay: Duration,
    /// How the listener is started, where the suite owns its process.
    pub spawn: Option<Spawn>,
    /// Patterns of checks or clauses to ask; empty means all.
    pub only: Vec<String>,
    /// Patterns of checks or clauses to leave out.
    pub skip: Vec<String>,
    /// The source of every random choice.
    pub seed: u64,
    /// The first transaction and order id; every run needs ids that the target has not seen.
    pub first_id: u64,
    /// Generated values per property.
    pub cases: u32,
    /// Checks that are asked at the same time.
    pub jobs: usize,
    /// How long to wait for one answer.
    pub timeout: Duration,
    /// How long to wait for the target to accept connections.
    pub wait_for_target: Duration,
    /// The longest time that the run may take: what does not fit into it is left out.
    pub max_time: Option<Duration>,
    /// Whether a broken `should` fails the run.
    pub strict: bool,
    /// Seeds under which checks failed before; they are asked first.
    pub stored: Vec<StoredSeed>,
    /// Whether what was done last goes into the report of every check, not of a failed one alone.
    pub keep_steps: bool,
}

/// The questions under which a check failed before, and would again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeed {
    /// The check's id.
    pub check: String,
    /// The source of its random choices.
    pub seed: u64,
    /// Generated values per property, at least: the one that failed is among them.
    pub cases: u32,
}

impl Options {
    /// Options with the published defaults, for a target and its secret.
    pub fn new(target: Url, secret: Secret, seed: u64, first_id: u64) -> Self {
        Self {
            targets: vec![target],
            trust: Trust::public(),
            secret,
            known_users: KNOWN_USERS.map(str::to_owned).to_vec(),
            unknown_user: UNKNOWN_USER.to_owned(),
            skus: Vec::new(),
            plans: PLANS.map(str::to_owned).to_vec(),
            modes: Mode::ALL.to_vec(),
            types: types_of(product(PRODUCT).as_slice(), &[], &Mode::ALL),
            web_shop: false,
            public_id: None,
            project: Arc::default(),
            probe: None,
            probe_delay: Duration::ZERO,
            spawn: None,
            only: Vec::new(),
            skip: Vec::new(),
            seed,
            first_id,
            cases: CASES,
            jobs: JOBS,
            timeout: TIMEOUT,
            wait_for_target: Duration::ZERO,
            max_time: None,
            strict: false,
            stored: Vec::new(),
            keep_steps: false,
        }
    }

    /// What there must be at least one of, and is not.
    pub(crate) fn lacks(&self) -> Option<&'static str> {
        let needed = [
            ("target", self.targets.is_empty()),
            ("known user", self.known_users.is_empty()),
            ("delivery mode", self.modes.is_empty()),
        ];
        needed.into_iter().find_map(|(what, lacking)| lacking.then_some(what))
    }
}

/// The product of this name, as in `spec/products.toml`.
pub fn product(name: &str) -> Option<&'static Product> {
    Spec::embedded().products.iter().find(|product| product.id == name)
}

/// The types that a listener must handle for these products in these modes, and these besides.
pub fn types_of(
    products: &[&Product],
    also: &[NotificationType],
    modes: &[Mode],
) -> Vec<NotificationType> {
    let needed = |kind| {
        let pairs =
            products.iter().flat_map(|product| modes.iter().map(move |mode| (product, *mode)));
        pairs.into_iter().any(|(product, mode)| product.needs(kind, mode) == Need::Required)
    };
    NotificationType::ALL.into_iter().filter(|kind| also.contains(kind) || needed(*kind)).collect()
}

/// Whether one of these products asks the Web Shop's question: [`Options::web_shop`].
pub fn asks_web_shop(products: &[&Product]) -> bool {
    products.iter().any(|product| product.web_shop_validation == Need::Required)
}

/// The first id of a run that starts at this time: no run meets the ids of an earlier one.
///
/// Ids stay below 2^53, so that a listener that reads them as floats is told apart by the checks made
/// for it, and not by all of them.
pub const fn first_id_at(unix_millis: u64) -> u64 {
    unix_millis.saturating_mul(IDS_PER_MILLISECOND)
}

/// Until 2039 this keeps the first id below 2^53.
pub(crate) const IDS_PER_MILLISECOND: u64 = 4096;
