//! The readable edition, written by the real program and served by it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use crate::program::{hookproof, refused, run};

/// A server that ends with its test, however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_site_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("site");
    let said = run(&["docs", "--out", out.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.stdout.contains("pages"), "{said:#?}");
    let page = fs::read_to_string(out.join("clauses/signature.html")).unwrap();
    assert!(page.contains("id=\"SIG-01\""));
    assert!(out.join("spec/vectors/signature-bodies.json").exists());
}

#[test]
fn other_machines_are_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("site");
    let arguments = ["docs", "--out", out.to_str().unwrap(), "--serve", "0.0.0.0:0"];
    refused(&arguments, 2, &["other machines", "127.0.0.1"]);
    assert!(!out.exists());
}

#[test]
fn the_site_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut command = hookproof(&["docs", "--out", out, "--serve", "127.0.0.1:0"]);
    let mut server = Server(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let url = lines.nth(1).unwrap().unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let (start, style, none) = (get("/"), get("/assets/style.css"), get("/no/such/page"));
    assert!(start.starts_with("HTTP/1.1 200 OK") && start.contains("<!DOCTYPE html>"), "{start}");
    assert!(start.contains("content-security-policy: default-src 'none'"), "{start}");
    assert!(style.contains("content-type: text/css"), "{style}");
    assert!(none.starts_with("HTTP/1.1 404"), "{none}");
}
