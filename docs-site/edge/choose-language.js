// The one function that the distribution calls for pages of the support site, before CloudFront looks into its cache (viewer
// request) and before it answers (viewer response); runtime cloudfront-js-2.0. A page that there is in several languages is
// answered in the one that the reader's browser likes best, in place: the address stays, and a secret in its fragment with
// it. An address that names its language wins. The local server does the same (infra/local/src/site.rs), and both are held
// to cases.json; a test of docs-site holds the two lists to the site.

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ar'];

const PAGES = [
  '/',
  '/activate/',
  '/check-your-mail/',
  '/faq/',
  '/forgot-password/',
  '/guide/',
  '/help/no-email/',
  '/help/no-email/address/',
  '/help/no-email/ask/',
  '/help/no-email/before/',
  '/help/no-email/junk/',
  '/help/no-email/link/',
  '/help/no-email/mailbox/',
  '/help/no-email/old/',
  '/help/no-email/wait/',
  '/help/no-email/when/',
  '/reset-password/',
  '/search/',
  '/sign-in/',
];

// Where password managers send people who want another password (W3C, "A Well-Known URL for Changing Passwords").
const CHANGE_PASSWORD = '/.well-known/change-password';

function handler(event) {
  return event.response ? onResponse(event) : onRequest(event.request);
}

function onRequest(request) {
  const uri = request.uri;
  if (uri === CHANGE_PASSWORD) return redirect(302, 'Found', '/forgot-password/');
  const last = uri.substring(uri.lastIndexOf('/') + 1);
  if (last === '') {
    const language = PAGES.includes(uri) ? choose(request) : 'en';
    request.uri = (language === 'en' ? uri : '/' + language + uri) + 'index.html';
  } else if (!last.includes('.')) {
    // One slash at the beginning: two would name another host.
    return redirect(301, 'Moved Permanently', '/' + uri.replace(/^\/+/, '') + '/');
  }
  return request;
}

// Whether the request is as it came or as it was made above: both tell the language.
function onResponse(event) {
  const headers = event.response.headers;
  const type = headers['content-type'];
  if (!type || !type.value.startsWith('text/html')) return event.response;
  const uri = event.request.uri.replace(/index\.html$/, '');
  const named = LANGUAGES.find((language) => uri.startsWith('/' + language + '/'));
  const translated = PAGES.includes(named ? uri.substring(1 + named.length) : uri);
  headers['content-language'] = { value: named || (translated ? choose(event.request) : 'en') };
  if (translated) {
    const others = headers.vary ? headers.vary.value + ', ' : '';
    headers.vary = { value: others + 'Accept-Language' };
  }
  return event.response;
}

function redirect(statusCode, statusDescription, location) {
  return { statusCode: statusCode, statusDescription: statusDescription, headers: { location: { value: location } } };
}

// The language that a reader likes best of those there are (RFC 9110 section 12.5.4, RFC 4647 section 3.4).
function choose(request) {
  const header = request.headers['accept-language'];
  if (!header) return 'en';
  const values = header.multiValue ? header.multiValue.map((one) => one.value) : [header.value];
  const ranges = values.join(',').split(',').map(readRange).filter((range) => range !== null);
  const named = (language) => ranges.find((range) => range.tag === language);
  // Stable: of two that are liked as well, the one that is named first.
  const wanted = ranges.filter((range) => range.weight > 0).sort((a, b) => b.weight - a.weight);
  for (let at = 0; at < wanted.length; at++) {
    const tag = wanted[at].tag;
    // Anything that is not named otherwise.
    const found = tag === '*' ? LANGUAGES.find((language) => !named(language)) : LANGUAGES.find((language) => language === tag.split('-')[0]);
    if (found && !(named(found) && named(found).weight === 0)) return found;
  }
  return 'en';
}

function readRange(member) {
  const parts = /^[ \t]*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i.exec(member);
  if (!parts || parts[1].length > 35) return null;
  return { tag: parts[1].toLowerCase(), weight: parts[2] === undefined ? 1 : Number(parts[2]) };
}
