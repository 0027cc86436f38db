activation-subject = Activate your account for { $portal }
activation-preheader = Choose a password to begin. The link inside works once, and for { $lifetime }.
activation-heading = Activate your account
activation-asked =
    Somebody, most likely you, asked for a link to activate your account for { $portal }. It is not active yet.
activation-by-administrator = An administrator of { $portal } has set up an account for you. It is not active yet.
activation-how =
    To activate it, choose your password. From then on you sign in with your email address and that password.
activation-button = Activate your account
# In text: the link follows.
activation-open-link = To choose it, open this link:
activation-not-expected = **Did you not expect this?** Then you need do nothing: nobody can sign in to the account
    until the link is used. If you want no account, tell us.
