//! `Input`: the bytes of one source, decompressed, with a tally of the bytes as stored.
//!
//! Compression and Parquet are told by their magic numbers, whatever the file is called; what is left
//! is text, told apart by suffix and, without one, by its first character. A suffix that promises a
//! magic number which is not there is a damaged file.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use xxhash_rust::xxh3::Xxh3;

use crate::events::error::Error;
use crate::events::sources::Source;

/// What the decompressed bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Delimited,
    Lines,
    Parquet,
}

/// What the stored bytes are wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// As it stands in [`InputRead::format`](crate::events::InputRead).
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Compression::None => "",
            Compression::Gzip => "+gzip",
            Compression::Zstd => "+zstd",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Compression::None => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }
}

/// Counts and hashes what passes through.
pub(super) struct Tally<R> {
    inner: R,
    hash: Xxh3,
    bytes: u64,
}

impl<R: Read> Tally<R> {
    pub(super) fn new(inner: R) -> Self {
        Tally {
            inner,
            hash: Xxh3::new(),
            bytes: 0,
        }
    }

    /// Appends up to `limit` bytes to `buffer`; how many.
    ///
    /// Past this reader, so that memory nobody has written to need not be filled with zeros first.
    fn append(&mut self, buffer: &mut Vec<u8>, limit: u64) -> io::Result<usize> {
        let start = buffer.len();
        let result = self.inner.by_ref().take(limit).read_to_end(buffer);
        self.note(&buffer[start..]);
        result
    }

    fn note(&mut self, passed: &[u8]) {
        self.hash.update(passed);
        self.bytes += passed.len() as u64;
    }

    /// Bytes that passed, and their xxh3 in 32 hex digits.
    pub(super) fn sum(&self) -> (u64, String) {
        (self.bytes, format!("{:032x}", self.hash.digest128()))
    }
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.note(&buffer[..length]);
        Ok(length)
    }
}

type Stored = Tally<Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>>;

enum Decoder {
    Plain(Stored),
    Gzip(Box<MultiGzDecoder<BufReader<Stored>>>),
    Zstd(zstd::Decoder<'static, BufReader<Stored>>),
}

/// An open input.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) compression: Compression,
    decoder: Decoder,
    /// Decompressed bytes so far.
    offset: u64,
}

/// Bytes looked at to find magic numbers.
const MAGIC_BYTES: u64 = 8;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const PARQUET: &[u8] = b"PAR1";
const STORED_BUFFER_BYTES: usize = 256 << 10;

impl Input {
    pub(super) fn open(source: &Source) -> Result<Self, Error> {
        let mut stored: Box<dyn Read + Send> = match &source.path {
            None => Box::new(io::stdin()),
            Some(path) => Box::new(File::open(path).map_err(|reason| unopened(path, reason))?),
        };
        let mut head = Vec::new();
        let failed = |reason| Error::Read {
            source_name: source.name.clone(),
            byte: 0,
            reason,
        };
        stored
            .by_ref()
            .take(MAGIC_BYTES)
            .read_to_end(&mut head)
            .map_err(failed)?;
        let compression = if head.starts_with(GZIP) {
            Compression::Gzip
        } else if head.starts_with(ZSTD) {
            Compression::Zstd
        } else {
            Compression::None
        };
        expect_compression(source, compression, head.is_empty())?;
        let stored = Tally::new(Cursor::new(head).chain(stored));
        let buffered = |stored| BufReader::with_capacity(STORED_BUFFER_BYTES, stored);
        let decoder = match compression {
            Compression::None => Decoder::Plain(stored),
            Compression::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(buffered(stored)))),
            Compression::Zstd => {
                Decoder::Zstd(zstd::Decoder::with_buffer(buffered(stored)).map_err(failed)?)
            }
        };
        Ok(Input {
            name: source.name.clone(),
            compression,
            decoder,
            offset: 0,
        })
    }

    /// Appends up to `limit` decompressed bytes to `buffer`; fewer only at the end of the input.
    pub(super) fn read(&mut self, buffer: &mut Vec<u8>, limit: usize) -> Result<usize, Error> {
        buffer.reserve(limit);
        let limit_bytes = limit as u64;
        let result = match &mut self.decoder {
            Decoder::Plain(plain) => plain.append(buffer, limit_bytes),
            Decoder::Gzip(gzip) => gzip.by_ref().take(limit_bytes).read_to_end(buffer),
            Decoder::Zstd(zstd) => zstd.by_ref().take(limit_bytes).read_to_end(buffer),
        };
        match result {
            Ok(length) => {
                self.offset += length as u64;
                Ok(length)
            }
            Err(reason) => Err(self.failure(reason)),
        }
    }

    /// Stored bytes read, and their hash.
    pub(super) fn sum(&self) -> (u64, String) {
        match &self.decoder {
            Decoder::Plain(plain) => plain.sum(),
            Decoder::Gzip(gzip) => gzip.get_ref().get_ref().sum(),
            Decoder::Zstd(zstd) => zstd.get_ref().get_ref().sum(),
        }
    }

    /// Stored bytes read.
    pub(super) fn stored_bytes(&self) -> u64 {
        match &self.decoder {
            Decoder::Plain(plain) => plain.bytes,
            Decoder::Gzip(gzip) => gzip.get_ref().get_ref().bytes,
            Decoder::Zstd(zstd) => zstd.get_ref().get_ref().bytes,
        }
    }

    fn failure(&self, reason: io::Error) -> Error {
        let source_name = self.name.clone();
        if self.compression == Compression::None {
            return Error::Read {
                source_name,
                byte: self.offset,
                reason,
            };
        }
        let (format, reason) = (self.compression.name(), reason.to_string());
        Error::Damaged {
            source_name,
            format,
            read: self.offset,
            unit: "bytes",
            reason,
        }
    }
}

/// The error for a file that does not open.
pub(super) fn unopened(path: &Path, reason: io::Error) -> Error {
    if reason.kind() == io::ErrorKind::NotFound {
        Error::NoSuchFile { path: path.into() }
    } else {
        Error::Unreadable {
            path: path.into(),
            reason,
        }
    }
}

fn expect_compression(source: &Source, found: Compression, empty: bool) -> Result<(), Error> {
    let (_, promised) = split_compression(&source.name);
    if promised == Compression::None || found == promised || empty {
        return Ok(());
    }
    Err(Error::Damaged {
        source_name: source.name.clone(),
        format: promised.name(),
        read: 0,
        unit: "bytes",
        reason: "it does not begin as such a file".into(),
    })
}

fn split_compression(name: &str) -> (String, Compression) {
    let name = name.to_ascii_lowercase();
    if let Some(plain) = name.strip_suffix(".gz") {
        (plain.into(), Compression::Gzip)
    } else if let Some(plain) = name.strip_suffix(".zst") {
        (plain.into(), Compression::Zstd)
    } else {
        (name, Compression::None)
    }
}

/// What an input is, from its name and its first decompressed bytes.
pub(super) fn format_of(source: &Source, head: &[u8]) -> Result<Format, Error> {
    if head.starts_with(PARQUET) {
        return Ok(Format::Parquet);
    }
    let (plain, _) = split_compression(&source.name);
    let suffix = plain.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let format = match suffix {
        "parquet" => {
            return Err(Error::Damaged {
                source_name: source.name.clone(),
                format: "parquet",
                read: 0,
                unit: "bytes",
                reason: "it does not begin as such a file".into(),
            });
        }
        "ndjson" | "jsonl" | "json" => Format::Lines,
        "csv" | "tsv" => Format::Delimited,
        _ => match skip_mark(head)
            .iter()
            .find(|byte| !byte.is_ascii_whitespace())
        {
            Some(b'{') => Format::Lines,
            _ => Format::Delimited,
        },
    };
    refuse_binary(&source.name, head)?;
    let text = skip_mark(head);
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace());
    if let Some(byte) = first.filter(|&at| format == Format::Lines && text[at] == b'[') {
        let what = "a JSON array, expected one object per line".into();
        let byte = (head.len() - text.len() + byte) as u64;
        return Err(Error::Binary {
            source_name: source.name.clone(),
            byte,
            what,
        });
    }
    Ok(format)
}

/// Text has no NUL bytes; UTF-16 and everything that is not text is full of them.
fn refuse_binary(name: &str, head: &[u8]) -> Result<(), Error> {
    let Some(byte) = memchr::memchr(0, head) else {
        return Ok(());
    };
    let wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let what = if wide {
        "UTF-16, expected UTF-8"
    } else {
        "a NUL byte, expected text"
    };
    Err(Error::Binary {
        source_name: name.into(),
        byte: byte as u64,
        what: what.into(),
    })
}

/// `text` without the byte order mark of UTF-8.
pub(super) fn skip_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}
