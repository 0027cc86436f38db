//! Prints a table of figures counted by valgrind and their limits. Each operation runs a few times and then more times;
//! the difference is its cost.

use std::process::{Command, ExitCode};

/// A valgrind tool, and the label before the total in its output.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    name: &'static str,
    label: &'static str,
}

pub(crate) const INSTRUCTIONS: Tool = Tool { name: "callgrind", label: "Collected : " };
pub(crate) const ALLOCATIONS: Tool = Tool { name: "dhat", label: "in " };

impl Tool {
    /// The valgrind command for this tool; add the program and its arguments.
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new("valgrind");
        command.arg(format!("--tool={}", self.name)).arg(format!("--{}-out-file=/dev/null", self.name));
        command
    }

    /// Parses the total in valgrind's output.
    pub(crate) fn sum(self, said: &str) -> u64 {
        let line = said.lines().find(|line| line.contains("Total:") || line.contains("Collected")).unwrap();
        let figure = line.split_once(self.label).unwrap().1.split(' ').next().unwrap();
        figure.replace(',', "").parse().unwrap()
    }
}

/// A table with a count of the rows over their limits.
pub(crate) struct Table {
    over: usize,
}

impl Table {
    pub(crate) fn new(what: &str) -> Self {
        println!("{what:<36} {:>12} {:>10} {:>12} {:>10}", "instructions", "limit", "allocations", "limit");
        Self { over: 0 }
    }

    /// Prints a row with the counts and limits, instructions first.
    pub(crate) fn row(&mut self, what: &str, counted: [u64; 2], most: [u64; 2]) {
        println!("{what:<36} {:>12} {:>10} {:>12} {:>10}", counted[0], most[0], counted[1], most[1]);
        self.over += usize::from(counted[0] > most[0] || counted[1] > most[1]);
    }

    /// Fails if any row is over its limit.
    pub(crate) fn end(self) -> ExitCode {
        println!("over the limit: {}", self.over);
        if self.over == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
