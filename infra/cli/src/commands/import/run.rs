//! The import as it runs: a few requests at once, until the end of the file, a fault, or Ctrl-C.

use std::{collections::VecDeque, fmt::Write, fs::File, io::BufReader, path::Path, pin::pin, time::Duration};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::Value;
use tokio::task::JoinSet;

use super::{
    ImportOptions,
    batch::{Batch, Batcher},
    lines::{Lines, Refusal},
    report::Report,
};
use crate::{api::Api, commands::Desk, error::Error, screen::note};

/// So often a request is sent before a service that does not answer ends the import.
const MAX_TRIES: u32 = 6;

type Answered = (Batch, Result<Value, Error>);

pub(crate) async fn run(desk: &Desk, options: &ImportOptions) -> Result<(), Error> {
    let mut import = Import::begin(&options.file)?;
    let ended = if options.check {
        import.check()
    } else {
        let ended = import.send_all(&desk.api, usize::from(options.parallel)).await;
        import.bar.finish_and_clear();
        ended
    };
    import.report.print(desk.screen)?;
    if let Err(error) = ended {
        note("Not every line is done. Run the same command again to go on: who is there already is left as it is.");
        return Err(error);
    }
    if import.report.refused.is_empty() { Ok(()) } else { Err(Error::SomeRefused) }
}

struct Import<'a> {
    path: &'a Path,
    lines: Lines<BufReader<File>>,
    batcher: Batcher,
    /// Parts of requests that were refused as a whole.
    again: VecDeque<Batch>,
    report: Report,
    bar: ProgressBar,
}

impl<'a> Import<'a> {
    fn begin(path: &'a Path) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let open = || File::open(path).map(|file| Lines::new(BufReader::new(file))).map_err(failed);
        let mut lines = 0;
        for line in open()? {
            let _ = line.map_err(failed)?;
            lines += 1;
        }
        // Drawn on a terminal only.
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {pace}  {eta} left  {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let pace = |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        let bar = ProgressBar::new(lines).with_style(style.with_key("pace", pace));
        let report = Report { lines, ..Report::default() };
        Ok(Self { path, lines: open()?, batcher: Batcher::default(), again: VecDeque::new(), report, bar })
    }

    /// Reads every line, and sends none.
    fn check(&mut self) -> Result<(), Error> {
        while let Some(_unsent) = self.next_batch()? {}
        self.report.lines = self.report.done();
        Ok(())
    }

    async fn send_all(&mut self, api: &Api, parallel: usize) -> Result<(), Error> {
        let mut running = JoinSet::new();
        let mut stop = pin!(tokio::signal::ctrl_c());
        let mut ended = None;
        loop {
            while ended.is_none() && running.len() < parallel {
                match self.next_batch() {
                    Ok(Some(batch)) => drop(running.spawn(send(api.clone(), batch))),
                    Ok(None) => break,
                    Err(error) => ended = Some(error),
                }
            }
            tokio::select! {
                _ = &mut stop => {
                    // Asked again: not even the requests on their way are waited for.
                    if ended.is_some() {
                        break;
                    }
                    self.bar.suspend(|| note("Stopping when the requests on their way are answered ..."));
                    stop.set(tokio::signal::ctrl_c());
                    ended = Some(Error::Stopped);
                }
                answered = running.join_next() => {
                    let Some(answered) = answered else { break };
                    let taken = answered.map_err(|_| api.unexpected("a request ended midway")).and_then(|answered| self.take(api, answered));
                    ended = ended.or(taken.err());
                }
            }
            self.bar.set_position(self.report.done());
            self.bar.set_message(self.report.in_brief());
        }
        ended.map_or(Ok(()), Err)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        if let Some(batch) = self.again.pop_front() {
            return Ok(Some(batch));
        }
        while let Some(line) = self.lines.next() {
            let line = line.map_err(|source| Error::File { path: self.path.to_owned(), source })?;
            match line.and_then(|line| self.batcher.push(line)) {
                Ok(Some(full)) => return Ok(Some(full)),
                Ok(None) => {}
                Err(refusal) => self.report.refused.push(refusal),
            }
        }
        Ok(self.batcher.rest())
    }

    /// Notes what came of a batch. What can't be better with the next one ends the import.
    fn take(&mut self, api: &Api, (batch, answer): Answered) -> Result<(), Error> {
        match answer {
            Ok(answer) => self.report.note(&batch, &answer).ok_or_else(|| api.unexpected("no results of an import")),
            Err(Error::Problem(problem)) if matches!(problem.status, 400 | 409 | 413 | 422) => {
                match batch.halves() {
                    Ok(halves) => self.again.extend(halves),
                    Err(batch) => {
                        let refused = batch.lines.iter().map(|line| Refusal::of(line, problem.summary()));
                        self.report.refused.extend(refused);
                    }
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Sends a batch, and again where the service is busy: a user who was created by a request whose answer got lost
/// answers `exists`.
async fn send(api: Api, batch: Batch) -> Answered {
    let mut tries = 1;
    loop {
        match api.import_users(batch.body()).await {
            Err(error) if error.is_temporary() && tries < MAX_TRIES => {
                tokio::time::sleep(pause(&error, tries)).await;
                tries += 1;
            }
            answer => return (batch, answer),
        }
    }
}

/// As long as the service asks for, or 0.5, 1, 2, 4, 8 seconds.
fn pause(error: &Error, tries: u32) -> Duration {
    let asked = match error {
        Error::Problem(problem) => problem.retry_after_seconds,
        _ => None,
    };
    asked.map_or_else(|| Duration::from_millis(250 << tries.min(5)), |seconds| Duration::from_secs(seconds.min(60)))
}
