account-locked-subject = Your account for { $portal } was locked
account-locked-preheader = Too many wrong passwords on { $when }. Nothing was changed.
account-locked-heading = Your account was locked
account-locked-when =
    Too many wrong passwords were entered for your account for { $portal } on **{ $when }**. Sign-in to it is closed
    for **{ $lockout }** from then. Nothing was changed.
# A link to set a new one follows.
account-locked-if-you = **If it was you**, wait until sign-in is open again, or set a new password, which also lifts
    the lock:
account-locked-if-not-you =
    Somebody tried passwords, and did not get in. If you use your password elsewhere as well, choose a new one with
    the link above.
# The address to write to follows.
account-locked-again = If this happens again, or you are not sure, write to us:
