//! Who is no listener is told so within a second; who is merely slow is waited for, and that is said.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use crate::{
    program::{SECRET, Said, run, silent_url},
    replay::says,
};

/// More than the suite may take, as machines under load are slow too.
const SECOND: Duration = Duration::from_secs(2);

/// A server that does this with each connection; it ends with the test's process.
fn server(answer: fn(TcpStream)) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhook", socket.local_addr().unwrap());
    thread::spawn(move || {
        for stream in socket.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    url
}

fn check(target: &str, more: &[&str]) -> (Said, Duration) {
    let started = Instant::now();
    let arguments = ["check", "--target", target, "--secret", SECRET];
    (run(&[&arguments[..], more].concat()), started.elapsed())
}

/// Reads one request with all its bytes, as far as they have come.
fn read(stream: &mut TcpStream) {
    let mut bytes = [0; 16 * 1024];
    let _ = stream.read(&mut bytes);
}

fn say(mut stream: TcpStream, answer: &[u8]) {
    let _ = stream.write_all(answer);
}

fn with(mut stream: TcpStream, answer: &[u8]) {
    read(&mut stream);
    say(stream, answer);
}

/// An answer without a body, after which the connection is closed.
fn empty(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

#[test]
fn who_is_no_listener_is_told_so_at_once() {
    let cases: [(String, &str); 7] = [
        (silent_url(), "Nothing listens there"),
        (server(|stream| say(stream, b"220 mail.example.org ESMTP\r\n")), "not HTTP"),
        (server(drop), "closes each connection"),
        (server(|stream| with(stream, &empty("404 Not Found"))), "another path"),
        (server(|stream| with(stream, &empty("405 Method Not Allowed"))), "another path"),
        (server(|stream| with(stream, &empty("302 Found\r\nLocation: /"))), "the URL redirects"),
        // A server of TLS answers plain HTTP with an alert.
        (server(|stream| with(stream, &[0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46])), "https://"),
    ];
    for (target, word) in cases {
        let (said, took) = check(&target, &[]);
        says(&said, 3, &[word]);
        assert!(took < SECOND, "{took:?} for {word}");
    }
}

#[test]
fn who_fails_at_everything_is_told_so_soon() {
    let target = server(|s| with(s, &empty("500 Internal Server Error")));
    let (said, took) = check(&target, &[]);
    says(&said, 3, &["the listener fails at every request"]);
    assert!(took < SECOND, "{took:?}");
}

#[test]
fn who_does_not_answer_is_waited_for_and_that_is_said() {
    let target = server(|mut stream| {
        read(&mut stream);
        // Until the peer gives up.
        read(&mut stream);
    });
    let (said, took) = check(&target, &["--timeout", "1500ms"]);
    says(&said, 3, &["still waiting for the first answer, up to 1.5 s", "does not answer"]);
    assert!(took < 3 * SECOND, "{took:?}");
}
