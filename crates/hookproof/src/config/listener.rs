//! The settings of `hookproof listener`: flags before variables before the file.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, ValueHint};

use super::{FILE_BYTES_MAX, Flags, Refused, Settings, Word, entries, is_given, words_of};
use crate::{
    cli::{Cli, Command},
    environment::{self, Environment},
    failure::Failure,
    files, terminal,
};

const LISTENER: Flags = Flags {
    command: "listener",
    never: &["config", "print-config", "no-variables", "help"],
    secret: &["secret", "probe-token"],
};

/// Flags that say the same thing in two ways: whoever says one of them has said it.
const ALIKE: [[&str; 2]; 2] = [["secret", "secret-file"], ["probe-token", "probe-token-file"]];

/// Stands for a secret.
const MASK: &str = "***";

/// Reads the command line with what file and variables add.
pub(super) fn command_line(
    words: &[OsString],
    given: &ArgMatches,
    environment: &Environment,
) -> Result<Cli, Refused> {
    let settings = find(given, environment).map_err(Refused::Settings)?;
    let added = settings.words.iter().map(|word| word.text.clone());
    let words: Vec<OsString> = words.iter().cloned().chain(added).collect();
    let mut command = Cli::command();
    let parsed = command.try_get_matches_from_mut(&words);
    let parsed = parsed.and_then(|found| Ok((Cli::from_arg_matches(&found)?, found)));
    let (mut cli, found) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return Err(settings.blame(error.format(&mut command))),
    };
    if let (Command::Listener(args), Some((_, found))) = (&mut cli.command, found.subcommand())
        && args.print_config
    {
        args.effective = effective(found, &settings, environment);
    }
    Ok(cli)
}

fn find(given: &ArgMatches, environment: &Environment) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    let variables = given.try_get_one::<bool>("no_variables").ok().flatten() != Some(&true);
    if variables {
        for (name, value) in &environment.listener {
            settings.words.extend(of_variable(name, value, given)?);
        }
        // The older name of one of them.
        let said = settings.says("log") || is_given(given, "log");
        if let Some(log) = environment.log.as_ref().filter(|_| !said) {
            settings.words.push(Word {
                flag: "log".to_owned(),
                text: format!("--log={log}").into(),
                said_by: environment::LOG.to_owned(),
            });
        }
    }
    let by_variable = environment.listener.iter().find(|(name, _)| variables && name == "CONFIG");
    let named = given.try_get_one::<PathBuf>("config").ok().flatten().cloned();
    if let Some(path) = named.or_else(|| Some(PathBuf::from(&by_variable?.1))) {
        let text = files::read(&path, FILE_BYTES_MAX).map_err(Failure::usage)?;
        let added = of_file(&path, &text, given, &settings, environment)?;
        settings.words.extend(added);
    }
    Ok(settings)
}

/// Flags that say the same as this one, itself among them.
fn alike(flag: &str) -> Vec<&str> {
    let pair = ALIKE.iter().find(|pair| pair.contains(&flag));
    pair.map_or_else(|| vec![flag], |pair| pair.to_vec())
}

fn on_command_line(given: &ArgMatches, flag: &str) -> bool {
    alike(flag).iter().any(|flag| is_given(given, &flag.replace('-', "_")))
}

/// What a variable says; several values of one flag stand between commas.
fn of_variable(name: &str, value: &OsStr, given: &ArgMatches) -> Result<Vec<Word>, Failure> {
    let flag = name.to_lowercase().replace('_', "-");
    let said_by = format!("{}{name}", environment::LISTENER);
    let known = LISTENER.argument(&flag).filter(|_| !LISTENER.never.contains(&flag.as_str()));
    let Some(arg) = known else {
        // Container platforms make up such names themselves, out of a service's name.
        if flag != "config" {
            terminal::tell(&format!("note: {said_by} is no setting of this listener"));
        }
        return Ok(Vec::new());
    };
    if on_command_line(given, &flag) {
        return Ok(Vec::new());
    }
    let value = value.to_str().ok_or_else(|| Failure::usage(anyhow!("{said_by} is not UTF-8")))?;
    let texts = match arg.get_action() {
        ArgAction::SetTrue => match value {
            "true" | "1" => vec![format!("--{flag}")],
            "false" | "0" => Vec::new(),
            _ => return Err(Failure::usage(anyhow!("{said_by} is neither true nor false"))),
        },
        // A key may hold a comma.
        ArgAction::Append if flag != "secret" => {
            value.split(',').map(|value| format!("--{flag}={}", value.trim())).collect()
        }
        _ => vec![format!("--{flag}={value}")],
    };
    let word =
        |text: String| Word { flag: flag.clone(), text: text.into(), said_by: said_by.clone() };
    Ok(texts.into_iter().map(word).collect())
}

/// What the file says that nobody has said yet.
fn of_file(
    path: &Path,
    text: &str,
    given: &ArgMatches,
    settings: &Settings,
    environment: &Environment,
) -> Result<Vec<Word>, Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut words = Vec::new();
    for entry in entries(&LISTENER, path, text)? {
        let flag = &*entry.flag;
        let by_variable = match flag {
            "secret-file" => environment.secret.is_some(),
            "probe-token-file" => environment.probe_token.is_some(),
            _ => false,
        };
        let said = alike(flag).iter().any(|flag| settings.says(flag));
        let found = words_of(&entry.arg, &entry.value, folder)
            .map_err(|reason| Failure::usage(anyhow!("{}: `{flag}` {reason}", entry.place)))?;
        if by_variable || said || on_command_line(given, flag) {
            continue;
        }
        words.extend(found.into_iter().map(|text| Word {
            flag: flag.to_owned(),
            text,
            said_by: entry.place.clone(),
        }));
    }
    Ok(words)
}

/// All settings as TOML: what stands there can be read again, and gives the same listener but for the
/// secrets, of which it says where they come from.
fn effective(found: &ArgMatches, settings: &Settings, environment: &Environment) -> String {
    let mut text = String::new();
    let mut command = Cli::command();
    command.build();
    let listener = command.find_subcommand(LISTENER.command).into_iter();
    for arg in listener.flat_map(clap::Command::get_arguments) {
        let Some(flag) = arg.get_long().filter(|flag| !LISTENER.never.contains(flag)) else {
            continue;
        };
        let word = settings.words.iter().find(|word| word.flag == flag);
        let mut source = match word {
            Some(word) => word.said_by.clone(),
            None if is_given(found, arg.get_id().as_str()) => "command line".to_owned(),
            None => "default".to_owned(),
        };
        let unset = match flag {
            "secret" => environment.secret.is_some().then_some(environment::SECRET),
            "probe-token" => environment.probe_token.is_some().then_some(environment::PROBE_TOKEN),
            _ => None,
        };
        let values = values(found, arg);
        let line = if LISTENER.secret.contains(&flag) {
            if let Some(variable) = unset.filter(|_| values.is_empty()) {
                variable.clone_into(&mut source);
            } else if values.is_empty() {
                continue;
            }
            format!("# {flag} = \"{MASK}\"  # {source}")
        } else if values.is_empty() {
            format!("# {flag} is not set")
        } else {
            let hidden = values.iter().any(|value| value.contains(MASK));
            let sign = if hidden { "# " } else { "" };
            format!("{sign}{flag} = {}  # {source}", written(arg, &values))
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The values of a flag as they can stand in a file; none where it has none.
fn values(found: &ArgMatches, arg: &Arg) -> Vec<String> {
    let id = arg.get_id().as_str();
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return vec![found.get_flag(id).to_string()];
    }
    let raw = found.get_raw(id).into_iter().flatten();
    raw.map(|value| {
        let text = value.to_string_lossy().into_owned();
        match text.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", without_password(rest)),
            // Relative paths mean something else in a file elsewhere.
            None if arg.get_value_hint() == ValueHint::AnyPath => {
                std::path::absolute(&text).map_or(text, |path| path.to_string_lossy().into_owned())
            }
            None => text,
        }
    })
    .collect()
}

/// What follows a URL's scheme, with the password masked, and the query, which may hold one too.
fn without_password(rest: &str) -> String {
    let rest = match rest.split_once('?') {
        Some((before, _)) => format!("{before}?{MASK}"),
        None => rest.to_owned(),
    };
    match rest.rsplit_once('@').and_then(|(who, host)| Some((who.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{user}:{MASK}@{host}"),
        None => rest,
    }
}

/// Values in TOML's words.
fn written(arg: &Arg, values: &[String]) -> String {
    let one = |value: &String| match arg.get_action() {
        ArgAction::SetTrue => value.clone(),
        _ if value.parse::<u64>().is_ok_and(|number| number.to_string() == *value) => value.clone(),
        // TOML's strings escape as JSON's do.
        _ => serde_json::Value::String(value.clone()).to_string(),
    };
    let all: Vec<String> = values.iter().map(one).collect();
    match arg.get_action() {
        ArgAction::Append => format!("[{}]", all.join(", ")),
        _ => all.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_masked() {
        assert_eq!(without_password("game:s3:cr@t@db/game"), "game:***@db/game");
        assert_eq!(without_password("game@db/game"), "game@db/game");
        assert_eq!(without_password("db/game?password=s3cr3t"), "db/game?***");
        assert_eq!(without_password("db/game"), "db/game");
    }
}
