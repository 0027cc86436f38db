password-reset-subject = Reset your password for { $portal }
password-reset-preheader = The link works once, for { $lifetime }.
password-reset-heading = Reset your password
password-reset-asked = We received a request to reset your { $portal } password.
password-reset-by-administrator = An administrator of { $portal } started a password reset for your account.
password-reset-button = Choose a new password
# In plain text. The link follows.
password-reset-open-link = To choose a new password, open this link:
password-reset-not-asked = **Didn’t request this?** You can ignore this email. Your password won’t change unless
    someone uses the link. If you keep getting these emails, tell us.
password-reset-not-expected = **Didn’t expect this?** Check with us before you use the link. Your password won’t
    change unless someone uses it.
