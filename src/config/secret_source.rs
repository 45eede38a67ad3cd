//! Where secrets come from: text, `{ env = "NAME" }` or `{ file = "path" }`. No message ever repeats one.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{environment::Environment, faults::quoted, raw::Raw, section::Section, value::Value};
use crate::types::{Secret32, SecretText, bytes};

/// How a good key is made, for people who do not use `vestibule init`.
pub(super) const MAKE_ONE: &str =
    "let `vestibule init` make one, or: openssl rand 32 | basenc --base64url | tr -d '=\\n'";

/// No secret is longer.
const MAX: u64 = 64 * 1024;

impl Value<'_> {
    /// A secret that says something.
    pub fn secret(&self) -> Option<SecretText> {
        let text = match self.raw() {
            Raw::Table(_) => self.section().and_then(|source| from_source(self, &source))?,
            _ => SecretText::new(self.text()?),
        };
        if text.expose().trim().is_empty() {
            self.fault("the secret is empty", "put the secret there");
            return None;
        }
        Some(text)
    }

    /// The path of a file that holds a secret, and that others can neither read nor write.
    pub fn secret_file(&self) -> Option<PathBuf> {
        let path = self.cx.base.join(self.text()?);
        self.read(&path).map(|_| path)
    }

    fn read(&self, path: &Path) -> Option<SecretText> {
        read_secret_file(path, self.cx.env)
            .map_err(|problem| self.fault(format!("{}: {problem}", path.display()), problem.remedy(path)))
            .ok()
    }

    /// A key: at least 32 random bytes, base64url without padding.
    pub fn key(&self) -> Option<Secret32> {
        let text = self.secret()?;
        parse_key(&text).map_err(|problem| self.fault(problem.to_string(), MAKE_ONE)).ok()
    }
}

fn from_source(value: &Value<'_>, source: &Section<'_>) -> Option<SecretText> {
    match (source.get("env"), source.get("file")) {
        (Some(name), None) => {
            let name = name.text()?;
            let found = value.cx.env.get(name);
            if found.is_none() {
                let problem = format!("the environment variable {} is not set, or not UTF-8", quoted(name));
                value.fault(problem, "set it for the process that reads this file");
            }
            found.map(SecretText::new)
        }
        (None, Some(path)) => value.read(&value.cx.base.join(path.text()?)),
        // A misspelt key is a mistake already.
        _ if source.keys().any(|key| key != "env" && key != "file") => None,
        _ => {
            value.fault("does not say where the secret is", r#"write { env = "NAME" } or { file = "path" }"#);
            None
        }
    }
}

/// Reads a key from a file, under the same rules as the configuration does.
///
/// # Errors
/// What is wrong with the file or the key.
pub fn read_key_file(path: &Path, env: &Environment) -> Result<Secret32, BadKeyFile> {
    Ok(parse_key(&read_secret_file(path, env)?)?)
}

/// Why there is no key in a file.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BadKeyFile {
    File(#[from] BadSecretFile),
    Key(#[from] BadKey),
}

/// Why a secret file was not read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BadSecretFile {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("is not a file")]
    NotAFile,
    #[error("is larger than {MAX} bytes")]
    TooLarge,
    #[error("is not text")]
    NotText,
    #[error("{0} can {1} it (mode {2:04o})")]
    Open(&'static str, &'static str, u32),
}

impl BadSecretFile {
    fn remedy(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                "write the secret to that file; relative paths begin at this file's folder".into()
            }
            Self::Io(_) => "let the user that runs vestibule read it".into(),
            Self::NotAFile | Self::TooLarge | Self::NotText => "name the file that holds the secret alone".into(),
            Self::Open(..) => format!("chmod 600 '{path}', and make a new secret if others may have seen it"),
        }
    }
}

/// Reads a secret from a file that nobody else can change, nor anyone outside its group read, and trims the end of
/// its line.
fn read_secret_file(path: &Path, env: &Environment) -> Result<SecretText, BadSecretFile> {
    let real = fs::canonicalize(path)?;
    if !fs::metadata(&real)?.is_file() {
        return Err(BadSecretFile::NotAFile);
    }
    let file = File::open(&real)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    check_mode(mode, mounted_by_the_platform(&real, env))?;
    let mut text = zeroize::Zeroizing::new(Vec::new());
    if file.take(MAX + 1).read_to_end(&mut text)? as u64 > MAX {
        return Err(BadSecretFile::TooLarge);
    }
    let text = std::str::from_utf8(&text).map_err(|_| BadSecretFile::NotText)?;
    Ok(SecretText::new(text.trim_end_matches(['\r', '\n'])))
}

const fn check_mode(mode: u32, mounted: bool) -> Result<(), BadSecretFile> {
    if mode & 0o002 != 0 {
        return Err(BadSecretFile::Open("everyone", "write", mode));
    }
    if mode & 0o020 != 0 {
        return Err(BadSecretFile::Open("its group", "write", mode));
    }
    if mode & 0o004 != 0 && !mounted {
        return Err(BadSecretFile::Open("everyone", "read", mode));
    }
    Ok(())
}

/// Under `/run/secrets` (containers) and `$CREDENTIALS_DIRECTORY` (systemd) the folder guards the file.
fn mounted_by_the_platform(real: &Path, env: &Environment) -> bool {
    let credentials = env.get("CREDENTIALS_DIRECTORY").filter(|dir| Path::new(dir).is_absolute());
    let folders = [Some("/run/secrets"), credentials];
    folders
        .into_iter()
        .flatten()
        .filter_map(|folder| fs::canonicalize(folder).ok())
        .any(|folder: PathBuf| folder.parent().is_some() && real.starts_with(&folder))
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BadKey {
    #[error("is not base64url without padding (letters, digits, - and _)")]
    NotBase64Url,
    #[error("is shorter than 32 bytes")]
    Short,
    #[error("is not random: it repeats itself or counts")]
    Weak,
}

/// At least 32 random bytes as base64url without padding. Longer ones count whole, by their SHA-256.
///
/// # Errors
/// What is wrong with it; never the text.
pub fn parse_key(text: &SecretText) -> Result<Secret32, BadKey> {
    let key = zeroize::Zeroizing::new(bytes::from_base64url(text.expose()).ok_or(BadKey::NotBase64Url)?);
    if key.len() < 32 {
        return Err(BadKey::Short);
    }
    if is_obviously_weak(&key) {
        return Err(BadKey::Weak);
    }
    Ok(Secret32::new(<[u8; 32]>::try_from(key.as_slice()).unwrap_or_else(|_| bytes::sha256(&key))))
}

/// What chance would not give in the age of the universe: the same step from each byte to the next, or fewer than 13
/// different bytes (32 random ones have about 30).
fn is_obviously_weak(key: &[u8]) -> bool {
    let mut steps = key.iter().zip(key.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a));
    let first = steps.next();
    let counts = steps.all(|step| Some(step) == first);
    let different = key.iter().collect::<std::collections::BTreeSet<_>>().len();
    counts || different < 13
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_random_long_enough_and_in_one_spelling() {
        let good: [u8; 32] = bytes::sha256(b"chance");
        let text = bytes::to_base64url(&good);
        assert_eq!(parse_key(&SecretText::new(&*text)), Ok(Secret32::new(good)));
        let long = [good, bytes::sha256(b"more")].concat();
        assert_eq!(parse_key(&SecretText::new(bytes::to_base64url(&long))), Ok(Secret32::new(bytes::sha256(&long))));
        let counting: Vec<u8> = (0..32).collect();
        let two: Vec<u8> = (0..40).map(|n| n % 2).collect();
        for (bad, why) in [
            (bytes::to_base64url(&good[..31]), BadKey::Short),
            (String::new(), BadKey::Short),
            (format!("{text}="), BadKey::NotBase64Url),
            ("change me, please: this is not a secret".into(), BadKey::NotBase64Url),
            (bytes::to_base64url(&[0; 32]), BadKey::Weak),
            (bytes::to_base64url(&counting), BadKey::Weak),
            (bytes::to_base64url(&two), BadKey::Weak),
        ] {
            assert_eq!(parse_key(&SecretText::new(&*bad)), Err(why), "{bad}");
        }
    }

    #[test]
    fn who_may_have_seen_or_changed_a_secret_file() {
        for mode in [0o600, 0o400, 0o640, 0o440] {
            assert!(check_mode(mode, false).is_ok(), "{mode:o}");
        }
        assert!(check_mode(0o444, true).is_ok());
        for (mode, mounted) in
            [(0o644, false), (0o444, false), (0o660, false), (0o602, true), (0o666, true), (0o620, true)]
        {
            assert!(check_mode(mode, mounted).is_err(), "{mode:o}");
        }
    }

    #[test]
    fn a_link_out_of_the_credentials_folder_is_not_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, outside) = (dir.path().join("creds"), dir.path().join("other"));
        fs::create_dir(&inside).unwrap();
        for path in [&outside, &inside.join("own")] {
            fs::write(path, "s3cret\r\n").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
        }
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        let env = Environment::from_iter([("CREDENTIALS_DIRECTORY", &inside)]);
        assert_eq!(read_secret_file(&inside.join("own"), &env).unwrap().expose(), "s3cret");
        assert!(matches!(read_secret_file(&inside.join("link"), &env), Err(BadSecretFile::Open(..))));
        assert!(matches!(read_secret_file(&inside.join("own"), &Environment::default()), Err(BadSecretFile::Open(..))));
        assert!(matches!(read_secret_file(&inside, &env), Err(BadSecretFile::NotAFile)));
    }
}
