//! The audit log: who did what to whom, when, from where, and the outcome. Entries are never changed, so they contain
//! ids, pseudonyms and masked addresses only: an erasure leaves them as they are.

mod detail;

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use ulid::Ulid;

use crate::{
    account::{Role, UserId},
    erasure::Pseudonym,
    json::{EXAMPLE_ID, Rfc3339, text},
    request_id::RequestId,
    text_form::text_form,
};
pub use detail::AuditDetail;

/// What somebody did, or tried to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Created a user.
    CreateUser,
    /// Edited a user: name, role, status or address.
    EditUser,
    /// Started a password reset for a user.
    ResetPassword,
    /// Sent the activation email again.
    ResendActivation,
    /// Removed a user's lock.
    Unlock,
    /// Redeemed a link and set a password.
    RedeemToken,
    /// Sent an email of the log again.
    ResendEmail,
    /// Exported the email log.
    ExportEmailLog,
    /// Changed the security settings.
    ChangeSettings,
    /// Made an API key.
    CreateApiKey,
    /// Revoked an API key.
    RevokeApiKey,
    /// Suppressed an address by hand.
    Suppress,
    /// Removed a suppression.
    RemoveSuppression,
    /// Removed a suppression and sent the link again.
    RemoveAndResend,
    /// Called a route that the role does not reach.
    CallRoute,
    /// Signed in, with a role above member.
    SignIn,
    /// Asked for the erasure of everything that is stored about a person.
    Erase,
    /// Exported everything that is stored about a person.
    ExportPerson,
    /// Ended sessions.
    EndSessions,
    /// Changed one's own password.
    ChangePassword,
    /// Took a user's password away, so that the user has to choose a new one.
    RequireNewPassword,
    /// Set up a second factor.
    AddSecondFactor,
    /// Removed a user's second factor.
    RemoveSecondFactor,
    /// Proved again who they are.
    StepUp,
    /// Exported the audit log.
    ExportAuditLog,
}

text_form!(Action {
    CreateUser = "create_user",
    EditUser = "edit_user",
    ResetPassword = "reset_password",
    ResendActivation = "resend_activation",
    Unlock = "unlock",
    RedeemToken = "redeem_token",
    ResendEmail = "resend_email",
    ExportEmailLog = "export_email_log",
    ChangeSettings = "change_settings",
    CreateApiKey = "create_api_key",
    RevokeApiKey = "revoke_api_key",
    Suppress = "suppress",
    RemoveSuppression = "remove_suppression",
    RemoveAndResend = "remove_and_resend",
    CallRoute = "call_route",
    SignIn = "sign_in",
    Erase = "erase",
    ExportPerson = "export_person",
    EndSessions = "end_sessions",
    ChangePassword = "change_password",
    RequireNewPassword = "require_new_password",
    AddSecondFactor = "add_second_factor",
    RemoveSecondFactor = "remove_second_factor",
    StepUp = "step_up",
    ExportAuditLog = "export_audit_log",
});

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

text_form!(Outcome { Done = "done", Refused = "refused" });

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Actor {
    /// The id of the user.
    pub user_id: UserId,
    /// The role at that moment.
    pub role: Role,
    /// The id of the API key that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = EXAMPLE_ID.to_string())]
    pub api_key: Option<String>,
    /// From where.
    #[serde(skip)]
    pub ip: Option<IpAddr>,
    /// The API request, if it was one.
    #[serde(skip)]
    pub request_id: Option<RequestId>,
}

/// To whom or what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A user.
    User(UserId),
    /// An email of the log.
    Email(String),
    /// The security settings.
    Settings,
    /// The email log as a whole.
    EmailLog,
    /// The audit log as a whole.
    AuditLog,
    /// An API key, by its id.
    ApiKey(String),
    /// The suppression of an address.
    Suppression(Pseudonym),
    /// An address without an account.
    Address(Pseudonym),
    /// A route: method and path.
    Route(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Email(id) => write!(f, "email:{id}"),
            Self::Settings => f.write_str("security-settings"),
            Self::EmailLog => f.write_str("email-log"),
            Self::AuditLog => f.write_str("audit-log"),
            Self::ApiKey(id) => write!(f, "api-key:{id}"),
            Self::Suppression(address) => write!(f, "suppression:{address}"),
            Self::Address(address) => write!(f, "address:{address}"),
            Self::Route(route) => write!(f, "route:{route}"),
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditEntry {
    /// Its id.
    #[serde(serialize_with = "text")]
    #[schemars(with = "UserId")]
    pub id: Ulid,
    /// When it happened.
    #[serde(with = "Rfc3339")]
    pub at: Timestamp,
    /// Who did it: a user, or an API key of a user.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// What was acted on, such as `user:` and an id.
    pub target: String,
    /// The outcome.
    pub outcome: Outcome,
    /// Which fields changed, why it was refused, and so on.
    #[serde(skip)]
    pub detail: AuditDetail,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct ShownAuditEntry<'a> {
    #[serde(flatten)]
    entry: &'a AuditEntry,
    /// The IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    ip: Option<IpAddr>,
    /// What changed, or the code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this user.
    pub actor: Option<UserId>,
    /// With this target, as [`Target`] writes it.
    pub target: Option<String>,
    /// Of this kind.
    pub action: Option<Action>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether an entry has the wanted target and action. Actor and time are part of the query.
    pub fn matches(&self, entry: &AuditEntry) -> bool {
        self.target.as_ref().is_none_or(|target| *target == entry.target)
            && self.action.is_none_or(|action| action == entry.action)
    }
}

impl AuditEntry {
    /// Whether somebody did it to themselves.
    pub fn is_of_oneself(&self) -> bool {
        self.target == Target::User(self.actor.user_id).to_string()
    }

    /// The entry as the API shows it.
    pub fn shown(&self) -> ShownAuditEntry<'_> {
        let detail = (self.detail != AuditDetail::default()).then(|| self.detail.to_string());
        ShownAuditEntry { entry: self, ip: self.actor.ip, detail }
    }
}
