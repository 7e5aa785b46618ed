//! The settings of `hookproof check`, whose secret other commands use too: flags before variables before the project's file.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use clap::{ArgMatches, CommandFactory, Parser};

use super::{Entry, FILE_BYTES_MAX, Flags, Refused, Settings, Word, entries, is_given, words_of};
use crate::{
    cli::{Cli, Command},
    environment::Environment,
    failure::Failure,
    files, suite,
};

/// The file's name.
const FILE: &str = "hookproof.toml";

/// Flags that need `--target`.
const OF_TARGETS: [&str; 3] = ["probe", "ca-file", "insecure"];

const CHECK: Flags = Flags {
    command: "check",
    never: &["config", "no-config", "write-baseline", "watch", "help"],
    secret: &["secret"],
};

/// Returns true if a flag of `hookproof check` may stand in the file.
pub(crate) fn is_setting(flag: &str) -> bool {
    CHECK.argument(flag).is_some() && !CHECK.never.contains(&flag) && !CHECK.secret.contains(&flag)
}

/// Reads the command line with what the project's settings and the environment add.
pub(super) fn command_line(
    mut words: Vec<OsString>,
    given: &ArgMatches,
    environment: &Environment,
) -> Result<Cli, Refused> {
    let (settings, home) = find(given, environment).map_err(Refused::Settings)?;
    words.extend(settings.words.iter().map(|word| word.text.clone()));
    let mut cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return Err(settings.blame(error)),
    };
    if let Command::Suite(suite::Command::Check(args)) = &mut cli.command {
        args.memory.home = home;
    }
    Ok(cli)
}

/// Reads the command line of a command that needs the secret alone: where it is not named, it is that
/// of the project's settings.
pub(super) fn secret_of_project(
    mut words: Vec<OsString>,
    given: &ArgMatches,
    environment: &Environment,
) -> Result<Cli, Refused> {
    let (settings, _) = find(given, environment).map_err(Refused::Settings)?;
    let secret = settings.words.iter().filter(|word| word.flag == "secret-file");
    words.extend(secret.map(|word| word.text.clone()));
    Cli::try_parse_from(&words).map_err(|error| settings.blame(error))
}

/// What is added, and the folder in which the project lies.
fn find(given: &ArgMatches, environment: &Environment) -> Result<(Settings, PathBuf), Failure> {
    let here = std::env::current_dir().map_err(Failure::could_not_ask)?;
    let named = given.try_get_one::<PathBuf>("config").ok().flatten();
    let none = given.try_get_one::<bool>("no_config").ok().flatten() == Some(&true);
    let path = match named {
        Some(path) => Some(path.clone()),
        None if none => None,
        None => suite::project::upwards(&here, FILE).map(|path| match path.strip_prefix(&here) {
            Ok(beside) => beside.to_owned(),
            Err(_) => path,
        }),
    };
    let mut settings = Settings::default();
    let mut home = here;
    for variable in &environment.flags {
        settings.variable(variable, given);
    }
    if let Some(path) = path {
        let text = files::read(&path, FILE_BYTES_MAX).map_err(Failure::usage)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        settings.file(&path, &text, given, environment)?;
        home = home.join(folder);
    }
    let no_target = !is_given(given, "target") && !settings.says("target");
    if no_target {
        // These variables are there for targets; the reference listener needs none of them.
        let by_variable =
            |word: &Word| environment.flags.iter().any(|(name, ..)| *name == word.said_by);
        let of_target = |word: &Word| OF_TARGETS.contains(&word.flag.as_str());
        settings.words.retain(|word| !of_target(word) || !by_variable(word));
    }
    Ok((settings, home))
}

impl Settings {
    fn variable(
        &mut self,
        (name, flag, value): &(&'static str, &'static str, OsString),
        given: &ArgMatches,
    ) {
        let Some(arg) = CHECK.argument(flag) else { return };
        if is_given(given, arg.get_id().as_str()) {
            return;
        }
        let mut text = OsString::from(format!("--{flag}"));
        if arg.get_action().takes_values() {
            text.push("=");
            text.push(value);
        }
        self.words.push(Word { flag: (*flag).to_owned(), text, said_by: (*name).to_owned() });
    }

    /// Adds what a file says.
    fn file(
        &mut self,
        path: &Path,
        text: &str,
        given: &ArgMatches,
        environment: &Environment,
    ) -> Result<(), Failure> {
        for Entry { place, flag, arg, value } in entries(&CHECK, path, text)? {
            let flag = flag.as_str();
            let secret_elsewhere = flag == "secret-file"
                && (is_given(given, "secret") || environment.secret.is_some());
            let probe_elsewhere = match flag {
                "probe" => is_given(given, "probe_cmd"),
                "probe-cmd" => is_given(given, "probe") || self.says("probe"),
                _ => false,
            };
            let tls_elsewhere = match flag {
                "ca-file" => is_given(given, "insecure") || self.says("insecure"),
                "insecure" => is_given(given, "ca_file") || self.says("ca-file"),
                _ => false,
            };
            let elsewhere = secret_elsewhere || probe_elsewhere || tls_elsewhere || self.says(flag);
            if is_given(given, arg.get_id().as_str()) || elsewhere {
                continue;
            }
            let folder = path.parent().unwrap_or(Path::new(""));
            let words = words_of(&arg, &value, folder);
            let words =
                words.map_err(|reason| Failure::usage(anyhow!("{place}: `{flag}` {reason}")))?;
            self.words.extend(words.into_iter().map(|text| Word {
                flag: flag.to_owned(),
                text,
                said_by: place.clone(),
            }));
        }
        Ok(())
    }
}

/// What the settings say of a few flags, where the command line of a replay names none; of `spawn`
/// only where the suite had started the listener.
pub(crate) fn of_replay(
    words: &[OsString],
    spawned: bool,
    environment: &Environment,
) -> Result<Vec<OsString>, Refused> {
    const OF_REPLAY: [&str; 3] = ["secret-file", "probe", "probe-cmd"];
    let lenient = Cli::command().ignore_errors(true).try_get_matches_from(words);
    let Some(("check", given)) = lenient.as_ref().ok().and_then(ArgMatches::subcommand) else {
        return Ok(Vec::new());
    };
    let (settings, _) = find(given, environment).map_err(Refused::Settings)?;
    let wanted = settings.words.into_iter().filter(|word| {
        OF_REPLAY.contains(&word.flag.as_str()) || (spawned && word.flag == "spawn")
    });
    Ok(wanted.map(|word| word.text).collect())
}
