//! The domains of large mail providers, and misspellings of them that are no domain of anybody's.
//!
//! Both are written down by hand. A domain comes into [`MISSPELLINGS`] only if nobody can have a real mailbox there;
//! where that is in doubt, it stays out and distance decides.

/// The providers that most misspelt addresses are meant for.
pub(super) const BIGGEST: &[&str] = &[
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "aol.com",
    "live.com",
    "msn.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "yahoo.co.uk",
    "yahoo.co.jp",
    "yahoo.fr",
    "googlemail.com",
    "protonmail.com",
    "qq.com",
    "163.com",
    "mail.ru",
    "yandex.ru",
    "naver.com",
    "gmx.de",
    "web.de",
    "orange.fr",
    "wanadoo.fr",
    "libero.it",
    "comcast.net",
];

/// The other large providers. One domain is written once, here or in [`BIGGEST`].
#[rustfmt::skip]
pub(super) const LARGE: &[&str] = &[
    // Google, Apple, Proton and others that are the same all over the world.
    "me.com", "mac.com", "proton.me", "pm.me", "zoho.com", "zohomail.com", "fastmail.com", "fastmail.fm", "hey.com",
    "mail.com", "email.com", "inbox.com", "gmx.com", "gmx.net", "tutanota.com", "tuta.com", "hushmail.com", "aim.com",
    // Microsoft.
    "hotmail.de", "hotmail.it", "hotmail.es", "hotmail.be", "hotmail.nl", "hotmail.se", "hotmail.no", "hotmail.dk",
    "hotmail.ca", "hotmail.gr", "hotmail.com.br", "hotmail.com.ar", "hotmail.co.jp", "hotmail.co.th", "live.co.uk",
    "live.fr", "live.de", "live.it", "live.nl", "live.be", "live.se", "live.dk", "live.no", "live.ca", "live.cn", "live.jp",
    "live.com.au", "live.com.mx", "live.com.pt", "outlook.fr", "outlook.de", "outlook.it", "outlook.es", "outlook.be",
    "outlook.dk", "outlook.ie", "outlook.jp", "outlook.kr", "outlook.pt", "outlook.com.br", "outlook.com.au", "outlook.in",
    "windowslive.com", "passport.com",
    // Yahoo.
    "ymail.com", "rocketmail.com", "yahoo.de", "yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.in", "yahoo.ie", "yahoo.se",
    "yahoo.gr", "yahoo.co.in", "yahoo.co.id", "yahoo.co.nz", "yahoo.co.kr", "yahoo.com.br", "yahoo.com.ar", "yahoo.com.au",
    "yahoo.com.mx", "yahoo.com.ph", "yahoo.com.sg", "yahoo.com.hk", "yahoo.com.tw", "yahoo.com.vn", "yahoo.com.cn",
    "yahoo.com.tr", "myyahoo.com", "ymail.ne.jp",
    // German-speaking countries.
    "gmx.at", "gmx.ch", "t-online.de", "freenet.de", "arcor.de", "mail.de", "posteo.de", "mailbox.org", "1und1.de",
    "bluewin.ch", "aon.at", "chello.at", "hispeed.ch", "vodafone.de", "o2online.de",
    // French-speaking countries and Benelux.
    "free.fr", "sfr.fr", "neuf.fr", "laposte.net", "bbox.fr", "numericable.fr", "club-internet.fr", "aliceadsl.fr",
    "cegetel.net", "skynet.be", "telenet.be", "proximus.be", "voo.be", "ziggo.nl", "kpnmail.nl", "planet.nl", "home.nl",
    "xs4all.nl", "hetnet.nl", "casema.nl", "pt.lu",
    // Southern Europe.
    "virgilio.it", "alice.it", "tiscali.it", "tin.it", "tim.it", "inwind.it", "iol.it", "fastwebnet.it", "aruba.it",
    "pec.it", "telefonica.net", "terra.es", "movistar.es", "sapo.pt", "clix.pt", "otenet.gr",
    // The British Isles.
    "btinternet.com", "virginmedia.com", "blueyonder.co.uk", "ntlworld.com", "sky.com", "talktalk.net", "tiscali.co.uk",
    "eircom.net",
    // Northern and eastern Europe.
    "telia.com", "comhem.se", "online.no", "telenor.no", "tdc.dk", "mail.dk", "luukku.com", "kolumbus.fi", "wp.pl", "o2.pl",
    "onet.pl", "onet.eu", "interia.pl", "poczta.onet.pl", "gazeta.pl", "seznam.cz", "centrum.cz", "email.cz", "post.cz",
    "centrum.sk", "azet.sk", "freemail.hu", "citromail.hu", "abv.bg", "yandex.com", "ya.ru", "bk.ru", "list.ru", "inbox.ru",
    "rambler.ru", "ukr.net", "i.ua", "inbox.lv", "mail.ee",
    // Northern America.
    "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "earthlink.net", "juno.com",
    "optonline.net", "frontier.com", "windstream.net", "roadrunner.com", "rr.com", "pacbell.net", "ameritech.net",
    "netzero.net", "mindspring.com", "suddenlink.net", "centurylink.net", "shaw.ca", "rogers.com", "sympatico.ca",
    "bell.net", "telus.net", "videotron.ca",
    // Latin America.
    "uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br", "globo.com", "prodigy.net.mx",
    // Asia and the Pacific.
    "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "foxmail.com", "139.com", "189.cn", "aliyun.com",
    "hanmail.net", "daum.net", "nate.com", "kakao.com", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp",
    "nifty.com", "rediffmail.com", "bigpond.com", "bigpond.net.au", "optusnet.com.au", "iinet.net.au", "xtra.co.nz",
    "walla.co.il", "walla.com", "singnet.com.sg", "pchome.com.tw", "hinet.net",
];

/// Real domains, one letter away from a large provider, that are left alone unless it is certain that they take no
/// mail.
pub(super) const REAL: &[&str] = &[
    "mailw.com",
    "comcast.com",
    "gail.com",
    "gmal.de",
    "mailo.com",
    "mail.net",
    "mail.org",
    "aole.com",
    "love.com",
    "lite.com",
    "like.com",
    "life.com",
    "line.com",
    "olive.com",
    "alive.com",
    "cloud.com",
    "icould.com",
    "outlock.com",
    "orange.com",
    "orange.es",
    "free.com",
    "gmx.fr",
    "gmx.us",
    "web.com",
    "proton.com",
    "protonmail.ch",
    "yandex.kz",
    "yandex.by",
    "yandex.ua",
    "never.com",
    "maver.com",
    "nave.com",
    "ail.com",
    "mai.com",
];

/// Misspellings, each with what is meant. Some belong to squatters, who do take mail, so a working exchanger proves
/// nothing here.
#[rustfmt::skip]
pub(super) const MISSPELLINGS: &[(&str, &[&str])] = &[
    ("gmail.com", &[
        "gmial.com", "gmai.com", "gmaill.com", "gmil.com", "gmal.com", "gmali.com", "gamil.com", "gmaio.com", "gmailc.com",
        "gnail.com", "gmeil.com", "gmaul.com", "gmsil.com", "gmaiil.com", "ggmail.com", "gmmail.com", "gmaile.com",
        "gmaila.com", "gmailcom.com", "gmaik.com", "gmaol.com", "gmqil.com", "gimail.com", "gmaail.com", "gamail.com",
        "gmakl.com", "gmailo.com", "gmail.cm", "gmail.om", "gmail.com.com", "gmial.co", "gmaill.co",
    ]),
    ("googlemail.com", &["googlemai.com", "googlmail.com", "gogglemail.com", "goglemail.com", "googelmail.com"]),
    ("hotmail.com", &[
        "hotmial.com", "hotmal.com", "hotmai.com", "hotmil.com", "hotmaill.com", "hotamil.com", "hotnail.com",
        "hormail.com", "hotmsil.com", "htomail.com", "hotmaul.com", "homtail.com", "hotmali.com", "hoymail.com",
        "hotmaik.com", "hotmailcom.com", "hotmaiil.com", "hotmeil.com", "hotmaol.com", "hotmaio.com", "hotmail.cm",
        "hotmail.om", "hotmailc.com", "hotmmail.com", "hhotmail.com", "hotrmail.com", "hottmail.com", "ohtmail.com",
    ]),
    ("hotmail.fr", &["hotmial.fr", "hotmai.fr", "hotmal.fr", "hotmil.fr", "hotamil.fr", "hotmaill.fr", "homail.fr"]),
    ("hotmail.co.uk", &["hotmial.co.uk", "hotmai.co.uk", "hotmal.co.uk", "hotmil.co.uk", "hotamil.co.uk"]),
    ("outlook.com", &[
        "outlok.com", "outllok.com", "oulook.com", "outlool.com", "outlookk.com", "outlokk.com", "ooutlook.com",
        "otulook.com", "outloook.com", "oultook.com", "outtlook.com", "outllook.com", "outlook.cm",
        "outlookcom.com", "outlouk.com", "outlook.om", "oulock.com", "outlooc.com",
    ]),
    ("yahoo.com", &[
        "yaho.com", "yahooo.com", "yhoo.com", "yahho.com", "yaoo.com", "yhaoo.com", "yahoo.cm", "yahoo.om", "yaahoo.com",
        "yahoocom.com", "yahoo.com.com", "yyahoo.com", "yahop.com", "yahpo.com", "yahooc.com",
        "ayhoo.com", "yaooh.com",
    ]),
    ("yahoo.fr", &["yaho.fr", "yahooo.fr", "yhoo.fr", "yahho.fr"]),
    ("yahoo.co.uk", &["yaho.co.uk", "yahooo.co.uk", "yhoo.co.uk", "yahho.co.uk"]),
    ("icloud.com", &[
        "iclod.com", "icoud.com", "iclould.com", "iclous.com", "icluod.com", "icloyd.com", "iclud.com",
        "iclooud.com", "icloude.com", "iicloud.com", "ilcoud.com", "icloud.cm", "icloud.om", "ickoud.com", "icliud.com",
    ]),
    ("aol.com", &["aoll.com", "aol.cm", "aol.om", "aolcom.com"]),
    ("live.com", &["live.cm"]),
    ("protonmail.com", &["protonmal.com", "protonmai.com", "protonmial.com", "protonmaill.com", "protnomail.com"]),
    ("comcast.net", &["comcat.net", "comast.net", "comcst.net", "comcastt.net", "concast.net"]),
    ("verizon.net", &["verison.net", "verzion.net", "verizion.net"]),
    ("sbcglobal.net", &["sbcgobal.net", "sbcgloabl.net", "sbcglobel.net", "sbcglobal.ner", "sbglobal.net"]),
    ("bellsouth.net", &["belsouth.net", "bellsoth.net", "bellsout.net"]),
    ("wanadoo.fr", &["wanado.fr", "wanadooo.fr", "wanaddo.fr", "wanaoo.fr"]),
    ("orange.fr", &["ornage.fr", "orang.fr", "oragne.fr", "orangee.fr"]),
    ("laposte.net", &["lapost.net", "laopste.net", "lapsote.net"]),
    ("libero.it", &["libeo.it", "lbero.it", "libro.ti", "libeor.it"]),
    ("rediffmail.com", &["redifmail.com", "rediffmial.com", "redifffmail.com", "reddifmail.com"]),
    ("btinternet.com", &["btinternt.com", "btintenet.com", "btinterent.com", "btinernet.com"]),
    ("t-online.de", &["t-onlin.de", "t-onlien.de", "t-olnine.de", "t-onine.de"]),
];

/// What is meant by a misspelling.
pub(super) fn meant_by(domain: &str) -> Option<&'static str> {
    MISSPELLINGS.iter().find(|(_, wrong)| wrong.contains(&domain)).map(|(right, _)| *right)
}

/// The provider whose domain this is but for the place of a dot: `gm.xde`, `comcastn.et`. In an ending that exists, only
/// with a name of at least `long` characters, and not below another provider's domain.
pub(super) fn with_moved_dot(domain: &str, long: usize) -> Option<&'static str> {
    fn letters(domain: &str) -> impl Iterator<Item = char> {
        domain.chars().filter(|c| *c != '.')
    }
    let (name, parent) = domain.split_once('.')?;
    let can_be = |meant: &str| meant.split('.').next().is_some_and(|name| name.len() >= long);
    BIGGEST.iter().chain(LARGE).copied().find(|meant| {
        letters(meant).eq(letters(domain))
            && *meant != domain
            && !is_provider(parent)
            && !meant.starts_with(&format!("{name}."))
            && (can_be(meant) || !super::ending::exists(domain))
    })
}

/// What is meant by a known misspelling with another ending that its provider has: `yaho.de`.
pub(super) fn meant_by_name(domain: &str) -> Option<String> {
    let (name, ending) = domain.split_once('.')?;
    let is_misspelt = |(right, wrong): &&(&str, &[&str])| {
        wrong.iter().any(|wrong| wrong.split('.').next() == Some(name) && !right.starts_with(&format!("{name}.")))
    };
    let meant = MISSPELLINGS.iter().filter(is_misspelt).filter_map(|(right, _)| right.split('.').next());
    meant.map(|meant| format!("{meant}.{ending}")).find(|meant| is_provider(meant))
}

/// Whether a domain is a large provider's.
pub(super) fn is_provider(domain: &str) -> bool {
    BIGGEST.contains(&domain) || LARGE.contains(&domain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_domain_is_written_once_and_well_formed() {
        let wrong = MISSPELLINGS.iter().flat_map(|(_, wrong)| *wrong);
        let mut seen = BTreeSet::new();
        for domain in BIGGEST.iter().chain(LARGE).chain(REAL).chain(wrong) {
            assert!(seen.insert(*domain), "{domain} is written twice");
            let address = crate::account::EmailAddress::parse(&format!("a@{domain}")).unwrap();
            assert_eq!(address.key().domain(), *domain);
        }
        assert!(BIGGEST.len() + LARGE.len() > 150);
    }

    #[test]
    fn what_is_meant_is_a_provider() {
        for (right, _) in MISSPELLINGS {
            assert!(is_provider(right), "{right}");
        }
    }
}
