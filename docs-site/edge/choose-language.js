// CloudFront function for the pages of the support site, at viewer request and viewer response (runtime
// cloudfront-js-2.0). It serves translated pages in the reader's preferred language without a redirect, so that the URL and a
// secret in its fragment are kept. A language in the path takes precedence.
//
// Missing pages get the site's own 404 page. A CloudFront error page would also replace the API's problem responses, and no
// function runs for S3's error responses, so this function has to know which pages exist.
//
// infra/local/src/site.rs does the same locally. Tests check both against cases.json, and these lists against the site.

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

// English-only pages, by folder.
const ENGLISH_PAGES = {
  '/': 'admin admins findings glossary operators problems reference support-desk',
  '/admin/': 'account api-keys audit-log diagnosis email-log email security-settings sender suppressions user users',
  '/admins/': 'activate-or-deactivate change-security-settings check-the-sender find-a-user make-an-api-key read-the-audit-log read-the-email-log remove-a-suppression resend-an-activation reset-a-password unlock-an-account why-no-email your-account',
  '/findings/': 'account-locked address-unsupported arrived-after-link-died domain-wide-trouble link-already-used link-damaged link-expired link-opened-by-scanner-only mailbox-does-not-exist mailbox-full never-asked no-feedback no-such-user probably-in-junk rate-limited refused-as-spam refused-by-recipient refused-sender-fault sender-over-quota sender-paused sender-sandboxed sender-unverified still-on-the-way suppressed-at-ses suppressed-here typo-in-domain undetermined user-inactive user-pending',
  '/operators/': 'alarms api asvs attacks branding breaking canary cli configure dependencies deploy domain-events email-log events import languages local-mode measurements nist-sp-800-63b-sessions nist-sp-800-63b not-yet-verified parameters peers portal-email portal-session quick-start running scale sender stacks stored-data suppressions threat-model',
  '/operators/alarms/': 'bounce-rate canary-silent complaint-rate delayed-requests domain-events-age emails-without-feedback erasures-age function-throttles health-check-silent lock-spike mailer-errors requests-age sender-paused sender-quota server-error-ratio server-errors ses-events-age site-unreachable table-throttles throttled-requests unhandled-domain-events unhandled-erasures unhandled-requests unhandled-ses-events unhandled-watched-events watched-events-age webhook-failed',
  '/operators/asvs/': 'authentication code-and-logs configuration-and-data cryptography input-and-files sessions-and-roles web-and-api',
  '/problems/': 'account-inactive account-locked address-suppressed admin-required already-active email-taken internal-error invalid-credentials invalid-token malformed-request method-not-allowed not-allowed not-found not-resendable origin-refused payload-too-large reauthentication-required second-factor-required service-unavailable sign-in-required stale-version too-many-requests unsupported-media-type user-inactive weak-password',
  '/reference/': 'begin-second-factor change-password change-settings confirm-second-factor create-api-key create-user diagnose edit-user end-other-sessions end-session end-sessions-of-user erase-person export-audit export-emails export-person forgot-password health import-users link-landed list-api-keys list-audit list-emails list-sessions list-suppressions list-users object-api-key object-audit-entry object-email-log-entry object-problem object-security-settings object-suppression object-user openapi redeem-token remove-and-resend remove-second-factor remove-suppression require-new-password resend-activation resend-email reset-password revoke-api-key session show-email-statistics show-email show-erasure show-sender show-settings show-suppression show-user sign-in sign-out step-up suppress unlock',
};

// Files that S3 serves directly. People don't type their addresses, so a missing one needs no 404 page.
const FILES = /^\/(assets\/.*|robots\.txt|sitemap\.xml)$/;

// Password managers open this to change a password (W3C, "A Well-Known URL for Changing Passwords").
const CHANGE_PASSWORD = '/.well-known/change-password';

// Pages that links in emails open. Mail gateways damage these links: they encode the `#`, double slashes or attach punctuation.
const LANDING = /^\/*(?:(en|de|fr|es|ar)\/+)?(reset-password|activate)(?![a-z0-9-])(.*)$/i;

function handler(event) {
  return event.response ? onResponse(event) : onRequest(event.request);
}

function onRequest(request) {
  const uri = request.uri;
  if (uri === CHANGE_PASSWORD) return redirect(302, 'Found', '/forgot-password/');
  if (FILES.test(uri)) return request;
  const folder = uri.endsWith('/index.html') ? uri.substring(0, uri.length - 10) : uri + '/';
  if (isPage(folder)) return redirect(301, 'Moved Permanently', folder);
  const named = languageOf(uri);
  const chosen = named || (isPage(uri) && !PAGES.includes(uri)) ? 'en' : choose(request);
  const landing = isPage(uri) ? null : landingOf(request);
  if (landing) return redirect(302, 'Found', landing);
  const page = isPage(uri) ? uri + 'index.html' : (named ? '/' + named : '') + '/404.html';
  request.uri = (chosen === 'en' ? '' : '/' + chosen) + page;
  return request;
}

// The event may contain the original request or the one rewritten above. Both identify the page.
function onResponse(event) {
  const response = event.response;
  const type = response.headers['content-type'];
  if (!type || !type.value.startsWith('text/html')) return response;
  const uri = event.request.uri.replace(/index\.html$/, '');
  const language = languageOf(uri);
  const page = language ? uri.substring(1 + language.length) : uri;
  const missing = !isPage(uri);
  if (missing) {
    response.statusCode = 404;
    response.statusDescription = 'Not Found';
  }
  const varies = missing || PAGES.includes(page);
  response.headers['content-language'] = { value: language || (varies ? choose(event.request) : 'en') };
  if (varies) {
    const others = response.headers.vary ? response.headers.vary.value + ', ' : '';
    response.headers.vary = { value: others + 'Accept-Language' };
  }
  return response;
}

// The page that a damaged link is for. Without a fragment in the redirect, browsers keep the one they have (RFC 9110 section
// 10.2.2). Otherwise the page's script looks for the token in the fragment.
function landingOf(request) {
  const parts = LANDING.exec(decoded(request.uri).replace(/=?\s+/g, ''));
  if (!parts) return null;
  const query = Object.keys(request.querystring).map((name) => '&' + name + '=' + request.querystring[name].value).join('');
  const rest = parts[3] + decoded(query);
  const hasToken = /token|[\w-]{43}/i.test(rest);
  if (!hasToken && /[\w]/.test(parts[3].replace(/index\.html/i, ''))) return null;
  const language = parts[1] ? '/' + parts[1].toLowerCase() : '';
  return language + '/' + parts[2].toLowerCase() + '/' + (hasToken ? '#' + encodeURIComponent(rest) : '');
}

// Percent-encoding may have been applied more than once.
function decoded(text) {
  for (let round = 0; round < 4; round++) {
    try {
      text = decodeURIComponent(text);
    } catch (malformed) {
      break;
    }
  }
  return text;
}

function languageOf(uri) {
  return LANGUAGES.find((language) => uri.startsWith('/' + language + '/'));
}

function isPage(uri) {
  const language = languageOf(uri);
  if (PAGES.includes(language ? uri.substring(1 + language.length) : uri)) return true;
  const cut = uri.lastIndexOf('/', uri.length - 2) + 1;
  const names = uri.endsWith('/') && ENGLISH_PAGES[uri.substring(0, cut)];
  return !!names && names.split(' ').includes(uri.substring(cut, uri.length - 1));
}

function redirect(statusCode, statusDescription, location) {
  return { statusCode: statusCode, statusDescription: statusDescription, headers: { location: { value: location } } };
}

// The reader's preferred language among those available (RFC 9110 section 12.5.4, RFC 4647 section 3.4).
function choose(request) {
  const header = request.headers['accept-language'];
  if (!header) return 'en';
  const values = header.multiValue ? header.multiValue.map((one) => one.value) : [header.value];
  const ranges = values.join(',').split(',').map(readRange).filter((range) => range !== null);
  const named = (language) => ranges.find((range) => range.tag === language);
  // The sort is stable: of two with the same weight, the first one listed wins.
  const wanted = ranges.filter((range) => range.weight > 0).sort((a, b) => b.weight - a.weight);
  for (let at = 0; at < wanted.length; at++) {
    const tag = wanted[at].tag;
    // `*` matches any language that isn't listed.
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
