//! Names that strangers write and people read: what cannot be seen has no place in one, and two that read alike are one.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory},
};

/// Whether every character of a name is seen where it stands: none is invisible, turns the direction of text, ends a
/// line or is private to somebody, and blanks are single ones between words.
pub fn is_plain(name: &str) -> bool {
    let (invisible, turning) =
        (CodePointSetData::new::<DefaultIgnorableCodePoint>(), CodePointSetData::new::<BidiControl>());
    let category = CodePointMapData::<GeneralCategory>::new();
    let is_seen = |character: char| {
        use GeneralCategory as Is;
        let nothing = matches!(
            category.get(character),
            Is::Control | Is::Format | Is::PrivateUse | Is::Unassigned | Is::LineSeparator | Is::ParagraphSeparator
        );
        let blank = category.get(character) == Is::SpaceSeparator && character != ' ';
        !nothing && !blank && !invisible.contains(character) && !turning.contains(character)
    };
    !name.is_empty() && name.chars().all(is_seen) && name.split(' ').all(|word| !word.is_empty())
}

/// Whether two names read alike: what differs is at most their case, their blanks, or the form of a letter (Unicode's
/// NFKC). Letters of different scripts that look alike are not found out.
pub fn reads_like(one: &str, other: &str) -> bool {
    heart(one) == heart(other)
}

fn heart(name: &str) -> String {
    let lower = ComposingNormalizerBorrowed::new_nfkc().normalize(name).to_lowercase();
    let plain: String = lower.chars().filter(|character| !character.is_whitespace()).collect();
    ComposingNormalizerBorrowed::new_nfkc().normalize(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_has_no_place_in_a_name() {
        for name in [
            "Notes",
            "Ada\u{2019}s Fotos",
            "M\u{fc}ller & S\u{f6}hne",
            "\u{5e2}\u{5d1}\u{5e8}\u{5d9}\u{5ea}",
            "\u{65e5}\u{8a18}",
            "Notes 2",
        ] {
            assert!(is_plain(name), "{name}");
        }
        let hidden = [
            "\u{202e}",
            "\u{200b}",
            "\u{200d}",
            "\u{2066}",
            "\u{ad}",
            "\u{feff}",
            "\u{3164}",
            "\u{115f}",
            "\u{2028}",
            "\u{a0}",
            "\u{2003}",
            "\n",
            "\u{0}",
            "\u{7f}",
            "\u{e0041}",
            "\u{fe0f}",
            "\u{e000}",
            "\u{61c}",
            "\u{180e}",
        ];
        for character in hidden {
            assert!(!is_plain(&format!("No{character}tes")), "{}", character.escape_unicode());
        }
        for name in ["", " ", " Notes", "Notes ", "No  tes"] {
            assert!(!is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn names_that_read_alike_are_one() {
        for alike in ["notes", "NOTES", "N o t e s", "\u{ff2e}\u{ff4f}\u{ff54}\u{ff45}\u{ff53}", "\u{24c3}otes"] {
            assert!(reads_like("Notes", alike), "{alike}");
        }
        assert!(reads_like("Caf\u{e9}", "cafe\u{301}"));
        assert!(!reads_like("Notes", "Note") && !reads_like("Notes", "Nodes"));
    }
}
