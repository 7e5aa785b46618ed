//! The command line of `hookproof check` that asks again: recorded words, but for those given anew.

use std::{collections::BTreeSet, ffi::OsString};

use anyhow::anyhow;
use clap::{CommandFactory, Parser};
use hookproof_conformance::{check::Evidence, report::CheckReport};

use super::Ask;
use crate::{
    cli::{Cli, Command},
    config::{self, Refused},
    failure::Failure,
    suite::{
        self, again,
        cli::{CheckArgs, ReplayArgs},
        port::Template,
    },
};

/// A recorded flag that counts only from the own store.
const FROM_STORE_ALONE: &str = "--allow-remote";

/// Flags whose values are commands. None is recorded, and a report that holds one is not believed.
const COMMANDS: [&str; 2] = ["--spawn", "--probe-cmd"];

/// The arguments that ask the same.
pub(super) fn of_check(ask: &Ask<'_>, failures: &[&CheckReport]) -> Result<CheckArgs, Failure> {
    let mut words: Vec<OsString> = vec!["hookproof".into(), "check".into()];
    let lost = recorded(ask, &mut words);
    given(ask.args, &mut words);
    let spawned = lost.contains("--spawn");
    words.extend(
        config::check::of_replay(&words, spawned, ask.environment).map_err(settings_failure)?,
    );
    let parsed = Cli::try_parse_from(&words).map_err(|error| {
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        Failure::usage(anyhow!("the recorded options cannot be used: {line}"))
            .hint("give what is missing: --target, --secret-file, --probe")
    })?;
    let Command::Suite(suite::Command::Check(args)) = parsed.command else {
        return Err(Failure::usage(anyhow!("the recorded options are not those of a check")));
    };
    require_what_was_lost(&lost, &args, failures)?;
    Ok(*args)
}

/// Adds the recorded words that count; gives the flags whose values were not recorded.
fn recorded(ask: &Ask<'_>, words: &mut Vec<OsString>) -> BTreeSet<&'static str> {
    let mut lost = BTreeSet::new();
    let mut recorded = ask.report.options.again.iter();
    while let Some(word) = recorded.next() {
        let flag = word.as_str();
        let value = if is_switch(flag) { None } else { recorded.next() };
        if is_given(ask.args, flag) || (flag == FROM_STORE_ALONE && !ask.own) {
            continue;
        }
        if let Some(command) = COMMANDS.into_iter().find(|command| *command == flag) {
            lost.insert(command);
        } else if flag == "--probe" && value.is_some_and(|value| !again::is_told(value)) {
            lost.insert("--probe");
        } else {
            words.push(word.into());
            words.extend(value.map(OsString::from));
        }
    }
    lost
}

/// Whether the replay's own command line names it.
fn is_given(args: &ReplayArgs, flag: &str) -> bool {
    match flag {
        "--target" => !args.target.is_empty(),
        "--probe" | "--probe-cmd" => args.probe.is_some() || args.probe_cmd.is_some(),
        "--spawn" => args.spawn.is_some(),
        "--secret-file" => args.secret.is_some() || args.secret_file.is_some(),
        "--timeout" => args.timeout.is_some(),
        "--allow-remote" => args.allow_remote,
        _ => false,
    }
}

/// Adds what the replay's own command line says.
fn given(args: &ReplayArgs, words: &mut Vec<OsString>) {
    let mut give = |flag: &str, value: Option<OsString>| {
        words.extend(value.into_iter().flat_map(|value| [OsString::from(flag), value]));
    };
    let template = |template: &Option<Template>| template.as_ref().map(|it| it.as_str().into());
    for target in &args.target {
        give("--target", Some(target.as_str().into()));
    }
    give("--secret", args.secret.as_ref().map(Into::into));
    give("--secret-file", args.secret_file.as_ref().map(Into::into));
    give("--probe", template(&args.probe));
    give("--probe-cmd", template(&args.probe_cmd));
    give("--spawn", template(&args.spawn));
    give("--config", args.settings.config.as_ref().map(Into::into));
    let millis = args.timeout.map(|time| format!("{}ms", time.as_millis()));
    give("--timeout", millis.map(Into::into));
    if args.settings.no_config {
        words.push("--no-config".into());
    }
    if args.allow_remote {
        words.push("--allow-remote".into());
    }
}

/// Whether a recorded word has no value.
fn is_switch(word: &str) -> bool {
    let mut command = Cli::command();
    command.build();
    let flag = word.trim_start_matches("--");
    let of_check =
        command.find_subcommand("check").into_iter().flat_map(clap::Command::get_arguments);
    of_check
        .filter(|argument| argument.get_long() == Some(flag))
        .any(|argument| !argument.get_action().takes_values())
}

/// Says what must be given, where a failure cannot be asked without it.
fn require_what_was_lost(
    lost: &BTreeSet<&'static str>,
    args: &CheckArgs,
    failures: &[&CheckReport],
) -> Result<(), Failure> {
    let crash = failures.iter().find(|failure| failure.evidence == Evidence::Spawn);
    let open = args.target.iter().any(Template::wants_port);
    if lost.contains("--spawn")
        && args.spawn.is_none()
        && let Some(failure) = crash.or(failures.first().filter(|_| open))
    {
        let error =
            anyhow!("the listener's command is not recorded, and `{}` needs it", failure.id);
        return Err(Failure::could_not_ask(error)
            .hint("give --spawn CMD, or name `spawn` in hookproof.toml"));
    }
    let probe_lost = lost.contains("--probe") || lost.contains("--probe-cmd");
    if probe_lost
        && args.probe.is_none()
        && args.probe_cmd.is_none()
        && let Some(failure) = failures.iter().find(|failure| failure.evidence != Evidence::Wire)
    {
        let (what, hint) = if lost.contains("--probe") {
            ("query", "give --probe URL, set HOOKPROOF_PROBE, or name `probe` in hookproof.toml")
        } else {
            ("command", "give --probe-cmd CMD, or name `probe-cmd` in hookproof.toml")
        };
        let error = anyhow!("the probe's {what} is not recorded, and `{}` needs it", failure.id);
        return Err(Failure::could_not_ask(error).hint(hint));
    }
    Ok(())
}

fn settings_failure(refused: Refused) -> Failure {
    match refused {
        Refused::Settings(failure) => failure,
        Refused::Words(error) => Failure::usage(anyhow!("{error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_what_the_command_line_says() {
        assert!(is_switch("--allow-remote") && is_switch("--strict"));
        assert!(!is_switch("--target") && !is_switch("--spawn") && !is_switch("--none-such"));
    }
}
