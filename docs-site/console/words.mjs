// What the console calls things. A name that the service has and this file has not is shown with its underscores taken
// out, so that a newer service does not break an older page.

/** Delivery statuses: a name, a tone, the family that the charts count them in, and what it means. */
export const STATUS = {
  queued: ["Queued", "info", "under_way", "Written down, and about to be handed to SES."],
  send_failed_retrying: ["Retrying", "warn", "under_way", "SES could not take it just now; it is tried again."],
  skipped: ["Not sent by us", "mute", "withheld", "We decided not to send it."],
  send_failed: ["Sending failed", "bad", "failed", "SES refused it for good."],
  sent: ["Sent", "info", "under_way", "SES took it; no news from the receiving host yet."],
  delayed: ["Delayed", "warn", "under_way", "The receiving host has not taken it yet; SES goes on trying."],
  soft_bounced: ["Gave up for now", "bad", "failed", "SES gave up, for a passing reason."],
  delivered: ["Delivered", "good", "arrived", "The receiving host took it. Inbox or junk folder is not known."],
  refused: ["Refused", "bad", "failed", "The receiving host refused it."],
  rejected: ["Rejected by SES", "bad", "failed", "SES did not send it."],
  not_sent: ["Suppressed at SES", "bad", "failed", "SES did not send it, since the address is on a suppression list."],
  bounced: ["Bounced", "bad", "failed", "There is no such mailbox."],
  complained: ["Marked as spam", "bad", "complained", "The recipient called it spam."],
};

/** Families of statuses, from the ground of a column up. */
export const FAMILIES = {
  arrived: "Delivered",
  under_way: "On the way",
  withheld: "Not sent by us",
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
  canary: "Canary",
};

export const TRIGGER = { self_service: "The user", admin: "An administrator", system: "The system" };

export const USER_STATUS = { pending: ["Pending", "warn"], active: ["Active", "good"], inactive: ["Inactive", "bad"] };

/** The languages that mail is written in. */
export const LANGUAGE = { en: "English", de: "German", fr: "French", es: "Spanish", ar: "Arabic" };

export const ROLE = { member: "Member", support: "Support", admin: "Administrator" };

export const CERTAINTY = { certain: ["Certain", "bad"], likely: ["Likely", "warn"], possible: ["Possible", "info"] };

/** Why an address is suppressed: a name, and what it means. */
export const SUPPRESSION = {
  hard_bounce: ["Bounced", "The receiving host said that there is no such mailbox."],
  domain_invalid: ["No such domain", "The domain takes no mail."],
  provider_global: ["SES’s global list", "The address bounced for other senders at SES."],
  provider_account: ["SES’s list of our account", "SES keeps the address on our account’s suppression list."],
  provider_validation: ["SES’s validation", "SES thinks that the address can’t take mail."],
  complaint: ["Marked as spam", "The recipient called one of our emails spam."],
  soft_repeat: ["Failed again and again", "Several emails in a row could not be delivered."],
  manual: ["By hand", "An administrator suppressed it."],
};

export const SCOPE = { all: "All mail", automatic_mail: "Automatic mail only" };

export const CHECK = {
  account_sandbox: "Production access",
  account_paused: "Sending is on",
  account_quota: "Quota",
  identity_verified: "Identity verified",
  dkim: "DKIM",
  mail_from: "MAIL FROM domain",
  spf: "SPF",
  dmarc: "DMARC",
  event_path: "News of delivery",
};

export const CHECK_STATE = { ok: ["Right", "good"], wrong: ["Wrong", "bad"], unknown: ["Unknown", "mute"] };

/** Reasons that read better in other words than their own. */
export const REASON = {
  no_such_user: "No user has this address",
  user_inactive: "The user is inactive",
  already_active: "The user is active already",
  address_suppressed: "The address is suppressed",
  rate_limited: "Too many emails to this address",
  sender_paced: "Too many links to everybody in that minute",
  request_too_old: "The request was too old",
  ses_unavailable: "SES could not be reached",
  sender_over_quota: "The sender’s quota is used up",
  sender_paused: "Sending is paused",
  sender_suspended: "SES has suspended the sender",
  sender_unverified: "The sender is not verified",
  sender_misconfigured: "The sender is set up wrong",
  refused_by_ses: "SES refused it",
  mailbox_does_not_exist: "The mailbox does not exist",
  mailbox_full: "The mailbox is full",
  domain_invalid: "The domain takes no mail",
  refused_as_spam: "Refused as spam",
  refused_sender_fault: "Refused because of our side",
  refused_content: "Refused for its content or size",
  suppressed_at_ses: "The address is suppressed at SES",
  timed_out: "The receiving host did not answer in time",
  host_trouble: "The receiving host was in trouble",
  template_broken: "The email could not be put together",
  virus: "SES took it for a virus",
  marked_as_spam: "The recipient called it spam",
  greylisted: "The receiving host asked to try later",
  undetermined: "The receiving host gave no clear reason",
};

/** What happens in timelines, where its own name would not do. */
const EVENT = {
  skipped: "Not sent by us",
  not_sent: "Not sent by SES: suppressed there",
  soft_bounced: "SES gave up",
  delayed: "Delayed by the receiving host",
  bounced: "Bounced",
  complained: "Marked as spam",
  queued: "Written down",
  sent: "Taken by SES",
  delivered: "Taken by the receiving host",
  opened: "The link’s page was opened (perhaps by a scanner)",
  landed: "A person used the link’s page",
  redeemed: "The link was used",
  heard_from_another_mailbox: "News came from another mailbox: the mail was forwarded",
};

export const reason = (code) => REASON[code] ?? plain(code);
export const event = (code) => EVENT[code] ?? plain(code);

/** `mailbox_full` -> "Mailbox full". */
export function plain(code) {
  const words = String(code).replace(/[_-]+/g, " ").trim();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(/\bapi\b/i, "API");
}

/** What a host has said, without the name of the protocol that SES puts before it. */
export const hostSaid = (detail) => detail.replace(/^smtp; */i, "");
