//! The conformance suite as tests of the listener with this game: each check is one.

use std::{future, path::Path, process::ExitCode};

use example_game::MyGame;
use hookproof_harness::options::Probe;
use hookproof_listener::{App, Config, Secret, run};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    hookproof_harness::main(async || {
        let (secret, token) = ("example-project-secret", "probe-token");
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", socket.local_addr()?);
        let folder = tempfile::tempdir()?;
        let mut config = Config::new(folder.path().join("game.db"), Secret::new(secret)?);
        config.probe_token = Some(token.to_owned());
        let game = MyGame::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/game.json")))?;
        let app = App::open_with(config, game)?;
        tokio::spawn(async move {
            let _folder = folder;
            run(socket, app, future::pending()).await
        });

        let mut options = hookproof_harness::options(&format!("{base}/webhook"), secret)?;
        options.probe = Some(Probe::Url(format!("{base}/probe/{{user}}?token={token}")));
        options.public_id = Some("ada".to_owned());
        options.skus = ["sword_01", "gold", "shield_02"].map(str::to_owned).into();
        Ok(options)
    })
}
