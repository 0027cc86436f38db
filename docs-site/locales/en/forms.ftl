# Text of the forms. Values are inline Markdown. Links use the English paths. Scripts fill in $address, $count, $email,
# $limit, $missing, $name, $until and $wait. `fill-…` is the default where a script has no value.

fill-wait = a few minutes

email-address = Email address
enter-email = Enter your email address.
no-email = Enter a complete email address, such as name@example.com.
password = Password
enter-password = Enter your password.
one-time-code = One-time code
one-time-code-hint = The six digits of your authenticator app, or a recovery code.
enter-code = Enter the code.
# "Show password" and "Hide password". Only screen readers get the last word.
show = Show
hide = Hide
the-password = password

# Messages of every form.
offline = **You’re offline.** Nothing was sent. Try again once you’re connected.
unreachable = **We couldn’t reach the service.** Check your connection and try again.
too-many-requests = **Too many attempts.** Please try again in { $wait }.
service-unavailable = **The service isn’t available right now.** Nothing was changed. Please try again in { $wait }.
origin-refused = **This page was opened at an unexpected address.** Go to [{ $site_url }]({ $site_url }) and try again.
unexpected = **Something went wrong on our side.** Please try again. If it keeps happening, write to [{ $support_email }](mailto:{ $support_email }).

# Asking for a link.
form-needs-script = **This form needs JavaScript.** Enable it for this site and reload the page, or ask [{ $support_email }](mailto:{ $support_email }) for a link.
send-link = Send me a link
sending = Sending…
back-or-guide = [Back to sign-in](/sign-in/) · [The email didn’t arrive?](/guide/)
you-entered = You entered **{ $address }**. Is it spelled right? [Change it](/forgot-password/)
did-you-mean = Did you mean **{ $address }**?
again-if = Nothing after five minutes, and nothing in your junk folder?
send-again = Send it again
send-again-in = Send it again in { $wait }
sent-again = **We’ve passed on your request again.** If the address belongs to an account, another email is on its way. Any of the links works.

# Choosing a password.
link-needs-script = **This page needs JavaScript.** Only a script on this page reads your link, so the link never appears in server logs. Enable JavaScript for this site and reload the page, or ask [{ $support_email }](mailto:{ $support_email }) for help.
new-password = New password
enter-new-password = Enter a new password.
rule-length = At least { $min_password_length } characters.
rule-form = A few unrelated words work well. Spaces are fine, and no digits or symbols are required.
rule-refused = Don’t use your email address, the name of this portal or a common password.
strength-short = { $count } of { $limit } characters. { $missing } more to go.
strength-long = { $count } characters. The maximum is { $limit }.
strength-portal = That’s the name of this portal. Choose something less obvious.
strength-repeats = Long enough, but easy to guess: it repeats itself.
strength-sequence = Long enough, but easy to guess: its characters follow one another.
strength-fine = Long enough: { $count } characters.
save = Save the new password
activate = Activate my account
saving = Saving…
unreachable-perhaps-saved = **We couldn’t reach the service.** Check your connection and try again. If the link no longer works, your password was saved: sign in with it.
reason-too-short = The password must have at least { $limit } characters.
reason-too-long = The password must have at most { $limit } characters.
reason-too-common = This password is on a list of common passwords that attackers try first.
reason-is-email-address = The password must not be your email address.
reason-is-portal-name = The password must not be the name of this portal.
reason-repeats = This password is easy to guess because it repeats itself. Use several unrelated words.
reason-sequence = This password is easy to guess because its characters follow one another. Use several unrelated words.
reason-too-guessable = This password is easy to guess: it consists of common words, names or dates. Add one or two unrelated words.
reason-breached = This password was stolen from another service, so attackers try it. Choose another one, and change it wherever you use it.
no-link-title = This page needs the link from your email
no-link = Copy the whole link from the email we sent you and paste it here. Some email systems damage links on the way, so that clicking them opens this page without the necessary part.
link-from-email = Link from the email
paste-link = Paste the link from the email.
incomplete-link = That isn’t a complete link from our email. Copy all of it, from “https” to the last character.
use-link = Continue
ask-here = Or ask for a new link here:
invalid-title = Invalid Token
invalid = This link doesn’t work. It has expired, you’ve already used it or another link, or part of it is missing.
invalid-what-now = If you’ve just chosen a password, [sign in](/sign-in/) with it. Otherwise ask for a new link here:
done-activated = Your account is active
activated-what-now = You can now sign in with your email address and your new password.
done-changed = Your password has been changed
changed-what-now = Use it to sign in from now on. Earlier links no longer work. If your account was locked, it’s unlocked now. We’ve emailed you about the change.

# Signing in and out.
sign-in-needs-script = **Signing in needs JavaScript.** Enable it for this site and reload the page.
signing-in = Signing in…
forgot-yours = [Forgot your password?](/forgot-password/)
signed-in = You’re signed in
signed-in-as = Signed in as **{ $name }**
continue-to-portal = Continue to { $portal_name }
open-console = Open the console
sign-out = Sign out
signing-out = Signing out…
signed-out = You’re signed out.
invalid-credentials = **The email address or the password is wrong.** Check both, or [choose a new password](/forgot-password/).
second-factor-required = **Enter a one-time code.** This account needs one in addition to the password.
wrong-code = **The code is wrong or was used already.** Wait for the next one and try again.
account-locked = **Account Locked.** Too many wrong passwords were entered. Try again in { $wait }.
locked-until = The lock ends at { $until }.
locked-what-now = You don’t have to wait: [choose a new password](/forgot-password/) to unlock your account now, or ask your administrator to unlock you.
recovery-required = **Account Locked.** Too many wrong passwords were entered in a row. To sign in on this device, [choose a new password](/forgot-password/), or ask your administrator to unlock you.
account-inactive = **Your account isn’t active.** Your password is correct, but your account has been deactivated. Ask your administrator, or write to [{ $support_email }](mailto:{ $support_email }).
