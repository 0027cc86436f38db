# What the forms say. Values are inline Markdown, and links are those of the English pages. The scripts fill in
# $address, $count, $email, $limit, $name, $until and $wait; `fill-…` stands there as long as they don't.

fill-wait = in a few minutes

email-address = Email address
enter-email = Enter your email address.
no-email = This isn’t a complete email address. It looks like name@example.com.
password = Password
enter-password = Enter your password.
# "Show password" and "Hide password": the last word is for screen readers, the others are seen.
show = Show
hide = Hide
the-password = password

# What any form may have to say.
offline = **You’re offline.** Nothing was sent. Try again once you’re connected.
unreachable = **We couldn’t reach the service.** Check your connection and try again.
too-many-requests = **Too many attempts.** Please try again { $wait }.
service-unavailable = **The service isn’t available right now.** Nothing was changed. Please try again { $wait }.
origin-refused = **This page was opened under an unusual address.** Please go to [{ $site_url }]({ $site_url }) and try again.
unexpected = **Something went wrong on our side.** Please try once more. If it happens again, write to [{ $support_email }](mailto:{ $support_email }).

# Asking for a link.
form-needs-script = **This form needs JavaScript.** Please allow it for this site and load the page again, or ask for a link at [{ $support_email }](mailto:{ $support_email }).
send-link = Send me a link
sending = Sending…
back-or-guide = [Back to sign-in](/sign-in/) · [The email didn’t arrive?](/guide/)
you-entered = You entered **{ $address }**. Is it spelled right?

# Choosing a password.
link-needs-script = **This page needs JavaScript.** Your link stays out of server logs because only a script on this page ever reads it. Please allow JavaScript for this site and load the page again, or ask for help at [{ $support_email }](mailto:{ $support_email }).
new-password = New password
enter-new-password = Enter a new password.
rule-length = At least { $min_password_length } characters.
rule-form = A few unrelated words work well. Spaces are fine, and no digits or symbols are required.
rule-refused = Not your email address, not the name of this portal, and none of the common passwords.
strength-short = { $count } of at least { $limit } characters
strength-long = { $count } characters, and at most { $limit } are possible
strength-portal = That’s the name of this portal, which isn’t accepted
strength-repeats = Long enough, but easy to guess: it repeats itself
strength-sequence = Long enough, but easy to guess: its characters follow one another
strength-fine = Long enough: { $count } characters
save = Save the new password
activate = Activate my account
saving = Saving…
unreachable-perhaps-saved = **We couldn’t reach the service.** Check your connection and try again. If the link is then refused, your password has been saved after all: sign in with it.
reason-too-short = The password must have at least { $limit } characters.
reason-too-long = The password must have at most { $limit } characters.
reason-too-common = This password is on a list of common passwords that are tried first.
reason-is-email-address = The password must not be your email address.
reason-is-portal-name = The password must not be the name of this portal.
no-link-title = This page needs the link from your email
no-link = Please open the link in the email that we sent you. If your mail program broke it over two lines, copy all of it into the address bar.
ask-here = Or ask for a new link here:
invalid-title = Invalid Token
invalid = This link no longer works. It is older than 24 hours, you have used it or another one already, or a part of it is missing.
invalid-what-now = If you’ve just chosen a password, [sign in](/sign-in/) with it. Otherwise ask for a new link here:
done-activated = Your account is active
activated-what-now = You can sign in now, with your email address and the password that you’ve just chosen.
done-changed = Your password is changed
changed-what-now = Sign in with it from now on. All earlier links have stopped working, and a locked account is unlocked. We’ve sent a note about the change to your email address.

# Signing in and out.
sign-in-needs-script = **Signing in needs JavaScript.** Please allow it for this site and load the page again.
signing-in = Signing in…
forgot-yours = [Forgot your password?](/forgot-password/)
signed-in = You’re signed in
signed-in-as = Signed in as **{ $name }**
open-console = Open the console
sign-out = Sign out
signing-out = Signing out…
signed-out = You’re signed out.
invalid-credentials = **The email address or the password is wrong.** Check both, or [choose a new password](/forgot-password/).
account-locked = **Account Locked.** Too many wrong passwords were entered. Try again { $wait }.
locked-until = The lock ends at { $until }.
locked-what-now = You don’t have to wait: [choose a new password](/forgot-password/), and the lock is lifted at once. Or ask your administrator to unlock you.
account-inactive = **Your account isn’t active.** The password is right, but the account has been switched off. Ask your administrator, or write to [{ $support_email }](mailto:{ $support_email }).
