account-unlocked-subject = Your account for { $portal } was unlocked
account-unlocked-preheader = On { $when }. You can sign in again.
account-unlocked-heading = Your account was unlocked
account-unlocked-when = An administrator of { $portal } unlocked your account on **{ $when }**.
# A link follows.
account-unlocked-sign-in = You can sign in again:
# The support address follows.
account-unlocked-not-asked = **Didn’t ask for this?** Please write to us:
