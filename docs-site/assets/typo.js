// Guesses whether the domain of an address is mistyped. It knows only the names of large providers, asks nobody, and says
// nothing about accounts. A wrong suggestion is worse than none, so it leaves every domain alone that might be real.

/** Large providers. Names of six letters and more also match with one typing mistake. */
const PROVIDERS = [
  "gmail.com", "googlemail.com", "icloud.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de",
  "freenet.de", "arcor.de", "orange.fr", "wanadoo.fr", "laposte.net", "libero.it", "yandex.ru", "mail.ru", "protonmail.com",
  "comcast.net", "verizon.net", "sbcglobal.net", "earthlink.net", "bellsouth.net", "rediffmail.com", "rocketmail.com",
  ...["com", "de", "fr", "es", "it", "co.uk"].flatMap((ending) => ["yahoo", "hotmail", "outlook"].map((name) => `${name}.${ending}`)),
];

/** Typing mistakes of short names, each long enough to be nobody's name. */
const MISSPELT = {
  gmail: "gamil gmial gmal gmil gmai gnail gmaill gmsil gmaik gmaii gmali gmaul gmaiil gmmail ggmail gimail gmeil gmain gmaio gamail gmaol",
  yahoo: "yaho yahooo yhoo yaoo yahho yhaoo yajoo yhao yhooo yaooo yaahoo",
  aol: "aoll",
  gmx: "gmxx",
  web: "wweb",
  arcor: "acor arocr aecor",
  libero: "libro",
};

/** Real names that differ from a provider's by one letter. */
const REAL = ["orage", "grange", "range", "hitmail", "hotmain"];

/** Endings that don't exist, by the one that is meant. */
const ENDINGS = {
  com: "con cmo comn ocm cim vom xom cpm comm coom ccom copm clm c0m conm cokm coim cmom comc comr comx cmm ckm vcom xcom dcom kom fom cpom acom cok colm clom comme",
  net: "nte ney nett nrt nety nwt nnet neet nt",
  org: "ogr rog orgg orh prg orgh 0rg oeg",
  de: "ded dde dee dw",
  fr: "frr ffr",
  ru: "ruu rul",
  it: "iit",
  "co.uk": "couk co.ul co.ik co.uj c.ouk co.ku co.u co.k co.ukl",
  "com.br": "com.brr com.vr",
};

/** Providers with one ending. The name with any other ending is a mistake. */
const ONE_ENDING = ["gmail.com", "googlemail.com", "icloud.com"];
/** Providers with an ending per country. These endings aren't among them. */
const OTHER_ENDINGS = { "hotmail.com": "co cm om", "outlook.com": "co cm om net org", "yahoo.com": "co cm om com.com" };

/** @returns {string | null} the address that is probably meant */
export function suggestionFor(address) {
  const at = address.trim().lastIndexOf("@");
  const typed = address.trim().slice(at + 1).toLowerCase();
  const meant = at > 0 ? meantBy(typed) : null;
  return meant && meant !== typed ? `${address.trim().slice(0, at)}@${meant}` : null;
}

function meantBy(typed) {
  if (PROVIDERS.includes(typed)) return null;
  const joined = PROVIDERS.find((provider) => typed === provider.replace(".", ""));
  if (joined) return joined;
  const ended = endingOf(typed);
  const named = nameOf(ended);
  return named !== typed && (PROVIDERS.includes(named) || ended !== typed) ? named : null;
}

/** The domain with an ending that exists, and a provider's with its own. */
function endingOf(domain) {
  for (const [right, wrong] of Object.entries(ENDINGS)) {
    const ending = wrong.split(" ").find((ending) => domain.length > ending.length + 1 && domain.endsWith(`.${ending}`));
    if (ending) return domain.slice(0, -ending.length) + right;
  }
  const dot = domain.indexOf(".");
  const [name, ending] = [domain.slice(0, dot), domain.slice(dot + 1)];
  const other = Object.entries(OTHER_ENDINGS).find(([provider, endings]) => provider.split(".")[0] === name && endings.split(" ").includes(ending));
  return other?.[0] ?? ONE_ENDING.find((provider) => provider.split(".")[0] === name) ?? domain;
}

/** The provider whose name is nearly this one, with the same ending. */
function nameOf(domain) {
  const dot = domain.indexOf(".");
  const [name, ending] = [domain.slice(0, dot), domain.slice(dot)];
  const isNear = (provider) => MISSPELT[provider]?.split(" ").includes(name) || (provider.length > 5 && !REAL.includes(name) && oneApart(name, provider));
  return PROVIDERS.find((provider) => provider === `${provider.split(".")[0]}${ending}` && isNear(provider.split(".")[0])) ?? domain;
}

/** Whether two words differ by one letter or by two swapped neighbours. */
function oneApart(a, b) {
  if (a === b || Math.abs(a.length - b.length) > 1) return a === b;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const [restOfA, restOfB] = [a.slice(at + 1), b.slice(at + 1)];
  const swapped = a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
  return restOfA === restOfB || a.slice(at) === restOfB || restOfA === b.slice(at) || swapped;
}
