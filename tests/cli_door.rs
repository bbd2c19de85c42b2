//! The command's manners: exit codes, where things are said, and a pipe that closes early.

use std::io::Read;
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;

fn ringsweep(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringsweep"));
    command
        .args(arguments)
        .env_remove("RINGSWEEP_GRAPH")
        .stdin(Stdio::null());
    command
}

#[test]
fn help_is_a_result_and_a_wrong_option_a_wrong_request() {
    let help = ringsweep(&["--help"]);
    assert!(help.status.success());
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains("Exit codes: 0 done")
    );
    assert!(help.stderr.is_empty());
    for arguments in [
        &["--nonsense"][..],
        &["nonsense"],
        &[],
        &["completions", "dos"],
    ] {
        let wrong = ringsweep(arguments);
        assert_eq!(wrong.status.code(), Some(2), "{arguments:?}");
        assert!(wrong.stdout.is_empty(), "{arguments:?}");
        assert!(!wrong.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = ringsweep(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for name in ["sweep", "links", "cluster", "completions"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
}

#[test]
fn a_closed_pipe_is_neither_an_error_nor_a_panic() {
    let mut child = command(&["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said, "");
    assert!(child.wait().unwrap().success());
}

#[test]
fn colours_are_left_out_where_nobody_sees_them() {
    let wrong = command(&["sweeep"]).env("NO_COLOR", "1").output().unwrap();
    assert_snapshot!(String::from_utf8(wrong.stderr).unwrap(), @"
    error: unrecognized subcommand 'sweeep'

      tip: a similar subcommand exists: 'sweep'

    Usage: ringsweep <COMMAND>

    For more information, try '--help'.
    ");
}
