//! An answer that is written by plain code on a thread of its own while the client reads it.

use std::io;

use bytes::Bytes;
use futures_util::Stream;
use kit::Result;
use tokio::sync::mpsc;

/// Pieces that wait for a slow client; then the writer waits too.
const WAITING: usize = 4;

/// What `write` writes, piece by piece. When the client goes away, writing fails; when writing fails, the answer
/// breaks off.
pub(crate) fn written(
    write: impl FnOnce(&mut dyn io::Write) -> Result<()> + Send + 'static,
) -> impl Stream<Item = io::Result<Bytes>> {
    let (pieces, incoming) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut out = Pieces(pieces);
        if let Err(error) = write(&mut out)
            && !out.0.is_closed()
        {
            tracing::error!(%error, "an answer broke off");
            drop(out.0.blocking_send(Err(io::Error::other(error.to_string()))));
        }
    });
    futures_util::stream::unfold(incoming, |mut incoming| async {
        incoming.recv().await.map(|piece| (piece, incoming))
    })
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        if !bytes.is_empty() {
            self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
