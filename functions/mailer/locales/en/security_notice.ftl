security-notice-subject = Access to { $portal } was changed
security-notice-preheader = If you didn’t expect this, act now.
security-notice-heading = A change to who has access
security-notice-api-key-created = The API key “{ $names }” for { $portal } was created on **{ $when }**.
security-notice-administrator-added = “{ $names }” became an administrator of { $portal } on **{ $when }**.
security-notice-second-factor-added = Sign-in to { $portal } with your account needs a one-time code since **{ $when }**.
security-notice-second-factor-removed =
    An administrator removed the second factor of your { $portal } account on **{ $when }**. You can sign in with your
    password alone, and set up a new one.
security-notice-if-expected = If you expected this, you don’t need to do anything.
# A link to the console follows.
security-notice-check = Check what was changed, and undo it:
# The support address follows.
security-notice-then = Then write to us:
