//! Starting a listener, sending it webhooks, and reading its probe.

use std::{collections::BTreeMap, marker::PhantomData, net::SocketAddr};

use hookproof_contract::{
    Mode, NotificationType, Secret, payload::Payload, signature::authorization,
};
use hookproof_listener::{App, Config, Db, Game, run_with_admin};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::server;

pub(crate) const USER: &str = "player-1001";
pub(crate) const PUBLIC_ID: &str = "player-1001@example.org";
pub(crate) const TOKEN: &str = "probe-token";

pub(crate) fn secret() -> Secret {
    Secret::new("example-project-secret").unwrap()
}

/// An engine that listeners are asked on.
pub(crate) trait Engine: Send + Sync + 'static {
    /// A database that is new.
    fn database(folder: &TempDir) -> Db;
}

/// Each in a file of its own.
pub(crate) struct Sqlite;

impl Engine for Sqlite {
    fn database(folder: &TempDir) -> Db {
        folder.path().join("listener.db").into()
    }
}

/// Each in a database of its own, of one server. Where there is none, a line has said so, and SQLite is
/// asked once more.
pub(crate) struct Postgres;

impl Engine for Postgres {
    fn database(folder: &TempDir) -> Db {
        match server::shared() {
            Some(server) => Db::parse(&server.database()).unwrap(),
            None => Sqlite::database(folder),
        }
    }
}

/// A listener that is running.
pub(crate) struct Listener<E> {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) config: Config,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
    engine: PhantomData<E>,
}

impl<E: Engine> Listener<E> {
    /// Starts one with the defaults, and the probe.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(E::database(&folder), secret());
        config.probe_token = Some(TOKEN.to_owned());
        change(&mut config);
        Self::serve(config, folder).await
    }

    /// Starts another one on the same database, beside it.
    pub(crate) async fn replica(&self) -> Self {
        Self::serve(self.config.clone(), tempfile::tempdir().unwrap()).await
    }

    /// Starts one for another game than the demonstration's.
    pub(crate) async fn start_game(game: impl Game) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::serve_game(Config::new(E::database(&folder), secret()), folder, game).await
    }

    /// Starts another one for that game on the same database, beside it.
    pub(crate) async fn replica_game(&self, game: impl Game) -> Self {
        Self::serve_game(self.config.clone(), tempfile::tempdir().unwrap(), game).await
    }

    /// Stops it, and starts another for that game on the same database.
    pub(crate) async fn restart_game(self, game: impl Game) -> Self {
        let (config, folder) = self.stopped().await;
        Self::serve_game(config, folder, game).await
    }

    /// Ends it wherever it is, and starts another for that game on the same database.
    pub(crate) async fn crash_game(self, game: impl Game) -> Self {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
        Self::serve_game(self.config, self.folder, game).await
    }

    async fn serve(config: Config, folder: TempDir) -> Self {
        let app = App::open(config.clone()).unwrap();
        Self::serve_app(config, folder, app).await
    }

    async fn serve_game(config: Config, folder: TempDir, game: impl Game) -> Self {
        let app = App::open_with(config.clone(), game).unwrap();
        Self::serve_app(config, folder, app).await
    }

    async fn serve_app(config: Config, folder: TempDir, app: App<impl Game>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let admin_socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let admin = admin_socket.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let task = tokio::spawn(run_with_admin(socket, Some(admin_socket), app, shutdown));
        Self { address, admin, config, folder, stop, task, engine: PhantomData }
    }

    /// Stops it, and starts another on the same database.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(|_| ()).await
    }

    pub(crate) async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let (mut config, folder) = self.stopped().await;
        change(&mut config);
        Self::serve(config, folder).await
    }

    /// Stops it; what is left.
    async fn stopped(self) -> (Config, TempDir) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
        if let Some(file) = self.config.db.file() {
            let log = file.with_extension("db-wal");
            assert!(!log.exists(), "a database that was closed is one file");
        }
        (self.config, self.folder)
    }

    /// Begins its shutdown.
    pub(crate) fn stop(self) -> JoinHandle<std::io::Result<()>> {
        self.stop.send(()).unwrap();
        self.task
    }

    /// The same, and the folder of its database.
    pub(crate) fn stop_kept(self) -> (JoinHandle<std::io::Result<()>>, TempDir) {
        self.stop.send(()).unwrap();
        (self.task, self.folder)
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::to(self.address).await
    }

    /// Sends a body, signed as it is.
    pub(crate) async fn send_bytes(&self, body: &[u8]) -> Reply {
        let signature = authorization(body, &secret());
        self.send_as("/webhook", body, Some(&signature)).await
    }

    pub(crate) async fn send(&self, payload: &Payload) -> Reply {
        self.send_bytes(&payload.to_bytes()).await
    }

    pub(crate) async fn send_as(
        &self,
        path: &str,
        body: &[u8],
        authorization: Option<&str>,
    ) -> Reply {
        let mut connection = self.connect().await;
        connection.write(&post(path, body, authorization)).await;
        connection.reply().await
    }

    #[track_caller]
    pub(crate) fn accepts(&self, payload: &Payload) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let reply = self.send(payload).await;
            assert_eq!(reply.status, 204, "{caller}: {reply:?}");
            assert!(reply.body.is_empty(), "{caller}: {reply:?}");
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        get(self.address, path).await
    }

    /// A counter or gauge by its name and labels.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        self.metric_text(name).await.parse().unwrap()
    }

    pub(crate) async fn metric_text(&self, name: &str) -> String {
        let text = String::from_utf8(get(self.admin, "/metrics").await.body).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no `{name}` in:\n{text}")).to_owned()
    }

    pub(crate) async fn probe(&self, user: &str) -> Value {
        let reply = self.get(&format!("/probe/{user}?token={TOKEN}")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// What the known user owns.
    pub(crate) async fn items(&self) -> Value {
        self.probe(USER).await["items"].take()
    }

    /// A subscription of the known user.
    pub(crate) async fn subscription(&self, id: i64) -> Value {
        self.probe(USER).await["subscriptions"][id.to_string()].take()
    }

    /// State and number of refunds of a transaction of the known user.
    pub(crate) async fn transaction(&self, id: i64) -> Value {
        self.probe(USER).await["transactions"][id.to_string()].take()
    }
}

/// A socket to a listener.
pub(crate) struct Connection {
    stream: TcpStream,
}

/// Asks for a page.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Reply {
    let mut connection = Connection::to(address).await;
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    connection.write(request.as_bytes()).await;
    connection.reply().await
}

impl Connection {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap() }
    }

    /// Writes, if the other side is still there.
    pub(crate) async fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Whether the other side closes without a word.
    pub(crate) async fn is_closed(&mut self) -> bool {
        let mut bytes = [0; 1];
        !matches!(self.stream.read(&mut bytes).await, Ok(1))
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next bytes that come; none at the end.
    pub(crate) async fn read_some(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        let length = self.stream.read(&mut bytes).await.unwrap();
        bytes.truncate(length);
        bytes
    }

    /// Everything that comes until the listener closes.
    pub(crate) async fn reply(mut self) -> Reply {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).await.unwrap();
        Reply::parse(&bytes)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a complete head");
        let head = str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    /// Asserts an error of the contract, in its published shape.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/json");
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["error"]["code"], code);
        assert_ne!(body["error"]["message"].as_str().unwrap(), "");
    }
}

/// The bytes of a request.
pub(crate) fn post(path: &str, body: &[u8], authorization: Option<&str>) -> Vec<u8> {
    let authorization =
        authorization.map(|value| format!("authorization: {value}\r\n")).unwrap_or_default();
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n{authorization}\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

pub(crate) fn user_validation() -> Payload {
    Payload::minimal(NotificationType::UserValidation, Mode::Separate).set("/user/id", USER)
}

/// A payment of the known user.
pub(crate) fn payment(id: i64) -> Payload {
    Payload::minimal(NotificationType::Payment, Mode::Separate)
        .set("/transaction/id", id)
        .set("/user/id", USER)
}

pub(crate) fn refund(id: i64) -> Payload {
    Payload::minimal(NotificationType::Refund, Mode::Separate)
        .set("/transaction/id", id)
        .set("/user/id", USER)
}

/// An order of the known user for so many of one article.
pub(crate) fn order_paid(mode: Mode, order: i64, invoice: i64, items: &[(&str, i64)]) -> Payload {
    an_order(NotificationType::OrderPaid, mode, order, invoice)
        .set("/items", items.iter().map(item).collect::<Value>())
}

pub(crate) fn order_canceled(mode: Mode, order: i64, invoice: i64) -> Payload {
    an_order(NotificationType::OrderCanceled, mode, order, invoice)
}

/// News of a subscription of the known user: its plan, and the month in which it is charged next.
pub(crate) fn subscription(kind: NotificationType, id: i64, plan: &str, month: u32) -> Payload {
    Payload::minimal(kind, Mode::Separate)
        .set("/user/id", USER)
        .set("/subscription/subscription_id", id)
        .set("/subscription/plan_id", plan)
        .set("/subscription/date_next_charge", date(month))
}

/// A moment in that month.
pub(crate) fn date(month: u32) -> String {
    format!("2026-{month:02}-14T09:26:53+03:00")
}

fn an_order(kind: NotificationType, mode: Mode, order: i64, invoice: i64) -> Payload {
    let payload = Payload::minimal(kind, mode)
        .set("/order/id", order)
        .set("/order/invoice_id", invoice.to_string())
        .set("/user/external_id", USER);
    match mode {
        Mode::Separate => payload,
        Mode::Combined => payload.set("/billing/transaction/id", invoice),
    }
}

fn item((sku, quantity): &(&str, i64)) -> Value {
    json!({
        "sku": sku, "type": "virtual_good", "is_pre_order": false,
        "quantity": quantity, "amount": "9.9900", "promotions": [],
    })
}
