//! The pictures of the content: their sizes, so that no page jumps when one arrives, and their final names.

use std::collections::BTreeMap;

use crate::content::PictureFile;
use crate::highlight::escape;
use crate::{Asset, BuildError, BuildErrors, Fault, assets};

/// The end of the name, before its extension, of a picture that is shown in dark surroundings.
const DARK: &str = "-dark";

/// All pictures, by the name of their file.
pub(crate) struct Pictures(BTreeMap<String, Picture>);

struct Picture {
    /// Where it is found in the finished site.
    path: String,
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Pictures {
    pub(crate) fn read(files: Vec<PictureFile>) -> Result<Self, BuildErrors> {
        let mut errors = Vec::new();
        let mut pictures = BTreeMap::new();
        for PictureFile { name, bytes } in files {
            let Some((width, height)) = size(&bytes) else {
                errors.push(BuildError {
                    file: format!("content/pictures/{name}"),
                    line: 1,
                    fault: Fault::NotAPicture,
                });
                continue;
            };
            let path = format!("/assets/{}", assets::hashed_name(&name, &bytes));
            pictures.insert(name.into_owned(), Picture { path, width, height, bytes: bytes.into_owned() });
        }
        BuildErrors::unless_empty(errors)?;
        Ok(Self(pictures))
    }

    /// The HTML of a picture that a page shows. It is loaded when its reader comes near it, and has a twin for dark
    /// surroundings if there is one.
    pub(crate) fn html(&self, target: &str, alt: &str) -> Result<String, Fault> {
        let found = target.strip_prefix("/pictures/").and_then(|name| Some((name, self.0.get(name)?)));
        let (name, picture) = found.ok_or_else(|| Fault::NoSuchPicture(target.to_owned()))?;
        if alt.trim().is_empty() {
            return Err(Fault::NoAltText(target.to_owned()));
        }
        let mut said = String::new();
        escape(alt, &mut said);
        let Picture { path, width, height, .. } = picture;
        let img = format!(
            r#"<img src="{path}" width="{width}" height="{height}" loading="lazy" decoding="async" alt="{said}">"#
        );
        Ok(match self.dark_twin(name) {
            Some(dark) => format!(
                r#"<picture><source media="(prefers-color-scheme: dark)" srcset="{}" width="{}" height="{}">{img}</picture>"#,
                dark.path, dark.width, dark.height
            ),
            None => img,
        })
    }

    fn dark_twin(&self, name: &str) -> Option<&Picture> {
        let (stem, extension) = name.rsplit_once('.')?;
        self.0.get(&format!("{stem}{DARK}.{extension}"))
    }

    pub(crate) fn into_site(self) -> impl Iterator<Item = (String, Asset)> {
        self.0.into_iter().map(|(name, Picture { path, bytes, .. })| {
            (path, Asset { bytes, content_type: assets::content_type(&name), language: None })
        })
    }
}

/// Width and height in pixels, as the head of a PNG or a WebP has them.
fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    png(bytes).or_else(|| webp(bytes))
}

/// PNG, section 11.2.2: the first chunk begins with both, as big-endian numbers.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n").then_some(())?;
    Some((u32::from_be_bytes(at(bytes, 16)?), u32::from_be_bytes(at(bytes, 20)?)))
}

/// RFC 9649: the first chunk is a lossy picture, a lossless one, or says what comes in the others.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")).then_some(())?;
    let fourteen_bits = |number: u32| number & 0x3fff;
    match bytes.get(12..16)? {
        b"VP8 " => {
            let side = |place| Some(fourteen_bits(u16::from_le_bytes(at(bytes, place)?).into()));
            Some((side(26)?, side(28)?))
        }
        b"VP8L" => {
            let both = u32::from_le_bytes(at(bytes, 21)?);
            Some((fourteen_bits(both) + 1, fourteen_bits(both >> 14) + 1))
        }
        b"VP8X" => {
            let side = |place| {
                let [a, b, c] = at(bytes, place)?;
                Some(u32::from_le_bytes([a, b, c, 0]) + 1)
            };
            Some((side(24)?, side(27)?))
        }
        _ => None,
    }
}

/// So many bytes from a place on.
fn at<const N: usize>(bytes: &[u8], place: usize) -> Option<[u8; N]> {
    bytes.get(place..place + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn the_head_of_a_picture_tells_its_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58";
        assert_eq!(size(png), Some((800, 600)));
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x20\x03\x58\x02";
        assert_eq!(size(lossy), Some((800, 600)));
        let lossless = [b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f".as_slice(), &(799u32 | 599 << 14).to_le_bytes()].concat();
        assert_eq!(size(&lossless), Some((800, 600)));
        let extended = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0";
        assert_eq!(size(extended), Some((800, 600)));
    }

    #[test]
    fn what_is_no_picture_or_cut_off_has_no_size() {
        for bytes in
            [b"".as_slice(), b"GIF89a", b"\x89PNG\r\n\x1a\n\0\0\0", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WAVE"]
        {
            assert_eq!(size(bytes), None);
        }
    }
}
