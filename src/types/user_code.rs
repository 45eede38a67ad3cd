//! The code that a person carries by eye from a device to a browser (RFC 8628, section 6.1).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Random;

/// Consonants that are not mistaken for each other and spell no words.
const LETTERS: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";

/// How many there are in a code: 20^8 codes, 34 bits.
const LENGTH: usize = 8;

/// The longest text that is looked at: a code with a space after each letter, and some.
const MAX_TEXT: usize = 32;

/// A user code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserCode([u8; LENGTH]);

/// Not a user code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a user code")]
pub struct BadUserCode;

impl UserCode {
    /// A fresh one.
    pub fn generate(random: &dyn Random) -> Self {
        Self([(); LENGTH].map(|()| letter(random)))
    }

    /// Its letters.
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Its first half: what somebody who guesses at one code would keep.
    pub const fn first_half(&self) -> [u8; LENGTH / 2] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }
}

/// One letter, each as likely as another: bytes past the last whole twenty are drawn again.
fn letter(random: &dyn Random) -> u8 {
    loop {
        let [byte] = super::random::bytes::<1>(random);
        let drawn = LETTERS.get(usize::from(byte) % LETTERS.len());
        if let Some(letter) = drawn.filter(|_| byte < 240) {
            return *letter;
        }
    }
}

impl FromStr for UserCode {
    type Err = BadUserCode;

    /// Forgives case, dashes, dots and spaces.
    fn from_str(text: &str) -> Result<Self, BadUserCode> {
        if text.len() > MAX_TEXT {
            return Err(BadUserCode);
        }
        let typed = text.bytes().filter(|byte| !b"-. _".contains(byte)).map(|byte| byte.to_ascii_uppercase());
        let letters: Vec<u8> = typed.collect();
        let letters: [u8; LENGTH] = letters.try_into().map_err(|_| BadUserCode)?;
        letters.iter().all(|letter| LETTERS.contains(letter)).then_some(Self(letters)).ok_or(BadUserCode)
    }
}

impl TryFrom<String> for UserCode {
    type Error = BadUserCode;

    fn try_from(text: String) -> Result<Self, BadUserCode> {
        text.parse()
    }
}

impl From<UserCode> for String {
    fn from(code: UserCode) -> Self {
        code.to_string()
    }
}

/// As people see it: `WDJB-MJHT`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, letter) in self.0.iter().enumerate() {
            if index == LENGTH / 2 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SystemRandom;

    #[test]
    fn it_comes_back_as_people_type_it() {
        let code = UserCode::generate(&SystemRandom);
        let shown = code.to_string();
        assert_eq!((shown.len(), shown.chars().nth(4)), (9, Some('-')));
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            format!(" {shown} "),
            shown.chars().map(|c| format!("{c} ")).collect(),
        ] {
            assert_eq!(typed.parse(), Ok(code), "{typed:?}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for wrong in ["", "WDJB-MJH", "WDJB-MJHTT", "WDJA-MJHT", "WDJB-MJH7", "WDJB/MJHT", "ŴDJBMJHT", &"-".repeat(99)]
        {
            assert_eq!(wrong.parse::<UserCode>(), Err(BadUserCode), "{wrong:?}");
        }
    }

    #[test]
    fn every_letter_comes_up_and_no_other() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            seen.extend(*UserCode::generate(&SystemRandom).as_bytes());
        }
        assert!(seen.into_iter().eq(LETTERS));
    }
}
