//! The portal's colour and logo on its pages and in its emails.

use std::fmt;

/// WCAG 2.2, success criterion 1.4.3: the contrast of text.
const CONTRAST_OF_TEXT: f64 = 4.5;
/// The darkest light background that text is on, and the lightest dark one: `--sunken` of the site's style sheet.
const LIGHT_GROUND: Rgb = Rgb([0xf1, 0xef, 0xea]);
const DARK_GROUND: Rgb = Rgb([0x24, 0x2a, 0x32]);
const WHITE: Rgb = Rgb([255; 3]);
/// Text on a button in dark mode.
const INK: Rgb = Rgb([0x10, 0x14, 0x18]);

/// The colour of links and buttons, for light and for dark pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandColour {
    light: Rgb,
    dark: Rgb,
}

/// The colours of one mode. Text in `accent` is legible on every ground, and text in `on_accent` is legible on `accent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Links and buttons.
    pub accent: Rgb,
    /// The same while the pointer is on them.
    pub accent_strong: Rgb,
    /// Text on a button.
    pub on_accent: Rgb,
    /// The ground of what is selected.
    pub tint: Rgb,
}

/// A colour that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidColour {
    /// It isn't six hexadecimal digits.
    #[error("must have the form #0f6657")]
    Form,
    /// Text in this colour is hard to read on a light page.
    #[error("has a contrast of {0:.1} to the pages, and text needs {CONTRAST_OF_TEXT}; choose a darker colour")]
    Contrast(f64),
}

impl BrandColour {
    /// Reads `#rrggbb`. The colour must be legible on light pages; the one for dark pages is the same, lightened until it is
    /// legible there.
    pub fn parse(text: &str) -> Result<Self, InvalidColour> {
        let light = Rgb::parse(text).ok_or(InvalidColour::Form)?;
        let contrast = light.contrast(LIGHT_GROUND);
        if contrast < CONTRAST_OF_TEXT {
            // Rounded down, so that the message never shows the required value.
            return Err(InvalidColour::Contrast((contrast * 10.0).floor() / 10.0));
        }
        let lighter = (0..=20).map(|step| light.mixed(WHITE, f64::from(step) / 20.0));
        let dark = lighter.into_iter().find(|c| c.contrast(DARK_GROUND) >= CONTRAST_OF_TEXT).unwrap_or(WHITE);
        Ok(Self { light, dark })
    }

    /// The colours for light pages.
    pub fn light(self) -> Palette {
        let accent = self.light;
        Palette {
            accent,
            accent_strong: accent.mixed(Rgb([0; 3]), 0.25),
            on_accent: WHITE,
            tint: accent.tint_of(WHITE),
        }
    }

    /// The colours for dark pages.
    pub fn dark(self) -> Palette {
        let accent = self.dark;
        Palette {
            accent,
            accent_strong: accent.mixed(WHITE, 0.3),
            on_accent: INK,
            tint: accent.tint_of(Rgb([0x14, 0x18, 0x1a])),
        }
    }
}

/// A colour of the screen. It prints as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb([u8; 3]);

impl Rgb {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self([channel(0)?, channel(2)?, channel(4)?]))
    }

    /// This colour with a share of another one, from 0 to 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two channels, so in 0..=255")]
    fn mixed(self, other: Self, share: f64) -> Self {
        let mut channels = self.0;
        for (own, theirs) in channels.iter_mut().zip(other.0) {
            *own = (f64::from(*own) * (1.0 - share) + f64::from(theirs) * share).round() as u8;
        }
        Self(channels)
    }

    /// A ground with a touch of this colour, on which text in this colour is legible.
    fn tint_of(self, ground: Self) -> Self {
        let mut touches = [0.12, 0.1, 0.08, 0.06, 0.04, 0.02].into_iter().map(|touch| ground.mixed(self, touch));
        touches.find(|tint| tint.contrast(self) >= CONTRAST_OF_TEXT).unwrap_or(ground)
    }

    /// The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The format of the logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logo {
    /// `/logo.png`, on pages and in emails.
    Png,
    /// `/logo.svg`, on pages only: most email programs don't show SVG.
    Svg,
}

impl Logo {
    /// By the extension of a file's name, or the name of the format.
    pub fn parse(name: &str) -> Option<Self> {
        match name.rsplit('.').next()?.to_ascii_lowercase().as_str() {
            "png" => Some(Self::Png),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }

    /// Its path on the site.
    pub fn path(self) -> &'static str {
        match self {
            Self::Png => "/logo.png",
            Self::Svg => "/logo.svg",
        }
    }

    /// Whether a path of the site is that of a logo.
    pub fn is_path(path: &str) -> bool {
        [Self::Png, Self::Svg].iter().any(|logo| logo.path() == path)
    }

    /// Its path, if emails can show it.
    pub fn path_in_emails(self) -> Option<&'static str> {
        (self == Self::Png).then(|| self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let contrast = |a, b| (Rgb::parse(a).unwrap().contrast(Rgb::parse(b).unwrap()) * 100.0).round() / 100.0;
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
        assert!((contrast("#ffffff", "#ffffff") - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_colour_is_legible_in_both_modes_or_refused() {
        let (mut accepted, mut refused) = (0, 0);
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let text = Rgb([red as u8, green as u8, blue as u8]).to_string();
                    let Ok(colour) = BrandColour::parse(&text) else {
                        refused += 1;
                        continue;
                    };
                    accepted += 1;
                    for (palette, ground) in [(colour.light(), LIGHT_GROUND), (colour.dark(), DARK_GROUND)] {
                        for accent in [palette.accent, palette.accent_strong] {
                            assert!(accent.contrast(ground) >= 4.5, "{text}: {accent} on {ground}");
                            assert!(accent.contrast(palette.on_accent) >= 4.5, "{text}: text on {accent}");
                            assert!(accent.contrast(palette.tint) >= 4.5, "{text}: {accent} on {}", palette.tint);
                        }
                    }
                }
            }
        }
        assert!(accepted > 1000 && refused > 1000, "{accepted} {refused}");
    }

    #[test]
    fn a_colour_that_is_none_or_too_light_is_refused_with_the_reason() {
        for text in ["", "0f6657", "#0f665", "#0f66577", "#0f665g", "#+f6657", "teal"] {
            assert_eq!(BrandColour::parse(text), Err(InvalidColour::Form), "{text}");
        }
        assert_eq!(
            BrandColour::parse("#ffcc00").unwrap_err().to_string(),
            "has a contrast of 1.3 to the pages, and text needs 4.5; choose a darker colour"
        );
        assert_eq!(BrandColour::parse("#0F6657").unwrap().light().accent.to_string(), "#0f6657");
    }

    #[test]
    fn emails_show_a_logo_only_if_email_programs_can() {
        for (name, path, in_emails) in [
            ("brand/logo.PNG", Some("/logo.png"), Some("/logo.png")),
            ("svg", Some("/logo.svg"), None),
            ("logo.webp", None, None),
            ("", None, None),
        ] {
            let logo = Logo::parse(name);
            assert_eq!(logo.map(Logo::path), path, "{name}");
            assert_eq!(logo.and_then(Logo::path_in_emails), in_emails, "{name}");
        }
    }
}
