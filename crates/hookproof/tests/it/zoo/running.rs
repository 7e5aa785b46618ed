//! A listener of the zoo that runs, in a process group that ends with the test.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    ops::RangeInclusive,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::{net::TcpStream, time::sleep};

use super::client::{send, swords};
use crate::program::hookproof;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Ports that no system gives to outgoing connections: a listener that was killed gets its own again.
const PORTS: RangeInclusive<u16> = 15_000..=31_999;

/// An address on which nobody listens.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % u32::from(u16::MAX)).unwrap();
    loop {
        let turn = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start() + turn % (PORTS.end() - PORTS.start());
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return SocketAddr::from(([127, 0, 0, 1], port));
        }
    }
}

/// A running listener.
pub(super) struct Running {
    child: Child,
    pub(super) address: SocketAddr,
    journal: PathBuf,
}

impl Running {
    /// Starts the listener of a slug, or says how it ended.
    pub(super) async fn start(slug: &str, folder: &Path) -> Result<Self, String> {
        let address = free_address();
        let log = folder.join("log");
        let mut child = hookproof(&["zoo-listener", slug, "--listen", &address.to_string()])
            .arg("--state")
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut ended = None;
        until("it listens", async || {
            ended = child.try_wait().unwrap();
            ended.is_some() || TcpStream::connect(address).await.is_ok()
        })
        .await?;
        match ended {
            Some(status) => Err(format!("{status}: {}", std::fs::read_to_string(log).unwrap())),
            None => Ok(Self { child, address, journal: folder.join("journal") }),
        }
    }

    /// Sends a signal to the listener and to all that it has started.
    pub(super) fn signal(&self, name: &str) {
        let group = format!("-{}", self.child.id());
        let status = Command::new("kill").args(["-s", name, "--", &group]).status().unwrap();
        assert!(status.success(), "{name}");
    }

    /// Ends it as it stands.
    pub(super) fn kill(mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }

    /// Ends it in good order, and says how.
    pub(super) fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    /// How much is kept.
    pub(super) fn kept(&self) -> u64 {
        std::fs::metadata(&self.journal).unwrap().len()
    }

    /// Waits until more than this is kept.
    pub(super) async fn keeps_more_than(&self, bytes: u64) -> Result<(), String> {
        until("something is written", async || self.kept() > bytes).await
    }

    /// Sends an event, and again while the listener is busy.
    pub(super) async fn deliver(&self, event: &Value) -> u16 {
        let mut status = 0;
        let answered = until("it is not busy", async || {
            status = send(self.address, event).await;
            status != 503
        });
        answered.await.unwrap();
        status
    }

    /// Waits until the user has this many swords.
    pub(super) async fn shows(&self, wanted: u64) -> Result<(), String> {
        let mut seen = None;
        let shown = until("the swords show", async || {
            seen = swords(self.address).await;
            seen == Some(wanted)
        });
        shown.await.map_err(|error| format!("{error}: {seen:?} instead of {wanted}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.signal("KILL");
            self.child.wait().unwrap();
        }
    }
}

/// Looks again and again.
pub(super) async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) -> Result<(), String> {
    let looked = async {
        while !look().await {
            sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(PATIENCE, looked).await.map_err(|_| format!("waited in vain until {what}"))
}
