activation-subject = Activate your account for { $portal }
activation-preheader = Choose a password to start. The link works once, for { $lifetime }.
activation-heading = Activate your account
activation-asked = We received a request to activate your { $portal } account. It isn’t active yet.
activation-by-administrator = An administrator of { $portal } has set up an account for you. It isn’t active yet.
activation-how = To activate it, choose a password. Then sign in with your email address and that password.
activation-button = Activate your account
# In plain text. The link follows.
activation-open-link = To choose a password, open this link:
activation-not-expected = **Didn’t expect this?** You can ignore this email. Nobody can sign in to the account
    unless someone uses the link. If you don’t want an account, tell us.
