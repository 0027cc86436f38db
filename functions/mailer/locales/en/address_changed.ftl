address-changed-subject = Your email address for { $portal } was changed
address-changed-preheader = On { $when }. If it wasn’t you, write to us immediately.
address-changed-heading = Your email address was changed
address-changed-when =
    The email address of your { $portal } account was changed on **{ $when }**. This email goes to the old address.
address-changed-from-now-on = From now on, we’ll email the new address. Links sent to the old address no longer work.
address-changed-if-you = If you changed it or asked for the change, you don’t need to do anything.
# The support address follows.
address-changed-if-not-you = Someone else may be trying to take over your account. Write to us immediately:
