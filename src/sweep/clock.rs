//! `Clock`: how long each stage took, for the manifest's timings and nothing else.

use std::time::Instant;

use jiff::Timestamp;

use crate::publish::manifest::Timings;

/// Stages and their wall-clock seconds.
#[derive(Debug, Clone)]
pub struct Clock {
    started: String,
    stages: Vec<(String, f64)>,
}

impl Default for Clock {
    fn default() -> Self {
        Clock {
            started: Timestamp::now().to_string(),
            stages: Vec::new(),
        }
    }
}

impl Clock {
    /// Runs `work` as the stage `name`, or as a part of it if there is one already.
    pub fn time<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        let seconds = start.elapsed().as_secs_f64();
        match self.stages.iter_mut().find(|stage| stage.0 == name) {
            Some(stage) => stage.1 += seconds,
            None => self.stages.push((name.to_owned(), seconds)),
        }
        done
    }

    /// What the manifest says.
    pub(crate) fn timings(&self) -> Timings {
        let round = |seconds: f64| (seconds * 1e4).round() / 1e4;
        Timings {
            stages: self
                .stages
                .iter()
                .map(|(name, seconds)| (name.clone(), round(*seconds)))
                .collect(),
            peak_bytes: peak_bytes(),
            threads: rayon::current_num_threads() as u64,
            started: self.started.clone(),
        }
    }
}

/// The process's largest resident memory so far; 0 where the platform does not tell.
pub fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.map_or(0, |kib| kib * 1024)
}
