password-changed-subject = Your password for { $portal } was changed
password-changed-preheader = On { $when }. If it was not you, act now.
password-changed-heading = Your password was changed
password-changed-when = The password of your account for { $portal } was changed on **{ $when }**.
password-changed-effects =
    Every device that was signed in has been signed out, and older links for choosing a password have stopped working.
password-changed-if-you = If it was you, there is nothing to do.
# A link to choose one follows.
password-changed-if-not-you = Somebody else may be able to read your email. Choose a new password now:
# The address to write to follows.
password-changed-then = Then change the password of your mailbox, and write to us:
