//! `mailkey completions`.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::{error::Error, options::Options, screen::Screen};

pub(crate) fn run(screen: Screen, shell: Shell) -> Result<(), Error> {
    let mut script = Vec::new();
    generate(shell, &mut Options::command(), "mailkey", &mut script);
    screen.bytes(&script)
}
