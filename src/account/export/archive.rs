//! Manifest and zip.

use std::io::{Cursor, Write};

use serde::Serialize;
use zip::{ZipWriter, result::ZipResult, write::SimpleFileOptions};

use super::{documents::Export, receipts::Signed};
use crate::{
    types::bytes,
    web::{House, texts::Words},
};

/// The version of the files' shape.
const VERSION: u32 = 1;

/// What goes into the archive.
pub(super) struct Parts<'a> {
    pub house: &'a House,
    pub export: &'a Export,
    pub receipts: &'a [Signed<'a>],
    /// The public keys at this moment (RFC 7517), by which receipts verify later, too.
    pub keys: &'a [u8],
    /// The language of the README.
    pub readme: Words<'a>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema: String,
    version: u32,
    generated_at: &'a str,
    issuer: &'a str,
    files: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    sha256: String,
    entries: usize,
}

struct File {
    name: &'static str,
    content: Vec<u8>,
    entries: usize,
}

/// The archive.
///
/// # Errors
/// None that memory does not give: everything is made in it.
pub(super) fn zip(parts: &Parts<'_>) -> ZipResult<Vec<u8>> {
    let export = parts.export;
    let mut files = vec![
        json("account.json", &export.account, 1)?,
        json("ways.json", &export.ways, export.ways.len())?,
        json("claims.json", &export.claims, export.claims.len())?,
        json("apps.json", &export.apps, export.apps.len())?,
        json("sessions.json", &export.sessions, export.sessions.len())?,
        json("passes.json", &export.passes, export.passes.len())?,
        json("access.json", &export.access, export.access.len())?,
        json("history.json", &export.history, export.history.len())?,
        json("receipts.json", &parts.receipts, parts.receipts.len())?,
        File { name: "keys.json", content: parts.keys.to_vec(), entries: 1 },
    ];
    let manifest = Manifest {
        schema: parts.house.issuer.at(crate::web::links::EXPORT_SCHEMA),
        version: VERSION,
        generated_at: &export.account.generated_at,
        issuer: &export.account.issuer,
        files: files.iter().map(listed).collect(),
    };
    files.insert(0, json("manifest.json", &manifest, 1)?);
    files.insert(0, File { name: "README.txt", content: readme(parts).into_bytes(), entries: 1 });
    write(&files)
}

fn json(name: &'static str, document: &impl Serialize, entries: usize) -> ZipResult<File> {
    let content = serde_json::to_vec_pretty(document).map_err(std::io::Error::from)?;
    Ok(File { name, content, entries })
}

fn listed(file: &File) -> Listed {
    Listed { name: file.name, sha256: bytes::to_hex(&bytes::sha256(&file.content)), entries: file.entries }
}

fn write(files: &[File]) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Dates of files are left at the format's first day: the manifest says when.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for file in files {
        zip.start_file(file.name, options)?;
        zip.write_all(&file.content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The README, a paragraph for each file.
fn readme(parts: &Parts<'_>) -> String {
    const PARAGRAPHS: [&str; 13] = [
        "export-title",
        "export-intro",
        "export-manifest",
        "export-account",
        "export-ways",
        "export-claims",
        "export-apps",
        "export-sessions",
        "export-passes",
        "export-access",
        "export-history",
        "export-receipts",
        "export-left-out",
    ];
    let words = parts.readme;
    let host = parts.house.issuer.host();
    let paragraphs = PARAGRAPHS.map(|id| words.with(id, "host", host));
    paragraphs.join("\n\n") + "\n"
}
