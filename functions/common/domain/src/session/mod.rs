//! Sessions: opaque tokens for clients, stored as digests, ended by sign-out, redemption, deactivation, by their
//! owner or an administrator, and for staff by idle time.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ulid::Ulid;

use crate::{
    account::{Role, User, UserId, UserStatus},
    clock::rfc3339,
    json::ulid_form,
    second_factor::FactorState,
    secret::{Secret, SecretDigest},
    settings::{SecuritySettings, Setting},
};

/// How long a session lasts at most: a working day (NIST SP 800-63B-4 section 2.1.3 recommends at most 30 days for the
/// lowest level, 24 hours for the next).
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// How long a proof of who someone is lasts (OWASP ASVS 5.0, 7.5.1).
pub const STEP_UP_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How often a use is noted. A write for every request would cost more than it tells.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The longest description of a browser that is kept, in characters. Real ones are shorter.
const MAX_USER_AGENT: usize = 200;

/// The secret that a signed-in client holds.
pub type SessionToken = Secret;

/// What is stored of a [`SessionToken`].
pub type SessionDigest = SecretDigest;

/// Names a session in lists. It opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub Ulid);

ulid_form!(SessionId);

/// Where a session was begun, so that its owner recognizes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The address.
    pub ip: Option<IpAddr>,
    /// What the browser or program calls itself; untrusted text.
    pub user_agent: Option<String>,
}

impl Client {
    /// A client with this address and this `User-Agent`, cut to a length that can be stored and shown.
    pub fn new(ip: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let readable = |text: &str| text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect::<String>();
        Self { ip, user_agent: user_agent.map(readable).filter(|text| !text.trim().is_empty()) }
    }
}

/// A session as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The key.
    pub digest: SessionDigest,
    /// Names it in lists.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's session generation when it began: a redemption bumps the user's, and all sessions end at once.
    pub generation: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// From this moment on it has ended.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute, not counting requests that a page makes by itself.
    pub last_used_at: Timestamp,
    /// After this time without use it has ended, if its user is staff. The setting when it began: reading the settings
    /// at every request would cost a call.
    pub idle_limit: SignedDuration,
    /// When its user last proved who they are: at sign-in, or in between.
    pub stepped_up_at: Timestamp,
    /// Whether its user has a second factor.
    pub factor: FactorState,
    /// Where it was begun.
    pub client: Client,
}

impl Session {
    /// A session of `user` that begins now.
    pub fn begin(
        token: &SessionToken,
        id: SessionId,
        user: &User,
        factor: FactorState,
        client: Client,
        settings: &SecuritySettings,
        now: Timestamp,
    ) -> Self {
        Self {
            digest: token.digest(),
            id,
            user_id: user.id,
            generation: user.session_generation,
            created_at: now,
            expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
            last_used_at: now,
            idle_limit: SignedDuration::from_mins(settings.get(Setting::StaffIdleMinutes)),
            stepped_up_at: now,
            factor,
            client,
        }
    }

    /// Whether its user has to prove who they are before something that gives access or can't be undone.
    pub fn needs_step_up(&self, now: Timestamp) -> bool {
        now.duration_since(self.stepped_up_at) >= STEP_UP_LASTS
    }

    /// Whether `user` may do nothing in it but set up a second factor.
    pub fn must_set_up_factor(&self, user: &User) -> bool {
        user.role > Role::Member && self.factor == FactorState::Required
    }

    /// Whether it still holds for `user`, as the user's record stands at this very request.
    pub fn holds(&self, user: &User, now: Timestamp) -> bool {
        let is_idle = user.role > Role::Member && now.duration_since(self.last_used_at) >= self.idle_limit;
        self.user_id == user.id
            && self.generation == user.session_generation
            && now < self.expires_at
            && !is_idle
            && user.status == UserStatus::Active
    }

    /// Whether a use by `user` at `now` has to be noted. Sessions of members have no idle limit.
    pub fn is_use_worth_noting(&self, user: &User, now: Timestamp) -> bool {
        user.role > Role::Member && now.duration_since(self.last_used_at) >= NOTED_EVERY
    }

    /// The session as its owner sees it.
    pub fn to_json(&self, is_current: bool) -> Value {
        let mut json = json!({
            "id": self.id.to_string(),
            "created_at": rfc3339(self.created_at),
            "expires_at": rfc3339(self.expires_at),
            "last_used_at": rfc3339(self.last_used_at),
            "is_current": is_current,
        });
        if let Some(ip) = self.client.ip {
            json["ip"] = ip.to_string().into();
        }
        if let Some(user_agent) = &self.client.user_agent {
            json["user_agent"] = user_agent.as_str().into();
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, Locale, OsEntropy};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn user(role: Role) -> User {
        User {
            id: UserId(Ulid(1)),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            display_name: "Alice".to_owned(),
            role,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: NOW,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 4,
            external_id: None,
        }
    }

    fn session(user: &User) -> Session {
        let token = Secret::generate(&OsEntropy).unwrap();
        Session::begin(
            &token,
            SessionId(Ulid(9)),
            user,
            FactorState::NotSetUp,
            Client::default(),
            &SecuritySettings::default(),
            NOW,
        )
    }

    #[test]
    fn a_session_holds_for_its_user_its_generation_and_its_time_only() {
        let user = user(Role::Member);
        let session = session(&user);
        let later = NOW + LIFETIME;
        assert!(session.holds(&user, NOW));
        assert!(session.holds(&user, later - SignedDuration::from_millis(1)));
        assert!(!session.holds(&user, later), "expired");
        assert!(!session.holds(&User { session_generation: 5, ..user.clone() }, NOW), "revoked");
        assert!(!session.holds(&User { status: UserStatus::Inactive, ..user.clone() }, NOW), "deactivated");
        assert!(!session.holds(&User { id: UserId(Ulid(2)), ..user }, NOW), "another user's");
    }

    #[test]
    fn only_the_session_of_staff_ends_when_it_is_idle() {
        for (role, idle_minutes, holds, worth_noting) in [
            (Role::Admin, 0, true, false),
            (Role::Admin, 1, true, true),
            (Role::Support, 29, true, true),
            (Role::Support, 30, false, true),
            (Role::Member, 30, true, false),
        ] {
            let user = user(role);
            let (session, now) = (session(&user), NOW + SignedDuration::from_mins(idle_minutes));
            assert_eq!(session.holds(&user, now), holds, "{role}, {idle_minutes} minutes");
            assert_eq!(session.is_use_worth_noting(&user, now), worth_noting, "{role}, {idle_minutes} minutes");
        }
    }

    #[test]
    fn a_proof_lasts_ten_minutes_and_only_staff_have_to_set_up_a_factor() {
        let mut session = session(&user(Role::Admin));
        for (minutes, needed) in [(0, false), (9, false), (10, true), (600, true)] {
            assert_eq!(session.needs_step_up(NOW + SignedDuration::from_mins(minutes)), needed, "{minutes} minutes");
        }
        for (factor, role, must) in [
            (FactorState::NotSetUp, Role::Admin, false),
            (FactorState::SetUp, Role::Admin, false),
            (FactorState::Required, Role::Support, true),
            (FactorState::Required, Role::Member, false),
        ] {
            session.factor = factor;
            assert_eq!(session.must_set_up_factor(&user(role)), must, "{factor} {role}");
        }
    }

    #[test]
    fn a_browser_is_described_in_bounds_and_without_control_characters() {
        for (given, kept) in [(None, None), (Some(" \t"), None), (Some("a\r\nb\u{1b}[31m"), Some("ab[31m"))] {
            assert_eq!(Client::new(None, given).user_agent.as_deref(), kept, "{given:?}");
        }
        assert_eq!(Client::new(None, Some(&"x".repeat(5000))).user_agent.map(|text| text.len()), Some(200));
    }
}
