#![no_main]

// The command isn't a library, so its source file is included here.
#[allow(dead_code, reason = "used by a test of the command")]
#[path = "../../../infra/cli/src/commands/import/lines.rs"]
mod lines;

/// Replaces a dependency of the included file; the target `address` fuzzes the service's own parser.
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
