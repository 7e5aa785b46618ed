//! `hookproof docs`: writes the readable edition of the contract, and shows it on this machine.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, anyhow};
use axum::{
    Router,
    http::{HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use hookproof_contract::spec::Spec;
use tokio::{net::TcpListener, runtime};

use crate::{
    exit::Exit,
    failure::Failure,
    interrupt::interrupted,
    suite::{cli::DocsArgs, site::Site},
    terminal,
};

/// What a page may load: what stands beside it, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:";

/// Writes the site, and serves it where that was asked for.
pub(crate) fn run(args: &DocsArgs) -> Result<Exit, Failure> {
    if let Some(address) = args.serve
        && !address.ip().is_loopback()
    {
        let error = anyhow!("{address} can be reached from other machines");
        return Err(Failure::usage(error).hint("give --serve an address such as 127.0.0.1:8090"));
    }
    let site = Site::build(Spec::embedded());
    site.write(&args.out)?;
    terminal::print(&format!("{}\n", summary(&site, &args.out)))?;
    if let Some(address) = args.serve {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the runtime")?;
        runtime.block_on(serve(site, address))?;
    }
    Ok(Exit::Conformant)
}

fn summary(site: &Site, out: &Path) -> String {
    let (pages, kilobytes) = (site.pages(), site.bytes() / 1024);
    format!("{pages} pages ({kilobytes} KiB): {}", out.join("index.html").display())
}

/// Serves what was written out of memory, so that no request can name another file.
async fn serve(site: Site, address: SocketAddr) -> Result<(), Failure> {
    let socket = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
        .map_err(|error| Failure::could_not_ask(error).hint("give --serve another port"))?;
    let address = socket.local_addr().context("cannot tell the port")?;
    terminal::print(&format!("http://{address}/\n"))?;
    let site = Arc::new(site);
    let answer = move |uri: Uri| {
        let site = Arc::clone(&site);
        async move { answer(&site, uri.path()) }
    };
    let server = axum::serve(socket, Router::new().fallback(answer));
    server.with_graceful_shutdown(interrupted()).await.context("the server failed")?;
    Ok(())
}

fn answer(site: &Site, path: &str) -> Response {
    let path = path.trim_start_matches('/');
    let file = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    if let Some(text) = site.get(&file) {
        let headers = [
            (header::CONTENT_TYPE, media_type(&file)),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (HeaderName::from_static("cache-control"), "no-store"),
        ];
        return (headers, text.to_owned()).into_response();
    }
    if site.get(&format!("{file}/index.html")).is_some() {
        return Redirect::temporary(&format!("/{file}/")).into_response();
    }
    (StatusCode::NOT_FOUND, "there is no such page\n").into_response()
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_and_nothing_else() {
        let site = Site::build(Spec::embedded());
        let check = |path: &str, status| {
            assert_eq!(answer(&site, path).status(), status, "{path}");
        };
        check("/", StatusCode::OK);
        check("/clauses/", StatusCode::OK);
        check("/clauses", StatusCode::TEMPORARY_REDIRECT);
        check("/types/order_paid.html", StatusCode::OK);
        check("/spec/vectors/answers.json", StatusCode::OK);
        check("/../Cargo.toml", StatusCode::NOT_FOUND);
        check("//etc/passwd", StatusCode::NOT_FOUND);
    }
}
