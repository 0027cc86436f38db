#![no_main]

// The command is no library, so its source is taken in here.
#[allow(dead_code, reason = "what a test of the command uses")]
#[path = "../../../infra/cli/src/commands/import/lines.rs"]
mod lines;

/// What it takes from the rest of the command; `address` fuzzes the real one's neighbour in the service.
mod user_ref {
    pub(crate) fn canonical(address: &str) -> String {
        address.trim().to_lowercase()
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for line in lines::Lines::new(data) {
        let _ = line.expect("bytes in memory can be read");
    }
});
