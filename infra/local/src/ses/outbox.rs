//! The mail that went out, in memory or in a file of JSON lines.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::draft::Draft;
use super::files;
use super::suppression::SuppressionReason;
use super::{Clock, SentMail};

/// How many mails are kept at most; the oldest make way. At 20 KB a mail, the budget of one, this is 40 MB.
const KEPT: usize = 2000;

/// The outbox could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the outbox cannot be read or written")]
pub struct OutboxError(#[from] io::Error);

/// The mail that went out: the newest 2,000.
///
/// In a file, each mail is one line of JSON, handed to the operating system before the mail counts as sent. The file
/// grows while the process runs, and is cut to the newest 2,000 when it is opened. Clones share everything.
#[derive(Clone)]
pub struct Outbox {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Oldest first.
    mails: VecDeque<Arc<SentMail>>,
    file: Option<File>,
}

impl Outbox {
    /// An outbox that ends with the process.
    pub fn in_memory(clock: Clock) -> Outbox {
        Outbox::new(clock, State { mails: VecDeque::new(), file: None })
    }

    /// An outbox in a file, which is made if it is not there.
    ///
    /// A last line that was torn by a crash is cut off; a line in the middle that is no mail is left alone and skipped.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn open(path: &Path, clock: Clock) -> Result<Outbox, OutboxError> {
        let mut file = files::open_private(path)?;
        let loaded = load(&mut file)?;
        if loaded.surplus {
            files::replace_private(path, |file| write_all(file, &loaded.mails))?;
            file = files::open_private(path)?;
        }
        Ok(Outbox::new(clock, State { mails: loaded.mails, file: Some(file) }))
    }

    /// All mails, newest first.
    pub fn newest_first(&self) -> Vec<Arc<SentMail>> {
        self.state().mails.iter().rev().cloned().collect()
    }

    /// The mails to one address, newest first; the address is compared without regard to case.
    pub fn to(&self, address: &str) -> Vec<Arc<SentMail>> {
        self.state().mails.iter().rev().filter(|mail| mail.went_to(address)).cloned().collect()
    }

    /// One mail.
    pub fn find(&self, id: &str) -> Option<Arc<SentMail>> {
        self.state().mails.iter().rev().find(|mail| mail.id == id).cloned()
    }

    /// How many mails went out since then, of those that are kept.
    pub fn count_since(&self, then: Timestamp) -> usize {
        self.state().mails.iter().rev().take_while(|mail| mail.sent_at >= then).count()
    }

    pub(super) fn record(
        &self,
        draft: Draft,
        suppressed: BTreeMap<String, SuppressionReason>,
    ) -> Result<Arc<SentMail>, OutboxError> {
        let mail = Arc::new(SentMail::new(draft, suppressed, (self.clock)()));
        let mut state = self.state();
        if let Some(file) = &mut state.file {
            append(file, &mail)?;
        }
        state.mails.push_back(Arc::clone(&mail));
        if state.mails.len() > KEPT {
            state.mails.pop_front();
        }
        Ok(mail)
    }

    fn new(clock: Clock, state: State) -> Outbox {
        Outbox { clock, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Loaded {
    mails: VecDeque<Arc<SentMail>>,
    surplus: bool,
}

fn load(file: &mut File) -> io::Result<Loaded> {
    let mut loaded = Loaded { mails: VecDeque::new(), surplus: false };
    let mut reader = BufReader::new(&*file);
    let mut line = Vec::new();
    let mut whole_lines = 0;
    for number in 1_u64.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            break;
        }
        whole_lines += length as u64;
        match serde_json::from_slice::<SentMail>(&line) {
            Ok(mail) => loaded.mails.push_back(Arc::new(mail)),
            Err(_) => tracing::warn!(line = number, "a line of the outbox is no mail and was skipped"),
        }
        if loaded.mails.len() > KEPT {
            loaded.mails.pop_front();
            loaded.surplus = true;
        }
    }
    if !line.is_empty() {
        tracing::warn!("the last line of the outbox was torn and was cut off");
        file.set_len(whole_lines)?;
    }
    Ok(loaded)
}

fn append(file: &mut File, mail: &SentMail) -> io::Result<()> {
    let mut line = serde_json::to_vec(mail)?;
    line.push(b'\n');
    file.write_all(&line)?;
    file.flush()
}

fn write_all(file: &mut File, mails: &VecDeque<Arc<SentMail>>) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    for mail in mails {
        serde_json::to_writer(&mut writer, &**mail)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()
}
