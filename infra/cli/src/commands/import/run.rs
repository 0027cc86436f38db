//! Sends the requests in parallel, until the file ends, an error occurs or someone presses Ctrl-C.

use std::{collections::VecDeque, fmt::Write, fs::File, io::BufReader, path::Path, pin::pin, time::Duration};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::Value;
use tokio::task::JoinSet;

use super::{
    ImportOptions,
    batch::{Batch, Batcher},
    lines::{Lines, Rejection},
    report::Report,
};
use crate::{
    api::{Api, Method},
    commands::CliContext,
    error::Error,
    output::note,
};

/// The import ends when a request has failed this many times.
const MAX_TRIES: u32 = 6;

type Sent = (Batch, Result<Value, Error>);

pub(crate) async fn run(cli: &CliContext, options: &ImportOptions) -> Result<(), Error> {
    let mut import = Import::begin(&options.file)?;
    let ended = if options.check {
        import.check()
    } else {
        let ended = import.send_all(&cli.api, usize::from(options.parallel)).await;
        import.bar.finish_and_clear();
        ended
    };
    import.report.print(cli.output, !options.check)?;
    if let Err(error) = ended {
        note("The import is incomplete. Run the same command again to continue: existing users don't change.");
        return Err(error);
    }
    if import.report.rejected.is_empty() { Ok(()) } else { Err(Error::LinesRejected) }
}

struct Import<'a> {
    path: &'a Path,
    lines: Lines<BufReader<File>>,
    batcher: Batcher,
    /// Halves of rejected requests.
    retries: VecDeque<Batch>,
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
        // indicatif only draws on a terminal.
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {pace}  {eta} left  {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let pace = |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        let bar = ProgressBar::new(lines).with_style(style.with_key("pace", pace));
        let report = Report { lines, ..Report::default() };
        Ok(Self { path, lines: open()?, batcher: Batcher::default(), retries: VecDeque::new(), report, bar })
    }

    fn check(&mut self) -> Result<(), Error> {
        while let Some(unsent) = self.next_batch()? {
            self.report.valid += unsent.lines.len() as u64;
        }
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
                    // A second Ctrl-C doesn't wait for the open requests.
                    if ended.is_some() {
                        break;
                    }
                    self.bar.suspend(|| note("Stopping after the open requests. Press Ctrl-C again to stop now."));
                    stop.set(tokio::signal::ctrl_c());
                    ended = Some(Error::Stopped);
                }
                sent = running.join_next() => {
                    let Some(sent) = sent else { break };
                    let result = sent.map_err(|_| api.unexpected("an interrupted request"));
                    ended = ended.or(result.and_then(|sent| self.record(api, sent)).err());
                }
            }
            self.bar.set_position(self.report.done());
            self.bar.set_message(self.report.summary());
        }
        ended.map_or(Ok(()), Err)
    }

    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        if let Some(batch) = self.retries.pop_front() {
            return Ok(Some(batch));
        }
        while let Some(line) = self.lines.next() {
            let line = line.map_err(|source| Error::File { path: self.path.to_owned(), source })?;
            match line.and_then(|line| self.batcher.push(line)) {
                Ok(Some(full)) => return Ok(Some(full)),
                Ok(None) => {}
                Err(rejection) => self.report.rejected.push(rejection),
            }
        }
        Ok(self.batcher.rest())
    }

    /// Records the result of a batch. Errors that the next batch would also get end the import.
    fn record(&mut self, api: &Api, (batch, response): Sent) -> Result<(), Error> {
        match response {
            Ok(response) => {
                self.report.add(&batch, &response).ok_or_else(|| api.unexpected("other results than requested"))
            }
            Err(Error::Problem(problem)) if matches!(problem.status, 400 | 409 | 413 | 422) => {
                match batch.halves() {
                    Ok(halves) => self.retries.extend(halves),
                    Err(batch) => {
                        let rejected = batch.lines.iter().map(|line| Rejection::of(line, problem.summary()));
                        self.report.rejected.extend(rejected);
                    }
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Retries temporary errors. If only the response was lost, the retry reports the users as existing.
async fn send(api: Api, batch: Batch) -> Sent {
    let mut tries = 1;
    loop {
        match api.send(Method::POST, &["admin", "users", "import"], batch.body()).await {
            Err(error) if error.is_temporary() && tries < MAX_TRIES => {
                tokio::time::sleep(pause(&error, tries)).await;
                tries += 1;
            }
            response => return (batch, response),
        }
    }
}

/// The time the service asks for, or 0.5, 1, 2, 4 or 8 seconds.
fn pause(error: &Error, tries: u32) -> Duration {
    let requested = match error {
        Error::Problem(problem) => problem.retry_after_seconds,
        _ => None,
    };
    requested.map_or_else(|| Duration::from_millis(250 << tries.min(5)), |seconds| Duration::from_secs(seconds.min(60)))
}
