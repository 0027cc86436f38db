// The words the console uses for the API's codes. A code that is missing here is shown with its underscores removed, so
// an older page keeps working with a newer service.

/** Delivery statuses: label, tone, the family the charts count them in, and what the status means. */
export const STATUS = {
  queued: ["Queued", "info", "under_way", "Waiting to be handed to SES."],
  send_failed_retrying: ["Retrying", "warn", "under_way", "SES couldn’t accept it yet. We’ll retry automatically."],
  skipped: ["Skipped", "mute", "withheld", "We decided not to send it."],
  send_failed: ["Sending failed", "bad", "failed", "SES rejected our request. We won’t retry."],
  sent: ["Sent", "info", "under_way", "SES accepted it. The recipient’s server hasn’t responded yet."],
  delayed: ["Delayed", "warn", "under_way", "The recipient’s server is delaying it. SES keeps retrying."],
  soft_bounced: ["Soft-bounced", "bad", "failed", "SES stopped retrying after a temporary error."],
  delivered: ["Delivered", "good", "arrived", "The recipient’s server accepted it. We can’t tell whether it reached the inbox or junk."],
  blocked: ["Blocked", "bad", "failed", "The recipient’s server refused it, but not because the address is wrong."],
  rejected: ["Rejected by SES", "bad", "failed", "SES checked the email and didn’t send it."],
  suppressed: ["Suppressed", "bad", "failed", "SES didn’t send it because the address is on a suppression list."],
  bounced: ["Bounced", "bad", "failed", "Permanent failure: the mailbox or its domain doesn’t exist."],
  complained: ["Marked as spam", "bad", "complained", "The recipient marked it as spam."],
};

/** Families of statuses, from the bottom of a chart column to the top. */
export const FAMILIES = {
  arrived: "Delivered",
  under_way: "In progress",
  withheld: "Skipped",
  failed: "Undelivered",
  complained: "Marked as spam",
};

export const KIND = {
  password_reset: "Password reset",
  activation: "Activation",
  password_changed: "Password changed",
  account_locked: "Account locked",
  account_unlocked: "Account unlocked",
  address_changed: "Address changed",
  security_notice: "Security notice",
  canary: "Canary",
  other: "Other email",
};

export const TRIGGER = { self_service: "User", admin: "Administrator", system: "System", portal: "Portal" };

/** Who sent an email. */
export const ORIGIN = { mailkey: "Mailkey", watched: "Watched sender" };

export const USER_STATUS = { pending: ["Pending", "warn"], active: ["Active", "good"], inactive: ["Inactive", "bad"] };

/** The languages emails are written in. */
export const LANGUAGE = { en: "English", de: "German", fr: "French", es: "Spanish", ar: "Arabic" };

export const ROLE = { member: "Member", support: "Support", admin: "Administrator" };

/** The roles of people who work in the console. */
export const STAFF = { support: ROLE.support, admin: ROLE.admin };

export const CERTAINTY = { certain: ["Certain"], likely: ["Likely"], possible: ["Possible"] };

/** What a finding means for email now. Only what blocks email is red. */
export const SEVERITY = { blocking: ["Blocks email", "bad"], warning: ["Needs attention", "warn"], info: ["Wait", "info"], ok: ["OK", "good"] };

/** Why an address is suppressed: label and meaning. */
export const SUPPRESSION = {
  hard_bounce: ["Bounced", "An email to this address bounced permanently."],
  domain_invalid: ["Invalid domain", "The domain doesn’t accept email."],
  provider_global: ["SES global list", "The address bounced for other SES customers."],
  provider_account: ["SES account list", "The address is on our account’s suppression list at SES."],
  provider_validation: ["SES validation", "SES expects that this address can’t receive email."],
  complaint: ["Marked as spam", "The recipient marked one of our emails as spam."],
  soft_repeat: ["Repeated failures", "Several emails in a row couldn’t be delivered."],
  manual: ["Added manually", "An administrator added it."],
};

export const SCOPE = { all: "All emails", automatic_mail: "Automatic emails only" };

export const CHECK = {
  account_sandbox: "Production access",
  account_paused: "Sending enabled",
  account_quota: "Quota",
  identity_verified: "Domain verified",
  dkim: "DKIM",
  mail_from: "MAIL FROM domain",
  spf: "SPF",
  dmarc: "DMARC",
  event_path: "Delivery events",
};

export const CHECK_STATE = { ok: ["OK", "good"], wrong: ["Problem", "bad"], unknown: ["Unknown", "mute"] };

/** Sender alarms whose code isn't clear enough on its own. */
const ALARM = {
  event_subscription_removed: "SES can’t deliver events",
  refused_sender_fault: "Emails rejected because of a problem on our side",
  click_tracking_on: "Click tracking is on",
  list_management_on: "List management is on",
  authentication_failure_reported: "Authentication failure reported",
  domain_burst: "Many bounces from one domain",
  wrong_topic: "Events from an unexpected topic",
  template_broken: "SES couldn’t render an email",
  ses_advice: "SES reported a problem",
  links_damaged: "Links to one domain arrive damaged",
};

/** Audit log actions: what was done, and for a refused attempt the same after "Tried to". */
const ACTION = {
  create_user: ["Created a user", "create a user"],
  edit_user: ["Edited a user", "edit a user"],
  reset_password: ["Sent a password reset", "send a password reset"],
  resend_activation: ["Resent an activation", "resend an activation"],
  unlock: ["Unlocked an account", "unlock an account"],
  redeem_token: ["Set a password with a link", "set a password with a link"],
  resend_email: ["Resent an email", "resend an email"],
  export_email_log: ["Exported the email log", "export the email log"],
  export_audit_log: ["Exported the audit log", "export the audit log"],
  change_settings: ["Changed security settings", "change security settings"],
  create_api_key: ["Created an API key", "create an API key"],
  revoke_api_key: ["Revoked an API key", "revoke an API key"],
  suppress: ["Suppressed an address", "suppress an address"],
  remove_suppression: ["Removed a suppression", "remove a suppression"],
  remove_and_resend: ["Removed a suppression and resent", "remove a suppression and resend"],
  call_route: ["Called an API route", "call an API route"],
  sign_in: ["Signed in", "sign in"],
  erase: ["Erased a person", "erase a person"],
  export_person: ["Exported a person’s data", "export a person’s data"],
  end_sessions: ["Ended sessions", "end sessions"],
  change_password: ["Changed their password", "change their password"],
  require_new_password: ["Required a new password", "require a new password"],
  add_second_factor: ["Set up a second factor", "set up a second factor"],
  remove_second_factor: ["Removed a second factor", "remove a second factor"],
  step_up: ["Confirmed their identity", "confirm their identity"],
};

/** The same for a choice: what was done. */
export const ACTIONS = Object.fromEntries(Object.entries(ACTION).map(([code, [done]]) => [code, done]));

/** Reasons whose code isn't clear enough on its own. */
export const REASON = {
  no_such_user: "No user has this address",
  user_inactive: "The user is inactive",
  already_active: "The user is already active",
  address_suppressed: "The address is suppressed",
  rate_limited: "Too many emails to this address",
  sender_paced: "Site-wide sending limit reached",
  request_too_old: "The request was too old",
  ses_unavailable: "SES didn’t respond",
  sender_over_quota: "The sending quota is used up",
  sender_paused: "Sending is paused",
  sender_suspended: "SES suspended our account",
  sender_unverified: "Our sending domain isn’t verified",
  sender_misconfigured: "Our sender is misconfigured",
  refused_by_ses: "SES rejected it",
  mailbox_does_not_exist: "The mailbox doesn’t exist",
  mailbox_full: "The mailbox is full",
  domain_invalid: "The domain doesn’t accept email",
  refused_as_spam: "Blocked as spam",
  refused_sender_fault: "Blocked because of a problem on our side",
  refused_by_recipient: "Blocked by the recipient’s own settings",
  refused_content: "Blocked because of its content or size",
  suppressed_at_ses: "The address is suppressed at SES",
  timed_out: "The recipient’s server didn’t respond in time",
  host_trouble: "The recipient’s server had a temporary problem",
  template_broken: "We couldn’t create the email",
  virus: "SES suspected a virus",
  marked_as_spam: "The recipient marked it as spam",
  greylisted: "The recipient’s server asked us to try again later",
  undetermined: "The recipient’s server gave no clear reason",
};

/** Timeline events whose code isn't clear enough on its own. */
const EVENT = {
  skipped: "Skipped",
  suppressed: "Not sent: suppressed at SES",
  blocked: "Blocked by the recipient’s server",
  soft_bounced: "SES stopped retrying",
  delayed: "Delayed by the recipient’s server",
  complained: "Marked as spam",
  sent: "Accepted by SES",
  delivered: "Accepted by the recipient’s server",
  page_loaded: "Link page loaded (possibly by a scanner)",
  person_acted: "A person used the link page",
  redeemed: "Link used",
  heard_from_another_mailbox: "Forwarded: another mailbox reported back",
};

/** What was done, or for a refused attempt, what was tried. */
export function action(code, outcome) {
  const [done, tried] = ACTION[code] ?? [plain(code)];
  return outcome === "refused" && tried ? `Tried to ${tried}` : done;
}

export const alarm = (code) => ALARM[code] ?? plain(code);
export const reason = (code) => REASON[code] ?? plain(code);
export const event = (code) => EVENT[code] ?? plain(code);

/** `mailbox_full` -> "Mailbox full". */
export function plain(code) {
  const words = String(code).replace(/[_-]+/g, " ").trim();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(/\b(?:api|ses)\b/i, (name) => name.toUpperCase());
}

/** A server's reply, without the "smtp;" prefix that SES adds. */
export const hostSaid = (detail) => detail.replace(/^smtp; */i, "");
