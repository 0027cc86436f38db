address-changed-subject = Your email address for { $portal } was changed
address-changed-preheader = On { $when }. If it was not you, write to us at once.
address-changed-heading = Your email address was changed
address-changed-when =
    The email address of your account for { $portal } was changed on **{ $when }**. Until then, it was the one that
    this email is sent to.
address-changed-from-now-on = From now on, our emails go to the new address. Links that were sent here no longer work.
address-changed-if-you = If it was you, or was done for you, there is nothing to do.
# The address to write to follows.
address-changed-if-not-you = Somebody else may be about to take over your account. Write to us at once:
