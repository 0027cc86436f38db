# Text that all emails share.
#
# $portal is the portal's name and $name the user's name. Sentences must work with any name.
# **Two asterisks** make words bold in HTML. Plain text omits them.

greeting = Hello { $name },
greeting-to-nobody = Hello,

# A heading. In plain text, a paragraph follows.
if-not-you = If it wasn’t you:

# The support address follows.
questions = Questions? Write to us:

# The address of the portal follows.
automatic = This email was sent automatically by { $portal }:

# $lifetime is a duration such as "24 hours", $until a point in time.
link-terms =
    The link works **once**, for **{ $lifetime }** (until { $until }). Don’t share it: anyone who has it can set
    your password.
# The whole link follows.
link-in-full = If the button doesn’t work, copy this address into your browser:
# The address of the page follows.
link-dead = Link no longer working? Ask for a new one:
