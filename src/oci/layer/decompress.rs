//! Decompression, judged by content: gzip, zstd, bzip2 and xz.
//!
//! Distrusts what it reads: a stream that becomes too long for what it is, or wants too much memory, is an error.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use super::super::error::Error;
use super::limits::Limits;

/// What xz may need: its own largest setting needs a quarter of that.
const MOST_MEMORY_KIB: u32 = 256 << 10;

/// What the first bytes of a file say about its compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// None that is known.
    Plain,
    /// gzip
    Gzip,
    /// zstd
    Zstd,
    /// bzip2
    Bzip2,
    /// xz
    Xz,
}

impl Packing {
    /// Judges by the first six bytes, or as many as there are.
    pub fn of(start: &[u8]) -> Self {
        let magics: [(&[u8], Self); 4] = [
            (b"\x1f\x8b\x08", Self::Gzip),
            (b"\x28\xb5\x2f\xfd", Self::Zstd),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ\0", Self::Xz),
        ];
        magics.into_iter().find(|(magic, _)| start.starts_with(magic)).map_or(Self::Plain, |(_, packing)| packing)
    }
}

/// A reader that decompresses what is compressed and lets everything else through.
pub struct Decompressor<R: Read> {
    form: Form<R>,
    /// Bytes that came out.
    given: u64,
    limits: Limits,
}

/// A buffered reader whose first bytes have been looked at.
type Started<R> = BufReader<Chain<Cursor<Vec<u8>>, Counted<R>>>;

enum Form<R: Read> {
    Plain(Started<R>),
    /// Any number of members.
    Gzip(Box<flate2::bufread::MultiGzDecoder<Started<R>>>),
    /// Any number of frames.
    Zstd(Box<zstd::Decoder<'static, Started<R>>>),
    /// Any number of streams.
    Bzip2(Box<bzip2::bufread::MultiBzDecoder<Started<R>>>),
    /// Any number of streams.
    Xz(Box<lzma_rust2::XzReader<Started<R>>>),
}

/// A reader that counts.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

impl<R: Read> Decompressor<R> {
    /// Looks at the first bytes of `reader`.
    pub fn new(reader: R) -> io::Result<Self> {
        Self::within(Limits::default(), reader)
    }

    /// The same with other limits than usual.
    pub fn within(limits: Limits, mut reader: R) -> io::Result<Self> {
        let mut start = Vec::new();
        (&mut reader).take(6).read_to_end(&mut start)?;
        let packing = Packing::of(&start);
        let counted = Counted { inner: reader, count: start.len() as u64 };
        let reader = BufReader::with_capacity(128 << 10, Cursor::new(start).chain(counted));
        let form = match packing {
            Packing::Gzip => Form::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(reader))),
            Packing::Zstd => Form::Zstd(Box::new(zstd::Decoder::with_buffer(reader)?)),
            Packing::Bzip2 => Form::Bzip2(Box::new(bzip2::bufread::MultiBzDecoder::new(reader))),
            Packing::Xz => Form::Xz(Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, MOST_MEMORY_KIB))),
            Packing::Plain => Form::Plain(reader),
        };
        Ok(Self { form, given: 0, limits })
    }

    /// How many bytes went in.
    fn taken(&self) -> u64 {
        let started = match &self.form {
            Form::Plain(reader) => reader,
            Form::Gzip(decoder) => decoder.get_ref(),
            Form::Zstd(decoder) => decoder.get_ref(),
            Form::Bzip2(decoder) => decoder.get_ref(),
            Form::Xz(decoder) => decoder.inner(),
        };
        started.get_ref().get_ref().1.count
    }
}

impl<R: Read> Read for Decompressor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.form {
            Form::Plain(reader) => return reader.read(buffer),
            Form::Gzip(decoder) => decoder.read(buffer)?,
            Form::Zstd(decoder) => {
                let count = decoder.read(buffer)?;
                // The decoder stops at the end of the last frame; the reader below must see its own end too.
                if count == 0 && !buffer.is_empty() && !decoder.get_mut().fill_buf()?.is_empty() {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "bytes follow the last zstd frame"));
                }
                count
            }
            Form::Bzip2(decoder) => decoder.read(buffer)?,
            Form::Xz(decoder) => decoder.read(buffer).map_err(|error| match error.kind() {
                io::ErrorKind::OutOfMemory => {
                    let why = format!("its xz dictionary is for more than {} MiB of memory", MOST_MEMORY_KIB >> 10);
                    Error::malformed("the archive", why).into()
                }
                _ => error,
            })?,
        };
        self.given += count as u64;
        self.limits.check_ratio(self.taken(), self.given)?;
        Ok(count)
    }
}
