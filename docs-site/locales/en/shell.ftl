# The frame of every page. Values are inline Markdown. Links use the English paths.

skip = Skip to content
account-help = Account help
search = Search
search-these-pages = Search these pages
main-navigation = Main
sign-in = Sign in
# In the navigation. Keep it short.
sign-in-above = Sign in
need-a-person = Need help from a person? Write to [{ $support_email }](mailto:{ $support_email }).
back-to-portal = Back to { $portal_name }
# Translations show this before the next three links.
in-english = In English:
what-words-mean = Glossary
for-administrators = For administrators
for-operators = For operators
language = Language

# Navigation between pages.
home = Home
breadcrumb = Breadcrumb
on-this-page = On this page
before-and-after = Previous and next page
previous = Previous
next = Next
rather-read = Prefer to read everything? [Why the email didn’t arrive](/guide/)

callout-note = Note
callout-tip = Tip
callout-important = Important
callout-warning = Warning
callout-caution = Caution

# Shown instead of IP addresses if the portal has no dedicated ones.
no-fixed-address = not fixed; please allow the domain

# The search page.
search-needs-script = **Search needs JavaScript.** Without it, use the lists below.
what-are-you-looking-for = What are you looking for?
# Each of the three follows the name of a key.
key-write = to search,
key-go-through = to select,
key-open = to open
found-one = One page
found-many = { $count } pages
found-none = No results. Try fewer or different words.
found-near = No exact match. Did you mean this?
search-failed = Search isn’t available right now. Use the lists below.
# Only shown in translations.
search-in-english = Search in English, including pages for operators and developers

# Not shown. Words that the search ignores, and groups of words that mean the same to it.
search-ignored =
    a an and am are as at be been but by can can't cannot could do does don't did doing for from get getting go got
    had has have having he her his how i i'd i'm i've if im in into is it it's its just let me my of on or our
    please she should so some still that the their them then there these they this to too us very want was we what
    what's when where where's which who why will with would you your
search-synonyms =
    login, log in, log on, logon, signin, sign in; logout, log out, log off, signout, sign out; whitelist,
    whitelisting, white list, safelist, safe sender, allowlist, allow list, allow listing; blacklist, blocklist,
    blocked address, suppressed, suppression; webhook, webhooks, event subscription, domain events; 2fa, mfa, totp,
    two factor, two step, authenticator, second factor; didn't receive, didn't get, didn't arrive, didn't come, not
    arriving, not arrived, not received, not coming, not delivered, never arrived, never came, never received,
    hasn't arrived, haven't received, isn't arriving, doesn't arrive, missing email, no email, no mail, email
    missing; locked out, locked, lockout, too many attempts; spam, junk, quarantine; expired, timed out, too old,
    out of date; signup, sign up, register, registration, activate, activation; forgot, forgotten, lost, reset,
    recover; passcode, passphrase, pass word, password; broken link, link not working, link doesn't work, invalid
    link, invalid token; bounced, bounce, undeliverable; error code, error message; rate limit, rate limited, 429,
    too many requests, throttled; typo, mistyped, misspelled, wrong address; cookie, session; sso, single sign on,
    verify a session; price, pricing, cost, costs; retention, gdpr, how long kept; user pool, cognito; contact,
    support, human, need help;
    mail, email, emails; color, colour, colors, colours; csv, spreadsheet; upload, import, migrate; requirements,
    rules, policy; gmail, outlook, hotmail, yahoo, icloud, email provider; full, over quota; didn't
    ask, didn't request, not requested, unexpected
