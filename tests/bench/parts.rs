//! Measures the hot code that needs no services, in instructions and allocations counted by valgrind. The figures are
//! the same to within a percent on other machines and under load. Exceeding a limit is a failure.
//! `cargo bench -p mailkey-mailer --bench parts`. Each part runs a few times and then more times. The difference is its
//! cost, without process start and one-time setup.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement stops at anything unexpected"
)]

#[path = "valgrind.rs"]
mod valgrind;

use std::{hint::black_box, process::ExitCode};

use mailkey::{
    EmailAddress, Locale, OsEntropy,
    config::KeyRing,
    dns::MxVerdict,
    paging::CursorKey,
    secret::Secret,
    ses_event::{event_key, unwrap_text},
    smtp::SmtpReply,
    typo,
};
use mailkey_mailer::emails::{Portal, samples};
use valgrind::{ALLOCATIONS, INSTRUCTIONS, Table, Tool};

/// A part with its limits of instructions and allocations.
struct Part {
    name: &'static str,
    instructions: u64,
    allocations: u64,
    run: fn(),
}

const PARTS: [Part; 9] = [
    Part {
        name: "parse an ASCII address",
        instructions: 25_800,
        allocations: 14,
        run: || address("Alice.Example@mail.example.com"),
    },
    Part {
        name: "parse a Unicode address",
        instructions: 22_000,
        allocations: 12,
        run: || address("josé@müller.example"),
    },
    Part { name: "create, parse and digest a token", instructions: 8_500, allocations: 4, run: token },
    Part { name: "seal and open a cursor", instructions: 50_000, allocations: 21, run: cursor },
    Part { name: "parse an SES event", instructions: 248_000, allocations: 273, run: || event(BOUNCE) },
    Part { name: "the same, wrapped by SNS and SQS", instructions: 342_000, allocations: 336, run: || event(WRAPPED) },
    Part { name: "classify an SMTP reply", instructions: 570_000, allocations: 130, run: reply },
    Part { name: "correct a mistyped domain", instructions: 423_000, allocations: 100, run: mistyped },
    Part { name: "render fourteen emails", instructions: 4_500_000, allocations: 2_520, run: emails },
];

const BOUNCE: &str = include_str!("../ses-events/aws-ep-bounce.json");
const WRAPPED: &str = include_str!("../ses-events/anymail-sns-bounce-xtags.json");

/// The two numbers of runs of each part.
const RUNS: [u64; 2] = [10, 60];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [name, runs] = arguments.as_slice() {
        let part = PARTS.iter().find(|part| part.name == name).unwrap();
        (0..runs.parse().unwrap()).for_each(|_| (part.run)());
        return ExitCode::SUCCESS;
    }
    let mut table = Table::new("part");
    for part in &PARTS {
        let counted = [INSTRUCTIONS, ALLOCATIONS].map(|tool| counted(part.name, tool));
        table.row(part.name, counted, [part.instructions, part.allocations]);
    }
    table.end()
}

/// The cost of one run of a part.
fn counted(part: &str, tool: Tool) -> u64 {
    let [less, more] = RUNS.map(|runs| {
        let mut command = tool.command();
        let done = command.arg(std::env::current_exe().unwrap()).arg(part).arg(runs.to_string()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        tool.sum(&String::from_utf8(done.stderr).unwrap())
    });
    (more - less) / (RUNS[1] - RUNS[0])
}

fn address(typed: &str) {
    black_box(EmailAddress::parse(black_box(typed)).unwrap().key());
}

fn token() {
    let shown = Secret::generate(&OsEntropy).unwrap().reveal();
    black_box(Secret::parse(&shown).unwrap().digest());
}

fn cursor() {
    let key = CursorKey::new(KeyRing::parse(&"A".repeat(64)).unwrap());
    let sealed = key.seal("email-log", "01KA2B3C4D5E6F7G8H9J0K1M2N");
    black_box(key.open("email-log", &sealed).unwrap());
}

fn event(text: &str) {
    for record in unwrap_text(black_box(text)) {
        let mailkey::ses_event::Content::Event(event) = &record.content else { panic!("an event") };
        event.recipients.iter().for_each(|recipient| drop(black_box(event_key(event, &recipient.address))));
    }
}

fn reply() {
    let text = "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's \
                email address for typos or unnecessary spaces.";
    black_box(SmtpReply::parse(Some(black_box("5.1.1")), Some(text)).cause());
}

fn mistyped() {
    let address = EmailAddress::parse(black_box("alice@gmial.con")).unwrap();
    black_box(typo::suggest(&address, &[("example.com".to_owned(), 12)], MxVerdict::NoSuchDomain).unwrap());
}

fn emails() {
    let portal = Portal {
        name: "Example Portal".to_owned(),
        site_url: "https://account.example.com".to_owned(),
        support_email: "help@example.com".to_owned(),
        portal_url: None,
        brand_colour: None,
        logo_url: None,
    };
    black_box(samples::all(&portal, Locale::ALL[0], Some("Alice Example")).unwrap());
}
