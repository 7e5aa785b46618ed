//! Runs the listener with this game: `example-game ADDRESS DATABASE GAME.json`, with the secret in the
//! environment.

use std::{env, net::SocketAddr, path::Path};

use anyhow::Context;
use example_game::MyGame;
use hookproof_listener::{App, Config, Db, Secret, run};
use tokio::net::TcpListener;

#[expect(clippy::disallowed_methods, reason = "here the environment is read, once")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().context("example-game ADDRESS DATABASE GAME.json");
    let (address, db, game) = (next()?.parse::<SocketAddr>()?, next()?, next()?);
    let secret = env::var("XSOLLA_WEBHOOK_SECRET_KEY").context("XSOLLA_WEBHOOK_SECRET_KEY")?;
    let mut config = Config::new(Db::parse(&db)?, Secret::new(secret)?);
    config.probe_token = env::var("PROBE_TOKEN").ok();
    let game = MyGame::read(Path::new(&game))?;
    let socket = TcpListener::bind(address).await?;
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    run(socket, App::open_with(config, game)?, stop).await?;
    Ok(())
}
