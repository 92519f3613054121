//! Tar stream → entries.
//!
//! Understands ustar, PAX (global headers too), GNU long names and sparse files, and V7. Distrusts everything: a name
//! that leads out of the root, a size no file has, a header whose checksum is wrong or an archive that is cut short is
//! an error. Parents that an archive only implies are left to whoever applies the entries.

use std::io::{self, Read, Seek};

use tar::Header;

use super::super::error::{Error, Result};
use super::super::whiteout::{self, Meaning};
use super::entry::{Entry, Kind};
use super::fields::{check_sum, damaged, device, header_name, id, inner_path, number, signed, until_nul};
use super::header::BLOCK;
use super::limits::Limits;
use super::pax::{self, Records};
use super::sparse::{self, Content, OldRegions, PaxSparse};

/// No file system of today holds a larger file.
const MAX_FILE: u64 = 1 << 43;

/// The longest PAX header or GNU long name.
const MAX_META: u64 = 1 << 20;

/// Reads the entries of a tar stream. After [`next_entry`](Self::next_entry) has given a file, the reader itself gives
/// the file's content.
pub struct EntryReader<R> {
    archive: R,
    content: Content,
    global: Records,
    whiteouts: bool,
    ended: bool,
    skip: Skip<R>,
    limits: Limits,
    /// How many headers there were.
    headers: u64,
    /// Bytes in all files so far.
    size: u64,
}

/// Steps over so many bytes, or as many as there are.
type Skip<R> = fn(&mut R, u64) -> io::Result<u64>;

/// What stood before a header and belongs to it.
#[derive(Default)]
struct Extension {
    records: Records,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

impl<R: Read> EntryReader<R> {
    /// Reads a layer: names that begin with `.wh.` are removals.
    pub fn layer(archive: R) -> Self {
        let skip = |archive: &mut R, count| io::copy(&mut archive.take(count), &mut io::sink());
        Self {
            archive,
            content: Content::default(),
            global: Records::default(),
            whiteouts: true,
            ended: false,
            skip,
            limits: Limits::default(),
            headers: 0,
            size: 0,
        }
    }

    /// The same with other limits than usual.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Reads any other archive: names are names.
    pub fn archive(archive: R) -> Self {
        Self { whiteouts: false, ..Self::layer(archive) }
    }

    /// Reads any other archive, stepping over contents instead of reading them. That an archive is cut short in the
    /// middle of a file is noticed only by whoever reads that file.
    pub fn seekable(archive: R) -> Self
    where
        R: Seek,
    {
        let skip = |archive: &mut R, count: u64| {
            let step = i64::try_from(count).expect("contents are far smaller than a signed number can say");
            archive.seek_relative(step).map(|()| count)
        };
        Self { skip, ..Self::archive(archive) }
    }

    /// Where in the archive the content of the current entry starts, as long as none of it has been read.
    pub fn position(&mut self) -> io::Result<u64>
    where
        R: Seek,
    {
        self.archive.stream_position()
    }

    /// The next entry, or none at the end of the archive.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        let mut extension = Extension::default();
        loop {
            self.skip_content()?;
            let Some(header) = self.next_header()? else { return Ok(None) };
            self.headers += 1;
            self.limits.check_entries(self.headers)?;
            let stored = number(&header.as_old().size, "size")?;
            match header.as_old().linkflag[0] {
                b'x' => extension.records.extend(Records::parse(&self.meta(stored)?)?),
                b'g' => {
                    let records = Records::parse(&self.meta(stored)?)?;
                    self.global.extend(records);
                }
                b'L' => extension.long_name = Some(until_nul(&self.meta(stored)?).to_vec()),
                b'K' => extension.long_link = Some(until_nul(&self.meta(stored)?).to_vec()),
                // The label of a volume.
                b'V' => self.content = body(stored)?,
                _ => {
                    let mut records = self.global.clone();
                    records.extend(std::mem::take(&mut extension.records));
                    let extension = Extension { records, ..std::mem::take(&mut extension) };
                    if let Some(entry) = self.entry(&header, stored, extension)? {
                        self.size = self.size.saturating_add(entry.content_size());
                        self.limits.check_size(self.size)?;
                        return Ok(Some(entry));
                    }
                }
            }
        }
    }

    /// Reads the archive to its very end, what follows its end marker included, and gives the reader back.
    pub fn finish(mut self) -> Result<R> {
        while self.next_entry()?.is_some() {}
        io::copy(&mut self.archive, &mut io::sink()).map_err(Error::io(READING))?;
        Ok(self.archive)
    }

    fn next_header(&mut self) -> Result<Option<Header>> {
        if self.ended {
            return Ok(None);
        }
        let mut header = Header::new_old();
        // An archive that just stops between two entries is taken as Go takes it: as ended.
        if !self.fill_block(header.as_mut_bytes())? {
            self.ended = true;
            return Ok(None);
        }
        if header.as_bytes().iter().all(|&byte| byte == 0) {
            let mut second = [0; BLOCK];
            if self.fill_block(&mut second)? && second.iter().any(|&byte| byte != 0) {
                return Err(damaged("a block of zeros stands between two entries"));
            }
            self.ended = true;
            return Ok(None);
        }
        check_sum(&header)?;
        Ok(Some(header))
    }

    /// Fills `block`; false when the archive ended before its first byte.
    fn fill_block(&mut self, block: &mut [u8; BLOCK]) -> Result<bool> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.archive.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(damaged("it ends in the middle of a block")),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io(READING)(error)),
            }
        }
        Ok(true)
    }

    fn needed_block(&mut self) -> Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        if self.fill_block(&mut block)? { Ok(block) } else { Err(damaged("it ends where more was announced")) }
    }

    /// The body of a header that describes the next one.
    fn meta(&mut self, stored: u64) -> Result<Vec<u8>> {
        if stored > MAX_META {
            return Err(damaged(format!("a header of {stored} bytes is announced, {MAX_META} are the most")));
        }
        self.content = body(stored)?;
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).map_err(Error::io(READING))?;
        Ok(bytes)
    }

    /// Steps over what is left of the current entry.
    fn skip_content(&mut self) -> Result<()> {
        let left = self.content.stored + self.content.padding;
        self.content = Content::default();
        let skipped = (self.skip)(&mut self.archive, left).map_err(Error::io(READING))?;
        if skipped == left { Ok(()) } else { Err(damaged("it ends in the middle of a file")) }
    }

    /// The entry `header` stands for, with its content ready to be read; none for book-keeping of AUFS.
    fn entry(&mut self, header: &Header, stored: u64, extension: Extension) -> Result<Option<Entry>> {
        let Extension { records, long_name, long_link } = extension;
        let stored = records.number(b"size")?.unwrap_or(stored);
        let sparse_name = records.get(b"GNU.sparse.name");
        let raw_name = sparse_name.or(records.get(b"path")).map(<[u8]>::to_vec).or(long_name);
        let raw_name = raw_name.unwrap_or_else(|| header_name(header));
        let path = inner_path(&raw_name, "name")?;
        let link = || {
            let target = records.get(b"linkpath").map(<[u8]>::to_vec).or(long_link.clone());
            target.unwrap_or_else(|| until_nul(&header.as_old().linkname).to_vec())
        };
        let kind = match header.as_old().linkflag[0] {
            // V7 archives know no directories but by the slash.
            0 if raw_name.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'7' | b'S' => Kind::File { size: self.start_content(header, stored, &records)? },
            b'1' => Kind::HardLink { target: inner_path(&link(), "link")? },
            b'2' => Kind::Symlink { target: link() },
            b'3' | b'4' => {
                let (major, minor) = device(header)?;
                let character = header.as_old().linkflag[0] == b'3';
                if character { Kind::CharDevice { major, minor } } else { Kind::BlockDevice { major, minor } }
            }
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            other => {
                let what = format!("`{}` in the archive", raw_name.escape_ascii());
                return Err(Error::Unsupported {
                    what,
                    why: format!("its type `{}` is unknown", other.escape_ascii()),
                });
            }
        };
        if path.is_empty() && kind != Kind::Directory {
            return Err(damaged(format!("`{}` would replace the root", raw_name.escape_ascii())));
        }
        let entry = Entry {
            path,
            kind,
            mode: (number(&header.as_old().mode, "mode")? & 0o7777) as u32,
            uid: id(records.number(b"uid")?, &header.as_old().uid, "uid")?,
            gid: id(records.number(b"gid")?, &header.as_old().gid, "gid")?,
            mtime: match records.seconds(b"mtime")? {
                Some(seconds) => seconds,
                None => signed(&header.as_old().mtime, "mtime")?,
            },
            xattrs: records
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(pax::XATTR)?.to_vec(), value.to_vec())))
                .collect(),
        };
        if self.whiteouts { with_whiteouts(entry) } else { Ok(Some(entry)) }
    }

    /// Makes the content of a file readable, and says how long it is.
    fn start_content(&mut self, header: &Header, stored: u64, records: &Records) -> Result<u64> {
        self.content = body(stored)?;
        if header.as_old().linkflag[0] == b'S' {
            let gnu = header.as_gnu().ok_or_else(|| sparse::damaged("its header is not GNU's"))?;
            let size = number(&gnu.realsize, "size")?;
            let mut regions = OldRegions::default();
            regions.extend(&gnu.sparse)?;
            let mut more = gnu.is_extended();
            while more {
                let mut extended = tar::GnuExtSparseHeader::new();
                *extended.as_mut_bytes() = self.needed_block()?;
                regions.extend(extended.sparse())?;
                more = extended.is_extended();
            }
            return self.with_holes(regions.finish(), size);
        }
        match sparse::pax_sparse(records)? {
            None => Ok(stored),
            Some(PaxSparse::Regions(regions, size)) => self.with_holes(regions, size),
            Some(PaxSparse::BeforeData(size)) => {
                let mut left = stored.next_multiple_of(BLOCK as u64);
                let regions = sparse::regions_before_data(|| {
                    left = left
                        .checked_sub(BLOCK as u64)
                        .ok_or_else(|| sparse::damaged("its list of regions has no end"))?;
                    self.needed_block()
                })?;
                let read = stored.next_multiple_of(BLOCK as u64) - left;
                self.content = body(stored.saturating_sub(read))?;
                self.with_holes(regions, size)
            }
        }
    }

    fn with_holes(&mut self, regions: Vec<sparse::Region>, size: u64) -> Result<u64> {
        check_size(size)?;
        self.content = std::mem::take(&mut self.content).sparse(regions, size)?;
        Ok(size)
    }
}

/// The content of the current entry.
impl<R: Read> Read for EntryReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(&mut self.archive, buffer)
    }
}

const READING: &str = "reading the archive";

fn body(stored: u64) -> Result<Content> {
    check_size(stored)?;
    Ok(Content::plain(stored, stored.next_multiple_of(BLOCK as u64) - stored))
}

fn check_size(size: u64) -> Result<()> {
    if size <= MAX_FILE { Ok(()) } else { Err(damaged(format!("a file of {size} bytes is announced"))) }
}

/// What `entry` means in a layer.
fn with_whiteouts(entry: Entry) -> Result<Option<Entry>> {
    let (path, kind) = match whiteout::meaning(&entry.path) {
        Meaning::Plain => return Ok(Some(entry)),
        Meaning::Ignored => return Ok(None),
        Meaning::Whiteout(path) => (path, Kind::Whiteout),
        Meaning::Opaque(path) => (path, Kind::Opaque),
        Meaning::Refused => {
            return Err(damaged(format!("`{}` is not a removal that can be meant", entry.path.escape_ascii())));
        }
    };
    Ok(Some(Entry { path, kind, ..entry }))
}
