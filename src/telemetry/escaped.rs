//! Hostile text in a log line: cut short, and without a character that does something to a terminal or a parser.

use std::fmt::{self, Write};

/// The most characters that are shown, escapes included.
const MAX: usize = 200;

/// Shows raw input in a log line or an error text: at most 200 characters, in which whatever ends a line, moves a
/// cursor, turns the direction of text or cannot be seen is written as `\uXXXX`.
#[derive(Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = MAX;
        for (at, character) in self.0.char_indices() {
            let width = escape(character).map_or(1, |escape| escape.len());
            let last = at + character.len_utf8() == self.0.len();
            // One place is kept for the mark that something was cut.
            if width > left || (width == left && !last) {
                return f.write_char('…');
            }
            left -= width;
            write_escaped(f, character)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes `character`, or its escape.
pub(super) fn write_escaped(out: &mut impl Write, character: char) -> fmt::Result {
    match escape(character) {
        Some(escape) => write!(out, "{escape}"),
        None => out.write_char(character),
    }
}

/// The escape of a character that must not stand in a line as it is. Its spelling is JSON's, so that a line of JSON
/// stays one.
pub(super) fn escape(character: char) -> Option<Escape> {
    let harmful = character.is_control()
        || matches!(character,
            // Format characters: zero-width, direction marks, embeddings, overrides, isolates, and the byte order mark.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Line and paragraph separators, which JavaScript and some log readers take for line ends.
            | '\u{2028}' | '\u{2029}');
    harmful.then_some(Escape(character))
}

/// `\uXXXX`. Every harmful character is in the basic plane.
pub(super) struct Escape(char);

impl Escape {
    const fn len(&self) -> usize {
        6
    }
}

impl fmt::Display for Escape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\\u{:04x}", u32::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_something_is_spelled_out() {
        let hostile = "a\r\nINFO forged\x1b[2J\u{2028}\u{202e}\u{200b}\u{85}\u{7f}ü";
        let shown = Escaped(hostile).to_string();
        assert_eq!(shown, r"a\u000d\u000aINFO forged\u001b[2J\u2028\u202e\u200b\u0085\u007fü");
    }

    #[test]
    fn long_input_is_cut_with_a_mark() {
        assert_eq!(Escaped(&"x".repeat(200)).to_string(), "x".repeat(200));
        assert_eq!(Escaped(&"x".repeat(201)).to_string(), "x".repeat(199) + "…");
        let million = "\n".repeat(1_000_000);
        assert_eq!(Escaped(&million).to_string(), "\\u000a".repeat(33) + "…");
    }

    proptest! {
        #[test]
        fn nothing_harmful_and_nothing_long_comes_out(text in any::<String>(), repeat in 1..40usize) {
            let shown = Escaped(&text.repeat(repeat)).to_string();
            prop_assert!(shown.chars().count() <= MAX);
            prop_assert!(shown.chars().all(|character| escape(character).is_none()));
        }
    }
}
