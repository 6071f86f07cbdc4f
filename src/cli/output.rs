use std::io::{self, BufWriter, ErrorKind, Write};

use super::trouble::Trouble;

/// Writes to standard output. A reader that has gone, as `head` goes, has seen enough.
pub fn output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Trouble> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Trouble::server("standard output", error))
        }
        _ => Ok(()),
    }
}
