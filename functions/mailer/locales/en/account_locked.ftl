account-locked-subject = Your account for { $portal } was locked
account-locked-preheader = Too many wrong passwords on { $when }. Nothing was changed.
account-locked-heading = Your account was locked
account-locked-when =
    Someone entered too many wrong passwords for your { $portal } account on **{ $when }**. You can’t sign in
    for **{ $lockout }**. Nothing was changed.
# A link follows.
account-locked-if-you = **If it was you**, wait, or choose a new password to unlock your account now:
account-locked-if-not-you =
    Someone tried to guess your password and didn’t get in. If you use the same password elsewhere, choose a new one
    with the link above.
# The support address follows.
account-locked-again = If this happens again, or if you’re not sure, write to us:
