//! Pictures, of the operator and of apps: looked at before they are served from here.

use std::path::{Path, PathBuf};

use actix_web::web::Bytes;

/// A picture of at most this many bytes.
pub const MAX_BYTES: usize = 256 * 1024;

/// A picture that a browser can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The file.
    pub bytes: Bytes,
    /// `svg`, `png`, `jpg` or `webp`, by what is in the file and not by its name.
    pub extension: &'static str,
    /// Its media type.
    pub media_type: &'static str,
}

/// Why a picture was refused.
#[derive(Debug, thiserror::Error)]
pub enum BadLogo {
    /// It cannot be read.
    #[error("branding.logo {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not fit to be shown.
    #[error("branding.logo {path}: {source}", path = path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unfit,
    },
}

/// Why bytes are not shown as a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Too many of them.
    #[error("larger than 256 KiB")]
    TooLarge,
    /// They are something else.
    #[error("not a picture in SVG, PNG, JPEG or WebP")]
    NotAPicture,
    /// An SVG that does more than show something.
    #[error("the SVG holds a script; export it as a plain drawing")]
    Script,
}

impl Logo {
    /// Reads a picture file.
    ///
    /// # Errors
    /// What is wrong with it, with its path.
    pub fn read(path: &Path) -> Result<Self, BadLogo> {
        let unreadable = |source| BadLogo::Unreadable { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        let limit = MAX_BYTES as u64 + 1;
        std::io::Read::read_to_end(
            &mut std::io::Read::take(std::fs::File::open(path).map_err(unreadable)?, limit),
            &mut bytes,
        )
        .map_err(unreadable)?;
        Self::of(bytes).map_err(|source| BadLogo::Unfit { path: path.to_owned(), source })
    }

    /// A picture that came as bytes.
    ///
    /// # Errors
    /// Why they are none.
    pub fn of(bytes: Vec<u8>) -> Result<Self, Unfit> {
        if bytes.len() > MAX_BYTES {
            return Err(Unfit::TooLarge);
        }
        let (extension, media_type) = kind_of(&bytes).ok_or(Unfit::NotAPicture)?;
        if extension == "svg" && has_script(&bytes) {
            return Err(Unfit::Script);
        }
        Ok(Self { bytes: bytes.into(), extension, media_type })
    }
}

fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(("png", "image/png")),
        [0xff, 0xd8, 0xff, ..] => Some(("jpg", "image/jpeg")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(("webp", "image/webp")),
        text => {
            let text = std::str::from_utf8(text).ok()?.trim_start_matches('\u{feff}').trim_start();
            let starts = ["<svg", "<?xml", "<!--", "<!DOCTYPE svg"].iter().any(|start| text.starts_with(start));
            (starts && text.contains("<svg")).then_some(("svg", "image/svg+xml"))
        }
    }
}

/// Says no early and by name. What keeps a script from running is the policy that every SVG is served with.
fn has_script(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    ["<script", "javascript:", "<foreignobject", " onload", " onclick", " onerror"]
        .iter()
        .any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(bytes: &[u8]) -> Result<Logo, BadLogo> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.png");
        std::fs::write(&path, bytes).unwrap();
        Logo::read(&path)
    }

    #[test]
    fn a_picture_is_known_by_its_content() {
        for (bytes, extension) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "png"),
            (b"\xff\xd8\xff\xe0", "jpg"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
            ("\u{feff}<?xml version='1.0'?>\n<svg/>".as_bytes(), "svg"),
        ] {
            assert_eq!(reading(bytes).unwrap().extension, extension);
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [&b""[..], b"<html><svg></svg></html>", b"GIF89a", b"\xff\xfe"] {
            assert!(matches!(reading(bytes), Err(BadLogo::Unfit { source: Unfit::NotAPicture, .. })));
        }
        assert!(matches!(
            reading(b"<svg><SCRIPT>alert(1)</SCRIPT></svg>"),
            Err(BadLogo::Unfit { source: Unfit::Script, .. })
        ));
        assert!(matches!(reading(b"<svg onload='x()'/>"), Err(BadLogo::Unfit { source: Unfit::Script, .. })));
        let mut huge = b"\x89PNG\r\n\x1a\n".to_vec();
        huge.resize(MAX_BYTES + 1, 0);
        assert!(matches!(reading(&huge), Err(BadLogo::Unfit { source: Unfit::TooLarge, .. })));
        huge.truncate(MAX_BYTES);
        assert!(reading(&huge).is_ok());
        let missing = Logo::read(Path::new("/nowhere/logo.svg")).unwrap_err();
        assert!(missing.to_string().starts_with("branding.logo /nowhere/logo.svg: "), "{missing}");
    }
}
