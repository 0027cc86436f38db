//! Words and phrases that mean the same, and texts in which they are looked for.

use std::sync::OnceLock;

/// Phrases in lower case and without accents, with an index that is built on first use.
///
/// A phrase counts where a word begins: `known` is not in `unknown`, and `reject` is in `rejected`. Scripts without
/// spaces have no such places, so there it counts anywhere.
pub(super) struct Lexicon {
    phrases: &'static [&'static str],
    index: OnceLock<Index>,
}

/// The phrases in order, so that few are compared with a text.
struct Index {
    sorted: Box<[&'static str]>,
    /// The index of the first phrase for each first byte.
    begins: [usize; 257],
    /// With which pairs of bytes any begin, see [`pair`].
    pairs: u64,
}

impl Lexicon {
    pub(super) const fn new(phrases: &'static [&'static str]) -> Self {
        Self { phrases, index: OnceLock::new() }
    }

    /// Whether one of the phrases occurs.
    pub(super) fn is_in(&self, text: &Text) -> bool {
        self.found_in(text).next().is_some()
    }

    /// Where they occur in a text, and which.
    pub(super) fn found_in<'a>(&'a self, text: &'a Text) -> impl Iterator<Item = (usize, &'static str)> + 'a {
        let index = self.index.get_or_init(|| Index::of(self.phrases));
        let places = text.places.iter().filter(|place| index.pairs & place.pair != 0);
        places.flat_map(|place| {
            let rest = text.text.get(place.at..).unwrap_or_default();
            let like = index.like(rest).iter().filter(move |phrase| rest.starts_with(**phrase));
            like.map(|phrase| (place.at, *phrase))
        })
    }

    #[cfg(test)]
    pub(super) fn phrases(&self) -> &'static [&'static str] {
        self.phrases
    }
}

impl Index {
    fn of(phrases: &[&'static str]) -> Self {
        let mut sorted = Box::<[&str]>::from(phrases);
        sorted.sort_unstable();
        let mut begins = [0; 257];
        for (byte, begin) in begins.iter_mut().enumerate() {
            *begin = sorted.partition_point(|phrase| phrase.bytes().next().map_or(0, usize::from) < byte);
        }
        let pairs = sorted.iter().fold(0, |pairs, phrase| pairs | pair(phrase));
        Self { sorted, begins, pairs }
    }

    /// The phrases with the same first byte.
    fn like(&self, rest: &str) -> &[&'static str] {
        let first = rest.bytes().next().map_or(0, usize::from);
        match (self.begins.get(first), self.begins.get(first + 1)) {
            (Some(&from), Some(&to)) => self.sorted.get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// A bit for the first two bytes. Pairs can collide, and a single byte matches every pair.
fn pair(text: &str) -> u64 {
    match text.as_bytes() {
        [first, second, ..] => 1 << ((u32::from(*first) * 11 + u32::from(*second) * 5) % u64::BITS),
        _ => u64::MAX,
    }
}

/// A text as phrases are looked for in it.
pub(super) struct Text {
    text: String,
    /// Where a phrase may begin.
    places: Vec<Place>,
}

struct Place {
    at: usize,
    /// What the text goes on with there, see [`pair`].
    pair: u64,
}

impl Text {
    pub(super) fn new(text: String) -> Self {
        let mut within_word = false;
        let places = text.char_indices().filter_map(|(at, c)| {
            let is_letter = c.is_alphanumeric();
            let starts = c != ' ' && (!within_word || !is_letter || u32::from(c) >= 0x0600);
            within_word = is_letter;
            starts.then(|| Place { at, pair: pair(text.get(at..).unwrap_or_default()) })
        });
        let places = places.collect();
        Self { text, places }
    }

    /// With spaces instead of punctuation, so that `User_unknown` and `Invalid-Recipient` are understood.
    pub(super) fn loose(&self) -> Self {
        let mut loose = String::with_capacity(self.text.len() + 2);
        loose.push(' ');
        for c in self.text.chars() {
            if c.is_alphanumeric() || c == '@' || c == '\'' {
                loose.push(c);
            } else if !loose.ends_with(' ') {
                loose.push(' ');
            }
        }
        if !loose.ends_with(' ') {
            loose.push(' ');
        }
        Self::new(loose)
    }

    /// Without these phrases.
    pub(super) fn without(&self, phrases: &Lexicon) -> Self {
        let mut rest = String::with_capacity(self.text.len());
        let mut end = 0;
        for (at, phrase) in phrases.found_in(self).filter(|(_, phrase)| !phrase.is_empty()) {
            rest.push_str(self.text.get(end..at).unwrap_or_default());
            end = end.max(at + phrase.len());
        }
        rest.push_str(self.text.get(end..).unwrap_or_default());
        Self::new(rest)
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}
