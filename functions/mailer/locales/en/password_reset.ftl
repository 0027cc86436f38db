password-reset-subject = Reset your password for { $portal }
password-reset-preheader = The link inside works once, and for { $lifetime }.
password-reset-heading = Reset your password
password-reset-asked = Somebody, most likely you, asked to reset the password of your account for { $portal }.
password-reset-by-administrator = An administrator of { $portal } started a password reset for your account.
password-reset-button = Choose a new password
# In text: the link follows.
password-reset-open-link = To choose a new password, open this link:
password-reset-not-asked = **Did you not ask for this?** Then you need do nothing: your password stays as it is until
    the link is used. If such emails keep coming, tell us.
password-reset-not-expected = **Did you not expect this?** Then leave the link alone, and ask us first. Your password
    stays as it is until the link is used.
