//! What can be done about a finding, by whom, and the one action that an answer leads to.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Cause, Facts, Finding, finding::in_path};
use crate::{
    access::{NotAllowed, Permission, authorize, may_with_key},
    account::{EmailAddress, Role, User, UserId},
    json::Rfc3339,
    text_form::text_form,
};

/// Who asks for the diagnosis: an action is offered only to someone who may carry it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The user, or the creator of the API key.
    pub user: User,
    /// The role in which they ask.
    pub role: Role,
    /// Whether an API key asks.
    pub is_api_key: bool,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// The person who asks for the diagnosis.
    You,
    /// An administrator, because the caller's role doesn't allow the action.
    Administrator,
    /// The people who run the service and its SES account.
    Operator,
    /// The user whose email is missing.
    User,
    /// The people who run the recipient's mail server.
    RecipientsIt,
    /// Nobody: it resolves itself, or there is nothing to do.
    Nobody,
}

text_form!(Who {
    You = "you",
    Administrator = "administrator",
    Operator = "operator",
    User = "user",
    RecipientsIt = "recipients_it",
    Nobody = "nobody",
});

/// One call of the API that fixes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "Call")]
pub enum Action {
    /// Sends a link to reset the password.
    SendLink(UserId),
    /// Sends a link to activate the account.
    ResendActivation(UserId),
    /// Removes the lock on sign-in.
    Unlock(UserId),
    /// Activates an inactive user.
    Activate(UserId),
    /// Changes the address on record, to this one if it is known.
    ChangeAddress(UserId, Option<EmailAddress>),
    /// Removes the suppressions of an address, here and at SES, and sends a link.
    RemoveAndResend(EmailAddress),
}

impl Action {
    /// What a button says.
    pub fn label(&self) -> String {
        match self {
            Self::SendLink(_) => "Send a new link".to_owned(),
            Self::ResendActivation(_) => "Resend activation".to_owned(),
            Self::Unlock(_) => "Unlock".to_owned(),
            Self::Activate(_) => "Activate".to_owned(),
            Self::ChangeAddress(_, Some(to)) => format!("Change the address to {}", to.as_typed()),
            Self::ChangeAddress(_, None) => "Change the address".to_owned(),
            Self::RemoveAndResend(_) => "Remove and resend".to_owned(),
        }
    }

    /// Whether `asker` may do this to `user`.
    fn is_allowed(&self, asker: &Asker, user: &User) -> Result<(), NotAllowed> {
        let permission = match self {
            Self::SendLink(_) | Self::ResendActivation(_) => Permission::SendLink,
            Self::Unlock(_) => Permission::Unlock,
            Self::Activate(_) => Permission::ChangeStatus,
            Self::ChangeAddress(..) => Permission::Edit,
            Self::RemoveAndResend(_) if asker.role < Role::Admin => return Err(NotAllowed::RoleTooLow),
            Self::RemoveAndResend(_) => Permission::SendLink,
        };
        if asker.is_api_key {
            may_with_key(user.role)?;
        }
        authorize(&asker.user, asker.role, permission, user)
    }
}

/// A request, ready to be sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Call {
    /// What it does.
    #[schemars(example = "Unlock the account")]
    label: String,
    /// The method of the request.
    #[schemars(extend("enum" = ["POST", "PATCH", "DELETE", "PUT"]))]
    method: &'static str,
    /// The path to call.
    path: String,
    /// The body of the request.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(extend("examples" = [{ "status": "active" }]))]
    body: Map<String, Value>,
    /// A field that you add to the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["email"]))]
    input: Option<&'static str>,
}

impl From<Action> for Call {
    fn from(action: Action) -> Self {
        let user = |id: &UserId, rest: &str| format!("/api/admin/users/{id}{rest}");
        let field = |name: &str, value: &str| Map::from_iter([(name.to_owned(), value.into())]);
        let (method, path, body) = match &action {
            Action::SendLink(id) => ("POST", user(id, "/reset-password"), Map::new()),
            Action::ResendActivation(id) => ("POST", user(id, "/resend-activation"), Map::new()),
            Action::Unlock(id) => ("POST", user(id, "/unlock"), Map::new()),
            Action::Activate(id) => ("PATCH", user(id, ""), field("status", "active")),
            Action::ChangeAddress(id, Some(to)) => ("PATCH", user(id, ""), field("email", to.as_typed())),
            Action::ChangeAddress(id, None) => ("PATCH", user(id, ""), Map::new()),
            Action::RemoveAndResend(address) => {
                ("POST", format!("/api/admin/suppressions/{}/remove-and-resend", in_path(address)), Map::new())
            }
        };
        let input = matches!(action, Action::ChangeAddress(_, None)).then_some("email");
        Self { label: action.label(), method, path, body, input }
    }
}

/// How the one action of an answer is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// One call of the API does it, and the caller may make it.
    Call,
    /// A person has to do it.
    Ask,
    /// It resolves itself; look again later.
    Wait,
    /// There is nothing to do.
    Nothing,
}

text_form!(ActionKind { Call = "call", Ask = "ask", Wait = "wait", Nothing = "nothing" });

/// The one action that an answer leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct MainAction {
    /// How it is carried out.
    pub kind: ActionKind,
    /// A title in a few words.
    pub label: String,
    /// The text, in sentences.
    pub text: String,
    /// Who has to act.
    pub who: Who,
    /// The cause of the first finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub cause: Option<Cause>,
    /// The request that carries it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Call>")]
    pub action: Option<Action>,
    /// When to look again.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub wait_until: Option<Timestamp>,
    /// A message to the person who has to act.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "This is about our emails to alice@example.com.")]
    pub note: Option<String>,
    /// The address to diagnose next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = "gwen@gmail.com")]
    pub continue_with: Option<EmailAddress>,
}

/// Chooses the action of an answer whose most important finding is `first`.
pub(super) fn choose(facts: &Facts, first: Option<&Finding>) -> MainAction {
    let Some(finding) = first else {
        return MainAction {
            kind: ActionKind::Nothing,
            label: "Nothing to do".to_owned(),
            text: "Everything we can check is in order.".to_owned(),
            who: Who::Nobody,
            cause: None,
            action: None,
            wait_until: None,
            note: None,
            continue_with: None,
        };
    };
    let fix = &finding.fix;
    let allowed = fix.action.as_ref().filter(|action| is_allowed(facts, action));
    let (kind, label, who) = match (&fix.action, allowed, fix.wait_until) {
        (Some(action), Some(_), _) => (ActionKind::Call, action.label(), Who::You),
        (Some(_), None, _) => (ActionKind::Ask, "Ask an administrator".to_owned(), Who::Administrator),
        (None, _, Some(_)) => (ActionKind::Wait, "Wait, then check again".to_owned(), Who::Nobody),
        (None, _, None) => (ActionKind::Ask, whom_to_ask(fix.who).to_owned(), fix.who),
    };
    let continue_with = match &fix.action {
        Some(Action::ChangeAddress(_, to)) => to.clone(),
        _ => finding.suggestion.clone().filter(|_| finding.cause == Cause::NoSuchUser),
    };
    let is_for_others = matches!(who, Who::Administrator | Who::Operator | Who::RecipientsIt);
    MainAction {
        kind,
        label,
        text: fix.text.clone(),
        who,
        cause: Some(finding.cause),
        action: allowed.cloned(),
        wait_until: fix.wait_until.filter(|_| kind == ActionKind::Wait),
        note: (kind == ActionKind::Ask && is_for_others).then(|| note(facts, finding)),
        continue_with,
    }
}

pub(super) fn is_allowed(facts: &Facts, action: &Action) -> bool {
    facts.user.as_ref().is_some_and(|user| action.is_allowed(&facts.asker, user).is_ok())
}

fn whom_to_ask(who: Who) -> &'static str {
    match who {
        Who::You | Who::Nobody => "Check this first",
        Who::Administrator => "Ask an administrator",
        Who::Operator => "Ask our operators",
        Who::User => "Ask the user",
        Who::RecipientsIt => "Ask the recipient’s IT",
    }
}

/// A message to the person who has to act, with everything they need to know.
fn note(facts: &Facts, finding: &Finding) -> String {
    let mut lines = vec![format!("This is about our emails to {}. {}", facts.address.as_typed(), finding.summary)];
    lines.extend(finding.evidence.iter().map(|seen| match seen.at {
        Some(at) => format!("- {}: {}", at.strftime("%-d %B %Y, %H:%M UTC"), seen.text),
        None => format!("- {}", seen.text),
    }));
    if let Some(action) = &finding.fix.action {
        lines.push(format!("Please do this: {}.", action.label()));
    }
    // The text tells support staff what to ask for; to the recipient's IT, it has to be the request itself.
    let asks_to_allow = matches!(finding.cause, Cause::RefusedAsSpam | Cause::RefusedByRecipient)
        || finding.cause == Cause::RefusedSenderFault && finding.fix.who == Who::RecipientsIt;
    lines.push(if asks_to_allow {
        let (from, domain) = (facts.from.for_delivery(), facts.from.key().domain());
        format!("Please allow email from {from} to this address, or from the domain {domain} to everyone.")
    } else {
        finding.fix.text.clone()
    });
    lines.join("\n")
}
