//! Whether a typed address has a slip in it, and which address is meant.
//!
//! Everybody who guesses too eagerly "corrects" real domains (mailw.com, comcast.com, gmx.de). So a domain that takes
//! mail is left alone, unless it is one of the few that are known to be misspellings. No answer here goes to anonymous
//! callers.

mod ending;
mod near;
mod providers;

use std::cmp::Reverse;

pub use near::near_addresses;
use strsim::osa_distance;

use crate::{account::EmailAddress, dns::MxVerdict, text_form::text_form};

/// An address that is probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Which. Nobody asked yet whether its domain takes mail.
    pub address: EmailAddress,
    /// Why it is suggested.
    pub why: Why,
    /// How certain that is.
    pub certainty: Certainty,
}

/// Why an address is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// The domain is a known misspelling of a large provider's.
    KnownMisspelling,
    /// The domain is nearly that of a large provider.
    NearProvider,
    /// The domain is nearly one that several of our users have.
    NearKnownDomain,
    /// The ending of the domain does not exist, or is hardly ever meant.
    Ending,
}

text_form!(Why {
    KnownMisspelling = "known_misspelling",
    NearProvider = "near_provider",
    NearKnownDomain = "near_known_domain",
    Ending = "ending",
});

impl Why {
    /// For people, in a sentence.
    pub fn in_plain_words(self) -> &'static str {
        match self {
            Self::KnownMisspelling => "The domain is a common misspelling of a large provider’s.",
            Self::NearProvider => "The domain is nearly that of a large provider.",
            Self::NearKnownDomain => "The domain is nearly one that several users have.",
            Self::Ending => "The ending of the domain does not exist, or is hardly ever meant.",
        }
    }
}

/// How certain a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Worth proposing by itself.
    Likely,
    /// Worth a question.
    Possible,
}

text_form!(Certainty { Likely = "likely", Possible = "possible" });

/// A domain that only one address has counts for nothing: that address may be the slip.
const LEAST_KNOWN: u32 = 2;

/// From this length on, in characters, a domain may be two slips away; below it, two slips lead from any name to any
/// other.
const LONG_DOMAIN: usize = 9;

/// Names without their ending, such as `gmx`, `web` and `aol`, are so short that one other letter makes another real
/// name.
const SHORT_NAME: usize = 3;

/// From this length on, in characters, a name with one slip is hardly anybody's.
const LONG_NAME: usize = 7;

/// How often a large provider is taken to be meant, on the scale of the users that have a known domain.
const WEIGHT_OF_BIGGEST: u32 = 100;
const WEIGHT_OF_LARGE: u32 = 10;

/// How many times as often a domain must be meant as any other that is as near, to be likely.
const CLEAR_LEAD: u32 = 20;

/// The address that is meant, if the domain of this one is a slip. `known_domains` are those of our users, in lower
/// case and ASCII, each with the number of users that have it; `mx` is what the DNS says about the domain *as typed*.
///
/// What is suggested differs from what was typed in the domain alone. Nothing is suggested for it in turn, once its
/// domain is found to take mail.
pub fn suggest(address: &EmailAddress, known_domains: &[(String, u32)], mx: MxVerdict) -> Option<Suggestion> {
    let domain = address.key().domain();
    let field = Field { known_domains, is_dead: mx.is_dead() };
    let (meant, why, certainty) = meant_domain(domain, &field, mx)?;
    let delivery = address.for_delivery();
    let (local, _) = delivery.rsplit_once('@')?;
    let address = EmailAddress::parse(&format!("{local}@{meant}")).ok()?;
    (address.key().domain() != domain).then_some(Suggestion { address, why, certainty })
}

type Guess = (String, Why, Certainty);

fn meant_domain(domain: &str, field: &Field<'_>, mx: MxVerdict) -> Option<Guess> {
    if let Some(meant) = providers::meant_by(domain) {
        return Some((meant.to_owned(), Why::KnownMisspelling, Certainty::Likely));
    }
    let is_real = providers::REAL.contains(&domain) && !field.is_dead;
    if mx == MxVerdict::Accepts || is_real || field.is_trusted(domain) {
        return None;
    }
    if let Some(corrected) = ending::correct_impossible(domain) {
        let dead = Field { known_domains: field.known_domains, is_dead: true };
        // web.ed is web.de rather than web.edu.
        let near = dead.nearest(domain).filter(|(near, ..)| name_of(near) == name_of(domain));
        return near
            .filter(|_| !field.is_trusted(&corrected))
            .or_else(|| Some(field.settle(corrected, Certainty::Likely)));
    }
    if let Some(meant) = providers::with_moved_dot(domain, LONG_NAME) {
        return Some((meant.to_owned(), Why::NearProvider, Certainty::Possible));
    }
    if let Some(meant) = providers::meant_by_name(domain) {
        return Some((
            meant,
            Why::KnownMisspelling,
            if field.is_dead { Certainty::Likely } else { Certainty::Possible },
        ));
    }
    if !ending::exists(domain) {
        let field = Field { known_domains: field.known_domains, is_dead: true };
        let near = field.nearest(domain);
        return near
            .or_else(|| ending::correct_unknown(domain).map(|corrected| field.settle(corrected, Certainty::Possible)));
    }
    // A domain with an address may have mailboxes.
    if mx != MxVerdict::WeakAccepts
        && let Some(only) = ending::only_ending(domain)
    {
        return Some(other_ending(only));
    }
    let usual = ending::usual_ending(domain);
    if !field.is_dead {
        // Nobody but the provider has reason to offer mailboxes below its name, in an ending that most people mistype.
        let is_slip = mx == MxVerdict::Unknown && (ending::is_unlikely(domain) || name_of(domain) == "hotmail");
        return usual.filter(|_| is_slip).map(other_ending).or_else(|| field.nearest(domain));
    }
    let unlikely = || ending::correct_unlikely(domain).filter(|_| name_of(domain).chars().count() > SHORT_NAME);
    usual
        .map(other_ending)
        .or_else(|| field.nearest(domain))
        .or_else(|| unlikely().map(|corrected| field.settle(corrected, Certainty::Possible)))
}

fn other_ending(usual: &str) -> Guess {
    (usual.to_owned(), Why::Ending, Certainty::Possible)
}

/// The domains that can be meant.
struct Field<'a> {
    known_domains: &'a [(String, u32)],
    /// Whether the typed domain takes no email for certain.
    is_dead: bool,
}

/// A domain that can be meant, with how often it is.
struct Candidate<'a> {
    domain: &'a str,
    weight: u32,
    why: Why,
}

impl Field<'_> {
    fn is_trusted(&self, domain: &str) -> bool {
        providers::is_provider(domain) || self.known().any(|known| known.domain == domain) && can_be_meant(domain)
    }

    /// Domains of users. Whether one can be meant takes parsing, so callers ask that last.
    fn known(&self) -> impl Iterator<Item = Candidate<'_>> {
        self.known_domains.iter().filter(|(_, count)| *count >= LEAST_KNOWN).map(|(domain, count)| Candidate {
            domain,
            weight: *count,
            why: Why::NearKnownDomain,
        })
    }

    /// What is meant by a domain whose ending was corrected: it may have another slip.
    fn settle(&self, corrected: String, certainty: Certainty) -> Guess {
        if self.is_trusted(&corrected) {
            return (corrected, Why::Ending, Certainty::Likely);
        }
        if let Some(meant) = providers::meant_by(&corrected) {
            return (meant.to_owned(), Why::KnownMisspelling, Certainty::Likely);
        }
        if providers::REAL.contains(&corrected.as_str()) {
            return (corrected, Why::Ending, certainty);
        }
        // A corrected domain was not asked about, so it may well exist: only the nearest will do.
        match self.nearest(&corrected) {
            Some((domain, why, Certainty::Likely)) if osa_distance(&domain, &corrected) == 1 => {
                (domain, why, Certainty::Possible)
            }
            _ => (corrected, Why::Ending, certainty),
        }
    }

    /// The nearest domain, the one with more users first. Where the typed one may take mail, only plain slips of
    /// providers are near enough. The same name with another ending is another domain, unless the ending doesn't exist.
    fn nearest(&self, typed: &str) -> Option<Guess> {
        let as_candidate = |weight| move |domain: &&'static str| Candidate { domain, weight, why: Why::NearProvider };
        let biggest = providers::BIGGEST.iter().map(as_candidate(WEIGHT_OF_BIGGEST));
        let large = providers::LARGE.iter().map(as_candidate(WEIGHT_OF_LARGE));
        let may_have_ending = !ending::exists(typed);
        let is_other =
            |c: &Candidate<'_>| may_have_ending || c.why == Why::NearKnownDomain || name_of(c.domain) != name_of(typed);
        let mut near: Vec<(usize, Candidate<'_>)> = if self.is_dead {
            let all = biggest.chain(large).chain(self.known()).filter(is_other);
            let near = all.filter_map(|c| Some((slips(typed, c.domain)?, c)));
            near.filter(|(_, c)| c.why != Why::NearKnownDomain || can_be_meant(c.domain)).collect()
        } else {
            let is_near = |c: &Candidate<'_>| {
                let is_biggest = c.weight == WEIGHT_OF_BIGGEST;
                slips(typed, c.domain) == Some(1) && is_plain_slip(typed, c.domain, is_biggest)
            };
            biggest.chain(large).filter(is_other).filter(is_near).map(|c| (1, c)).collect()
        };
        near.sort_by_key(|(distance, c)| (*distance, Reverse(c.weight)));
        let (distance, best) = near.first()?;
        let has_rival = near.iter().any(|(other, c)| {
            other == distance && c.domain != best.domain && c.weight.saturating_mul(CLEAR_LEAD) >= best.weight
        });
        // Of hotmail.de and hotmail.dk, neither is meant by hotmail.d more than the other.
        let is_same_name = |domain: &str| name_of(domain) == name_of(typed);
        if has_rival && is_same_name(best.domain) {
            return None;
        }
        let is_short = name_of(best.domain).chars().count() <= SHORT_NAME;
        let is_certain =
            self.is_dead && *distance == 1 && !has_rival && !is_short && !is_other_country(typed, best.domain);
        let certainty = if is_certain { Certainty::Likely } else { Certainty::Possible };
        Some((best.domain.to_owned(), best.why, certainty))
    }
}

/// Whether a known domain is one that can be meant at all: no known misspelling, and in the form in which domains are
/// compared.
fn can_be_meant(domain: &str) -> bool {
    providers::meant_by(domain).is_none()
        && ending::correct_impossible(domain).is_none()
        && EmailAddress::parse(&format!("a@{domain}")).is_ok_and(|address| address.key().domain() == domain)
}

/// How many slips lead from one domain to the other, where they are few enough for its length: a letter too many, too
/// few, another, or two that changed places.
fn slips(typed: &str, meant: &str) -> Option<usize> {
    let length = meant.chars().count();
    let most = if length >= LONG_DOMAIN { 2 } else { 1 };
    // Spares the long way for most of the candidates.
    if typed.chars().count().abs_diff(length) > most || other_letters(typed, meant) > 2 * most {
        return None;
    }
    let distance = osa_distance(typed, meant);
    let has_same_start = typed.chars().next() == meant.chars().next();
    match distance {
        1 if name_of(meant).chars().count() <= SHORT_NAME => is_slip_of_short(typed, meant).then_some(1),
        1 => Some(1),
        // mailw.com and gmail.com are two apart as well; the first letter is seldom wrong.
        2 if most == 2 && has_same_start => Some(2),
        _ => None,
    }
}

/// At least how many characters occur in only one of two domains. A slip changes at most two: it puts one in the place of
/// another.
fn other_letters(a: &str, b: &str) -> usize {
    let letters = |domain: &str| domain.chars().fold(0u64, |letters, c| letters | 1 << (u32::from(c) % u64::BITS));
    (letters(a) ^ letters(b)).count_ones() as usize
}

/// For short names: a letter too many, two that changed places, or a slip in the ending; but no other letter, which
/// would make `aol` out of `ail`, and none missing.
fn is_slip_of_short(typed: &str, meant: &str) -> bool {
    let (typed, meant) = (name_of(typed), name_of(meant));
    let sorted = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    typed == meant || typed.len() > meant.len() || sorted(typed) == sorted(meant)
}

/// Whether a slip is one even where the domain may exist: neither another first letter (hmail.com, fmail.com) nor an
/// ending (yahoo.co), which makes a domain of somebody else. Of the providers that aren't among the biggest, only long
/// names count.
fn is_plain_slip(typed: &str, meant: &str, is_biggest: bool) -> bool {
    let (typed_name, meant_name) = (name_of(typed), name_of(meant));
    let has_same_ending = typed.split_once('.').map(|(_, e)| e) == meant.split_once('.').map(|(_, e)| e);
    let length = meant_name.chars().count();
    let is_long = length >= LONG_NAME;
    let has_same_start = typed.chars().next() == meant.chars().next();
    let has_one_more = typed_name.ends_with(meant_name);
    let has_one_less = is_long && meant_name.ends_with(typed_name);
    has_same_ending
        && (has_same_start || has_one_more || has_one_less)
        && (is_long || (is_biggest && length > SHORT_NAME + 1))
}

/// Whether two domains have one name in two countries, such as yahoo.fi and yahoo.fr: one may be gone rather than a
/// slip.
fn is_other_country(typed: &str, meant: &str) -> bool {
    let has_country = |domain: &str| domain.rsplit('.').next().is_some_and(|ending| ending.len() == 2);
    name_of(typed) == name_of(meant) && has_country(typed) && has_country(meant)
}

/// The first label of a domain.
fn name_of(domain: &str) -> &str {
    domain.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
