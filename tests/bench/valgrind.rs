//! What is counted by valgrind, with the most that it may be, as one table. Each thing is done a few times, and then
//! more times: what the difference cost is what it costs.

use std::process::{Command, ExitCode};

/// A tool of valgrind, and what stands before the sum that it prints.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    name: &'static str,
    label: &'static str,
}

pub(crate) const INSTRUCTIONS: Tool = Tool { name: "callgrind", label: "Collected : " };
pub(crate) const ALLOCATIONS: Tool = Tool { name: "dhat", label: "in " };

impl Tool {
    /// Valgrind with this tool; the program and its arguments come behind.
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new("valgrind");
        command.arg(format!("--tool={}", self.name)).arg(format!("--{}-out-file=/dev/null", self.name));
        command
    }

    /// The sum in what it said.
    pub(crate) fn sum(self, said: &str) -> u64 {
        let line = said.lines().find(|line| line.contains("Total:") || line.contains("Collected")).unwrap();
        let figure = line.split_once(self.label).unwrap().1.split(' ').next().unwrap();
        figure.replace(',', "").parse().unwrap()
    }
}

/// The table.
pub(crate) struct Table {
    over: usize,
}

impl Table {
    pub(crate) fn new(what: &str) -> Self {
        println!("{what:<36} {:>12} {:>10} {:>12} {:>10}", "instructions", "at most", "allocations", "at most");
        Self { over: 0 }
    }

    /// A row: what was counted, and the most that it may be, instructions first.
    pub(crate) fn row(&mut self, what: &str, counted: [u64; 2], most: [u64; 2]) {
        println!("{what:<36} {:>12} {:>10} {:>12} {:>10}", counted[0], most[0], counted[1], most[1]);
        self.over += usize::from(counted[0] > most[0] || counted[1] > most[1]);
    }

    /// Whether anything is over what it may be.
    pub(crate) fn end(self) -> ExitCode {
        println!("over what they are allowed: {}", self.over);
        if self.over == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
