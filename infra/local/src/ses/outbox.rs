//! Stores sent emails in memory or in a file of JSON lines.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::draft::Draft;
use super::files;
use super::suppression::SuppressionReason;
use super::{Clock, SentEmail, mail};

/// The maximum number of emails; the oldest are dropped.
const KEPT: usize = 2000;

/// Reading or writing the outbox failed.
#[derive(Debug, thiserror::Error)]
#[error("can't read or write the outbox: {0}")]
pub struct OutboxError(#[from] io::Error);

/// The newest 2,000 emails that were sent.
///
/// In a file, each email is one line of JSON. It is written before the email counts as sent and read back on request;
/// memory holds only its position. The file grows while the process runs and is cut to the newest 2,000 when it is
/// opened. Clones share their state.
#[derive(Clone)]
pub struct Outbox {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

struct State {
    /// From oldest to newest.
    emails: VecDeque<Kept>,
    file: Option<File>,
    /// Where the file is.
    path: Option<PathBuf>,
}

/// An email's index entry, used without reading the email.
struct Kept {
    id: String,
    recipients: Vec<String>,
    sent_at: Timestamp,
    place: Place,
}

enum Place {
    Memory(Arc<SentEmail>),
    File(Line),
}

/// A line's position in the file, including the line break.
#[derive(Clone, Copy)]
struct Line {
    offset: u64,
    length: usize,
}

impl Kept {
    fn new(mail: &SentEmail, place: Place) -> Self {
        Self { id: mail.id.clone(), recipients: mail.recipients.clone(), sent_at: mail.sent_at, place }
    }
}

impl State {
    fn read(&self, kept: &Kept) -> Option<Arc<SentEmail>> {
        match (&kept.place, &self.file) {
            (Place::Memory(mail), _) => Some(Arc::clone(mail)),
            (Place::File(line), Some(file)) => {
                let mail = read_line(file, *line).and_then(|line| Ok(serde_json::from_slice::<SentEmail>(&line)?));
                mail.inspect_err(|error| tracing::warn!(%error, "can't read an email in the outbox")).ok().map(Arc::new)
            }
            (Place::File(_), None) => None,
        }
    }

    fn newest_first(&self, fits: impl Fn(&Kept) -> bool) -> impl Iterator<Item = Arc<SentEmail>> {
        self.emails.iter().rev().filter(move |kept| fits(kept)).filter_map(|kept| self.read(kept))
    }
}

impl Outbox {
    /// An outbox in memory.
    pub fn in_memory(clock: Clock) -> Outbox {
        Outbox::new(clock, State { emails: VecDeque::new(), file: None, path: None })
    }

    /// An outbox in a file, which is created if it doesn't exist.
    ///
    /// An incomplete last line, left by a crash, is cut off. Other invalid lines are skipped.
    pub fn open(path: &Path, clock: Clock) -> Result<Outbox, OutboxError> {
        let mut file = files::open_private(path)?;
        let mut loaded = load(&mut file)?;
        if loaded.surplus {
            files::replace_private(path, |newer| copy(&file, &loaded.emails, newer))?;
            file = files::open_private(path)?;
            loaded = load(&mut file)?;
        }
        Ok(Outbox::new(clock, State { emails: loaded.emails, file: Some(file), path: Some(path.to_owned()) }))
    }

    /// All emails, newest first.
    pub fn newest_first(&self) -> Vec<Arc<SentEmail>> {
        self.state().newest_first(|_| true).collect()
    }

    /// The emails to an address, newest first. The comparison ignores case.
    pub fn to(&self, address: &str) -> Vec<Arc<SentEmail>> {
        let address = address.trim();
        self.state().newest_first(|kept| mail::is_among(&kept.recipients, address)).collect()
    }

    /// Finds an email by its id.
    pub fn find(&self, id: &str) -> Option<Arc<SentEmail>> {
        self.state().newest_first(|kept| kept.id == id).next()
    }

    /// Deletes the emails that are to an address or contain it. The comparison ignores case.
    pub fn forget(&self, address: &str) -> Result<(), OutboxError> {
        let mut state = self.state();
        let names = |email: &SentEmail| {
            serde_json::to_string(email).is_ok_and(|email| email.to_lowercase().contains(&address.to_lowercase()))
        };
        let named: HashSet<_> =
            state.newest_first(|_| true).filter(|email| names(email)).map(|e| e.id.clone()).collect();
        if named.is_empty() {
            return Ok(());
        }
        state.emails.retain(|kept| !named.contains(&kept.id));
        if let (Some(file), Some(path)) = (&state.file, &state.path) {
            files::replace_private(path, |newer| copy(file, &state.emails, newer))?;
            let mut file = files::open_private(path)?;
            state.emails = load(&mut file)?.emails;
            state.file = Some(file);
        }
        Ok(())
    }

    /// The number of stored emails sent since `then`.
    pub fn count_since(&self, then: Timestamp) -> usize {
        self.state().emails.iter().rev().take_while(|kept| kept.sent_at >= then).count()
    }

    pub(super) fn record(
        &self,
        draft: Draft,
        suppressed: BTreeMap<String, SuppressionReason>,
    ) -> Result<Arc<SentEmail>, OutboxError> {
        let mail = Arc::new(SentEmail::new(draft, suppressed, (self.clock)()));
        let mut state = self.state();
        let place = match &mut state.file {
            Some(file) => Place::File(append(file, &mail)?),
            None => Place::Memory(Arc::clone(&mail)),
        };
        state.emails.push_back(Kept::new(&mail, place));
        if state.emails.len() > KEPT {
            state.emails.pop_front();
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
    emails: VecDeque<Kept>,
    surplus: bool,
}

fn load(file: &mut File) -> io::Result<Loaded> {
    let mut loaded = Loaded { emails: VecDeque::new(), surplus: false };
    let mut reader = BufReader::new(&*file);
    let mut line = Vec::new();
    let mut whole_lines = 0;
    for number in 1_u64.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            break;
        }
        match serde_json::from_slice::<SentEmail>(&line) {
            Ok(mail) => {
                let place = Place::File(Line { offset: whole_lines, length });
                loaded.emails.push_back(Kept::new(&mail, place));
            }
            Err(_) => tracing::warn!(line = number, "skipped a line of the outbox that isn't an email"),
        }
        whole_lines += length as u64;
        if loaded.emails.len() > KEPT {
            loaded.emails.pop_front();
            loaded.surplus = true;
        }
    }
    if !line.is_empty() {
        tracing::warn!("removed the incomplete last line of the outbox");
        file.set_len(whole_lines)?;
    }
    Ok(loaded)
}

/// Appends an email as one line. If the write fails, such as on a full disk, the partial line is removed.
fn append(file: &mut File, mail: &SentEmail) -> io::Result<Line> {
    let mut line = serde_json::to_vec(mail)?;
    line.push(b'\n');
    let offset = file.metadata()?.len();
    if let Err(error) = file.write_all(&line).and_then(|()| file.flush()) {
        file.set_len(offset)?;
        return Err(error);
    }
    Ok(Line { offset, length: line.len() })
}

fn read_line(mut file: &File, line: Line) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; line.length];
    file.seek(SeekFrom::Start(line.offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn copy(file: &File, emails: &VecDeque<Kept>, newer: &mut File) -> io::Result<()> {
    let mut writer = BufWriter::new(newer);
    for kept in emails {
        if let Place::File(line) = kept.place {
            writer.write_all(&read_line(file, line)?)?;
        }
    }
    writer.flush()
}
