//! Compression of layers, in blocks of fixed size, each compressed on its own.
//!
//! Blocks are compressed on the threads of a pool and written in order: gzip members and zstd frames may be put one
//! after another. Since a block's size is fixed, the bytes are the same for any number of threads. Memory is bounded by
//! a few blocks a thread.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use rayon::ThreadPool;

use super::super::manifest::media_type;

/// How a layer is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, which everything reads. Levels 1 to 9.
    Gzip {
        /// More is smaller and slower.
        level: u32,
    },
    /// zstd, three times as fast and smaller. Levels 1 to 19.
    Zstd {
        /// More is smaller and slower.
        level: i32,
    },
}

impl Compression {
    /// gzip as everybody uses it.
    pub const GZIP: Self = Self::Gzip { level: 6 };
    /// zstd as everybody uses it.
    pub const ZSTD: Self = Self::Zstd { level: 3 };

    /// What a layer compressed like this is called.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::None => media_type::LAYER_TAR,
            Self::Gzip { .. } => media_type::LAYER_GZIP,
            Self::Zstd { .. } => media_type::LAYER_ZSTD,
        }
    }

    fn block_size(self) -> usize {
        match self {
            Self::None | Self::Gzip { .. } => 1 << 20,
            // A frame shorter than the window (2 MiB at level 3) would cost size.
            Self::Zstd { .. } => 4 << 20,
        }
    }

    fn compress(self, block: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(block.to_vec()),
            Self::Gzip { level } => {
                let mut encoder =
                    flate2::write::GzEncoder::new(Vec::with_capacity(block.len() / 2), flate2::Compression::new(level));
                encoder.write_all(block)?;
                encoder.finish()
            }
            Self::Zstd { level } => zstd::bulk::compress(block, level),
        }
    }
}

/// A writer that compresses.
pub struct Compressor<'pool, W> {
    out: W,
    compression: Compression,
    pool: &'pool ThreadPool,
    block: Vec<u8>,
    pending: VecDeque<Receiver<io::Result<Vec<u8>>>>,
    started: bool,
}

impl<'pool, W: Write> Compressor<'pool, W> {
    /// Compresses on `pool` and writes to `out`.
    pub fn new(out: W, compression: Compression, pool: &'pool ThreadPool) -> Self {
        Self { out, compression, pool, block: Vec::new(), pending: VecDeque::new(), started: false }
    }

    /// Writes what is left and gives `out` back.
    pub fn finish(mut self) -> io::Result<W> {
        if self.compression != Compression::None && (!self.block.is_empty() || !self.started) {
            self.submit();
        }
        while !self.pending.is_empty() {
            self.write_oldest()?;
        }
        Ok(self.out)
    }

    fn submit(&mut self) {
        self.started = true;
        let (sender, receiver) = sync_channel(1);
        let (block, compression) = (std::mem::take(&mut self.block), self.compression);
        self.pool.spawn(move || {
            // Nobody waits any more when the layer was given up.
            let _ = sender.send(compression.compress(&block));
        });
        self.pending.push_back(receiver);
    }

    fn write_oldest(&mut self) -> io::Result<()> {
        let Some(receiver) = self.pending.pop_front() else { return Ok(()) };
        let block = loop {
            match receiver.try_recv() {
                Ok(block) => break block,
                Err(TryRecvError::Disconnected) => panic!("a compression job always answers"),
                Err(TryRecvError::Empty) => {}
            }
            // On a thread of the pool itself waiting would block the job that is waited for: work on others meanwhile.
            match self.pool.yield_now() {
                Some(rayon::Yield::Executed) => {}
                Some(rayon::Yield::Idle) => std::thread::yield_now(),
                None => break receiver.recv().expect("a compression job always answers"),
            }
        };
        self.out.write_all(&block?)
    }
}

impl<W: Write> Write for Compressor<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.compression == Compression::None {
            return self.out.write(bytes);
        }
        let size = self.compression.block_size();
        if self.block.capacity() == 0 {
            self.block.reserve_exact(size);
        }
        let count = bytes.len().min(size - self.block.len());
        self.block.extend_from_slice(&bytes[..count]);
        if self.block.len() == size {
            self.submit();
            if self.pending.len() > 2 * self.pool.current_num_threads() {
                self.write_oldest()?;
            }
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
