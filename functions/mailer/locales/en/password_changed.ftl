password-changed-subject = Your password for { $portal } was changed
password-changed-preheader = On { $when }. If it wasn’t you, act now.
password-changed-heading = Your password was changed
password-changed-when = The password of your { $portal } account was changed on **{ $when }**.
password-changed-effects = You’ve been signed out on all devices, and earlier links no longer work.
password-changed-keys = API keys that you created were revoked: { $names }.
password-changed-if-you = If it was you, you don’t need to do anything.
# A link follows.
password-changed-if-not-you = Someone else may have access to your email. Choose a new password now:
# The support address follows.
password-changed-then = Then change the password of your email account, and write to us:
