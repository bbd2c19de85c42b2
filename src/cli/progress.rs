//! What a person at a terminal sees of long work, and how they end it.
//!
//! The first interrupt sets a flag that the work looks at between chunks, so it ends cleanly and
//! leaves the last published sweep whole; the second leaves at once.

use std::io::IsTerminal;
use std::process;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ringsweep::base::run::{Progress, Run};

use super::door::Exit;

static STOP: AtomicBool = AtomicBool::new(false);
static BAR: LazyLock<Bar> = LazyLock::new(Bar::new);

/// A run that draws its progress when stderr is a terminal and ends on an interrupt.
///
/// Call it once, at the start of a command that does long work.
pub(crate) fn watched() -> anyhow::Result<Run<'static>> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            process::exit(Exit::Interrupted as i32);
        }
        BAR.0
            .suspend(|| eprintln!("ending cleanly; interrupt again to leave at once"));
    })?;
    Ok(Run {
        progress: &*BAR,
        stop: &STOP,
    })
}

/// One bar, used by one stage after the other.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Bar(ProgressBar::with_draw_target(None, target))
    }
}

impl Progress for Bar {
    fn start(&self, stage: &str, total: u64) {
        let template = if total == 0 {
            "{spinner} {msg} {elapsed}"
        } else {
            "{spinner} {msg:20} [{wide_bar}] {percent:>3}% {eta}"
        };
        let style = ProgressStyle::with_template(template).expect("both templates are well formed");
        self.0.reset();
        self.0.set_style(style.progress_chars("=> "));
        self.0.set_length(total);
        self.0.set_message(stage.to_owned());
        self.0.enable_steady_tick(Duration::from_millis(120));
    }

    fn advance(&self, done: u64) {
        self.0.inc(done);
    }

    fn finish(&self) {
        self.0.disable_steady_tick();
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_one_another_on_one_bar() {
        let bar = Bar::new();
        for (stage, total) in [("reading", 10), ("linking", 0), ("publishing", 2)] {
            bar.start(stage, total);
            assert_eq!(bar.0.position(), 0);
            bar.advance(2);
            assert_eq!(bar.0.position(), 2);
            bar.finish();
        }
    }
}
