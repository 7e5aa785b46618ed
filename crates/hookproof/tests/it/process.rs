//! A listener as a process: started, asked, told to stop, and what it said.

use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus},
    time::{Duration, Instant},
};

use hookproof_contract::{Secret, signature::authorization};
use tempfile::TempDir;

use crate::program::{SECRET, hookproof};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `hookproof listener`. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Process {
    /// Starts one on free ports and a new database, with further flags.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags)
    }

    pub(crate) fn start_in(folder: TempDir, flags: &[&str]) -> Self {
        let db = folder.path().join("listener.db");
        let words = ["listener", "--listen=127.0.0.1:0", "--admin=127.0.0.1:0", "--db"];
        let mut command = hookproof(&words);
        command.arg(&db).args(["--secret", SECRET]).args(flags);
        let log = File::create(folder.path().join("log")).unwrap();
        let child = command.stderr(log).spawn().unwrap();
        let mut process = Self {
            child,
            folder,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        process.until("it says where it listens", |process| {
            let log = process.log();
            let found = |marks: [&str; 2]| {
                marks.into_iter().find_map(|mark| {
                    let rest = log.split(mark).nth(1)?;
                    let end = rest.find(|letter: char| {
                        letter != '.' && letter != ':' && !letter.is_ascii_digit()
                    });
                    rest[..end?].parse().ok()
                })
            };
            let address = found(["webhooks at http://", "\"address\":\""]);
            let admin = found(["counters are at http://", "\"admin\":\""]);
            let (Some(address), Some(admin)) = (address, admin) else { return false };
            (process.address, process.admin) = (address, admin);
            true
        });
        process
    }

    /// Waits for something, and says for what where it does not come.
    pub(crate) fn until(&mut self, what: &str, mut come: impl FnMut(&mut Self) -> bool) {
        let began = Instant::now();
        while !come(self) {
            assert!(began.elapsed() < PATIENCE, "{what}: {}", self.log());
            std::thread::yield_now();
        }
    }

    pub(crate) fn db(&self) -> String {
        self.folder.path().join("listener.db").to_str().unwrap().to_owned()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.until("its end", |process| process.ended().is_some());
        self.ended().unwrap()
    }

    /// Stops it in an orderly way, and gives its folder.
    pub(crate) fn stop(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        (self.wait(), self.log())
    }

    /// Sends a signed webhook; the status.
    pub(crate) fn send(&self, body: &[u8]) -> u16 {
        ask(self.address, &request(body, "")).unwrap().0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks for a page.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    ask(address, request.as_bytes()).unwrap()
}

/// A signed webhook with further lines in its head.
pub(crate) fn request(body: &[u8], lines: &str) -> Vec<u8> {
    let signature = authorization(body, &Secret::new(SECRET).unwrap());
    let mut request = format!(
        "POST /webhook HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: {}\r\n\
         Authorization: {signature}\r\n{lines}\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// The status and the body of an answer, if there is one.
pub(crate) fn ask(address: SocketAddr, request: &[u8]) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or(std::io::ErrorKind::InvalidData)?, body.to_owned()))
}

/// A file of a folder, written.
pub(crate) fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
