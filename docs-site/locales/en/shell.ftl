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
