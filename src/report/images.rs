//! The images in the store: a line each for people, and everything as JSON.

use std::io;

use serde::Serialize;

use crate::digest::Digest;
use crate::report::count::size;
use crate::report::envelope;
use crate::report::style::{Style, Tone};

/// An image under one of its names. What is damaged has neither platform nor size.
#[derive(Debug, Clone, Serialize)]
pub struct ImageRow {
    /// Its name, in full.
    pub name: String,
    /// Its name as people write it.
    #[serde(skip)]
    pub familiar: String,
    /// Its name, in full but for the tag.
    pub repository: String,
    /// Its tag; none where it is named by its digest.
    pub tag: Option<String>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The digest of its config.
    pub config: Digest,
    /// What it is for.
    pub platform: Option<String>,
    /// When it was made (RFC 3339).
    pub created: Option<String>,
    /// Bytes as it travels.
    pub size: Option<u64>,
    /// Its layers, lowest first.
    pub layers: Vec<LayerRow>,
}

/// One of its layers.
#[derive(Debug, Clone, Serialize)]
pub struct LayerRow {
    /// What its blob is.
    pub media_type: String,
    /// The digest of its blob.
    pub digest: Digest,
    /// Bytes of its blob.
    pub size: u64,
    /// The digest of the tar in it.
    pub diff_id: Digest,
}

const HEAD: [&str; 5] = ["NAME", "DIGEST", "CREATED (UTC)", "SIZE", "PLATFORM"];

/// Writes a line for each image, below the names of the columns.
pub fn write_images_text(rows: &[ImageRow], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let lines: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let aligned = |cells: &[String; 5]| {
        let [name, digest, created, size, platform] = cells;
        let [a, b, c, d] = widths;
        format!("{name:<a$}  {digest:<b$}  {created:<c$}  {size:>d$}  {platform}")
    };
    writeln!(out, "{}", style.paint(Tone::Strong, aligned(&HEAD.map(str::to_owned))))?;
    lines.iter().try_for_each(|line| writeln!(out, "{}", aligned(line)))
}

fn cells(row: &ImageRow) -> [String; 5] {
    let created = row.created.as_deref().map(|created| created.get(..16).unwrap_or(created).replace('T', " "));
    let unknown = || "?".to_owned();
    [
        row.familiar.clone(),
        row.digest.short(),
        created.unwrap_or_else(unknown),
        row.size.map_or_else(unknown, size),
        row.platform.clone().unwrap_or_else(|| "damaged: build or pull it again".to_owned()),
    ]
}

#[derive(Serialize)]
struct Document<'a> {
    images: &'a [ImageRow],
}

/// Writes them as JSON, in rplan's envelope.
pub fn write_images_json(rows: &[ImageRow], out: &mut dyn io::Write) -> io::Result<()> {
    envelope::write("image ls", &Document { images: rows }, out)
}
