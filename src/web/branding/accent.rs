//! The operator's colour, checked for contrast (WCAG 2.2, success criterion 1.4.3): text in it and text on it
//! reach 4.5:1 in light and dark, or it is darkened or lightened until they do.

use std::{fmt, str::FromStr};

/// A colour, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// Not a colour that we can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rrggbb, for example #2f52d0")]
pub struct BadColour;

impl FromStr for Colour {
    type Err = BadColour;

    fn from_str(text: &str) -> Result<Self, BadColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(BadColour)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(BadColour);
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).map_err(|_| BadColour)?.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl Colour {
    const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Relative luminance (WCAG 2.2), 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The contrast ratio of the two (WCAG 2.2), 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// `percent` of `other` in this one, as `color-mix(in srgb, …)` does it.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let channel = |ours: u8, theirs: u8| {
            let sum = u16::from(ours) * (100 - percent) + u16::from(theirs) * percent;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self::rgb(channel(self.red, other.red), channel(self.green, other.green), channel(self.blue, other.blue))
    }
}

/// What text must reach (WCAG 2.2, level AA).
const ENOUGH: f64 = 4.5;

/// The grounds that the colour meets, as `static/vestibule.css` has them (a test compares).
struct Grounds {
    scheme: &'static str,
    page: Colour,
    card: Colour,
    /// The text on a filled button.
    on_accent: Colour,
    /// So many percent of the colour tint a card.
    tint: u16,
    /// Where to go for more contrast.
    towards: Colour,
}

const WHITE: Colour = Colour::rgb(255, 255, 255);
const LIGHT: Grounds = Grounds {
    scheme: "light",
    page: Colour::rgb(0xf4, 0xf5, 0xf7),
    card: WHITE,
    on_accent: WHITE,
    tint: 8,
    towards: Colour::rgb(0, 0, 0),
};
const DARK: Grounds = Grounds {
    scheme: "dark",
    page: Colour::rgb(0x10, 0x11, 0x14),
    card: Colour::rgb(0x1a, 0x1b, 0x1f),
    on_accent: Colour::rgb(0x10, 0x11, 0x14),
    tint: 14,
    towards: WHITE,
};

impl Grounds {
    fn suits(&self, accent: Colour) -> bool {
        let tinted = self.card.mixed(accent, self.tint);
        [self.page, self.card, self.on_accent, tinted].iter().all(|ground| accent.contrast(*ground) >= ENOUGH)
    }

    /// The nearest to `wanted` that suits. At 100 percent it is black or white, which always does.
    fn nearest(&self, wanted: Colour) -> Colour {
        (0..=100)
            .map(|percent| wanted.mixed(self.towards, percent))
            .find(|colour| self.suits(*colour))
            .unwrap_or(self.towards)
    }
}

/// The accent of the pages, in light and in dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accent {
    light: Colour,
    dark: Colour,
    warnings: Vec<String>,
}

impl Accent {
    /// From the configured colour.
    pub fn new(wanted: Colour) -> Self {
        let mut warnings = Vec::new();
        let mut fitted = |grounds: &Grounds| {
            let colour = grounds.nearest(wanted);
            if colour != wanted {
                warnings.push(format!(
                    "branding.accent {wanted} is hard to read on {} pages: they use {colour}, which reaches 4.5:1",
                    grounds.scheme
                ));
            }
            colour
        };
        let (light, dark) = (fitted(&LIGHT), fitted(&DARK));
        Self { light, dark, warnings }
    }

    /// What the log should say of it.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The rule that brings it to the pages.
    pub fn css(&self) -> String {
        format!("@layer tokens{{:root{{--accent:light-dark({},{})}}}}\n", self.light, self.dark)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrast_is_as_the_standard_defines_it() {
        let black = Colour::rgb(0, 0, 0);
        assert!((black.contrast(WHITE) - 21.0).abs() < 1e-9);
        let grey: Colour = "#767676".parse().unwrap();
        assert!((4.5..4.6).contains(&grey.contrast(WHITE)));
    }

    #[test]
    fn a_colour_that_reads_well_stays_and_one_that_does_not_is_named() {
        let navy = Accent::new("#1F3A93".parse().unwrap());
        assert_eq!(navy.light.to_string(), "#1f3a93");
        assert_ne!(navy.dark, navy.light);
        assert_eq!(navy.warnings().len(), 1);
        let yellow = Accent::new("#ffcc00".parse().unwrap());
        assert_eq!(yellow.dark.to_string(), "#ffcc00");
        assert!(yellow.warnings()[0].starts_with("branding.accent #ffcc00 is hard to read on light pages"));
    }

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        for bad in ["", "#fff", "2f52d0", "#2f52dg", "#+f52d0", "#2f52d0;}", "red", "#é2f52"] {
            assert_eq!(bad.parse::<Colour>(), Err(BadColour), "{bad}");
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet() {
        let css = include_str!("../../../static/vestibule.css");
        for (name, light, dark) in [
            ("ground", LIGHT.page, DARK.page),
            ("card", LIGHT.card, DARK.card),
            ("on-accent", LIGHT.on_accent, DARK.on_accent),
        ] {
            let rule = format!("--{name}: light-dark({light}, {dark});");
            assert!(css.contains(&rule), "{rule}");
        }
        let tint = format!("--tint: light-dark({}%, {}%)", LIGHT.tint, DARK.tint);
        assert!(!css.contains(&tint), "light-dark() takes colours alone");
        for grounds in [&LIGHT, &DARK] {
            let mix = format!("color-mix(in srgb, var(--accent) {}%, {})", grounds.tint, grounds.card);
            assert!(css.contains(&mix), "{mix}");
        }
        let default = css.split("--accent: light-dark(").nth(1).unwrap();
        let colours: Vec<Colour> = default.split([',', ')']).take(2).map(|text| text.trim().parse().unwrap()).collect();
        assert!(LIGHT.suits(colours[0]) && DARK.suits(colours[1]), "{colours:?}");
    }

    proptest! {
        #[test]
        fn any_colour_ends_readable(red: u8, green: u8, blue: u8) {
            let accent = Accent::new(Colour::rgb(red, green, blue));
            prop_assert!(LIGHT.suits(accent.light), "{}", accent.light);
            prop_assert!(DARK.suits(accent.dark), "{}", accent.dark);
        }

        #[test]
        fn colours_round_trip(red: u8, green: u8, blue: u8) {
            let colour = Colour::rgb(red, green, blue);
            prop_assert_eq!(colour.to_string().parse(), Ok(colour));
        }
    }
}
