//! A run that is stopped, and two runs for one name: nobody sees half a sweep.
//!
//! The events come through a pipe that the test holds open, so that it knows where the run stands.

#![cfg(unix)]

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A sweep that waits for the rest of its events.
struct Waiting {
    child: Child,
    events: ChildStdin,
}

impl Waiting {
    /// Once this returns, the run has read events: handlers are set and locks are taken.
    fn begin(folder: &Path) -> Self {
        let mut child = command(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut events = child.stdin.take().unwrap();
        events.write_all(b"account_id,device_id,ts\n").unwrap();
        // Far more than a pipe holds.
        for row in 0..100_000 {
            writeln!(events, "a{row},d{},{}", row / 3, 1_767_225_600 + row).unwrap();
        }
        Waiting { child, events }
    }

    /// Ends the events; the exit code and what was said.
    fn end(self) -> (Option<i32>, String) {
        drop(self.events);
        let output = self.child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringsweep"));
    command
        .current_dir(folder)
        .args(["sweep", "-", "--graph", "engagement", "--out", "swept"]);
    command
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_interrupted_run_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-INT", "-TERM"] {
        let waiting = Waiting::begin(folder.path());
        let id = waiting.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        // The handler runs on a thread of its own: let it, before the events end.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let (code, said) = waiting.end();
        assert_eq!(code, Some(130), "{signal}: {said}");
        assert!(said.contains("nothing was published"), "{said}");
        assert_eq!(names(folder.path()), [""; 0], "{signal}");
    }
}

#[test]
fn a_second_run_for_the_same_name_is_sent_away() {
    let folder = tempfile::tempdir().unwrap();
    let waiting = Waiting::begin(folder.path());
    let second = command(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(75), "{said}");
    assert!(
        said.contains("another run") && said.contains("help: "),
        "{said}"
    );
    let (code, said) = waiting.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(names(folder.path()), ["swept"]);
}
