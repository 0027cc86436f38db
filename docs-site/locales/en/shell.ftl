# What surrounds every page. Values are inline Markdown, and links are those of the English pages.

skip = Skip to the content
account-help = Account help
search = Search
search-these-pages = Search these pages
main-navigation = Main
sign-in = Sign in
# In the navigation, where there is little room.
sign-in-above = Sign in
need-a-person = Need a person? Write to [{ $support_email }](mailto:{ $support_email }).
# In other languages in front of the three that follow.
in-english = In English:
what-words-mean = What the words mean
for-administrators = For administrators
for-operators = For operators
language = Language

# A page and its neighbours.
home = Home
breadcrumb = Breadcrumb
on-this-page = On this page
before-and-after = Before and after this page
previous = Previous
next = Next
rather-read = Rather read all of it? [Why the email didn’t arrive](/guide/)

callout-note = Note
callout-tip = Tip
callout-important = Important
callout-warning = Warning
callout-caution = Caution

# Stands for the addresses that mail comes from, where there are none of one's own.
no-fixed-address = not fixed; please allow the domain

# The page of the search.
search-needs-script = **The search needs JavaScript.** Without it, these lists lead everywhere.
what-are-you-looking-for = What are you looking for?
# The three go together: keys stand in front of each.
key-write = to write,
key-go-through = to go through what was found,
key-open = to open it
found-one = One page
found-many = { $count } pages
found-none = Nothing has all of these words. Try fewer, or others.
found-near = Nothing is written like that. Did you mean this?
search-failed = The search can’t be loaded right now. The lists below lead everywhere.
# English pages do not show it.
search-in-english = Search in English: there are more pages, for operators and developers
