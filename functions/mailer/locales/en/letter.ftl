# What all emails say around their message.
#
# $portal is the name of the portal, $name that of the user. Both are names: keep sentences right for any name.
# **Two asterisks** around words make them bold in HTML; in text they are left out.

greeting = Hello { $name },
greeting-to-nobody = Hello,

# A heading, and in text the beginning of a sentence.
if-not-you = If it was not you:

# The address to write to follows.
questions = Questions? Write to us:

# The address of the portal follows.
automatic = This email was sent automatically by { $portal }:

# $lifetime is a length of time such as "24 hours", $until a moment.
link-terms =
    The link works **once**, and for **{ $lifetime }**: until { $until }. Keep it to yourself: whoever has it can
    choose your password.
# The whole link follows.
link-in-full = If the button does nothing, copy this address into your browser:
# The address of the page follows.
link-dead = Has the link stopped working? Ask for a new one:
