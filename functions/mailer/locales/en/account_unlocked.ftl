account-unlocked-subject = Your account for { $portal } was unlocked
account-unlocked-preheader = On { $when }. You can sign in again.
account-unlocked-heading = Your account was unlocked
account-unlocked-when = An administrator of { $portal } lifted the lock of your account on **{ $when }**.
# A link follows.
account-unlocked-sign-in = You can sign in again:
# The address to write to follows.
account-unlocked-not-asked = **Did you not ask for this?** Then write to us:
