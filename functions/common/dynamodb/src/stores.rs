//! One accessor for each store, so that the [`Database`] is all that a function passes around.

use crate::{
    api_keys::ApiKeyStore, audit::AuditStore, client::Database, email_counts::EmailCountStore,
    email_log::EmailLogStore, email_requests::EmailRequestStore, erasures::ErasureStore, failed_sign_ins::LockoutStore,
    network_failures::NetworkStore, personal_data::PersonalData, raw_events::RawEventStore,
    recipient_limits::RecipientLimitStore, sender_state::SenderStateStore, sessions::SessionStore,
    settings::SettingsStore, site_wide_limit::SiteWideLimit, suppressions::SuppressionStore, tokens::TokenStore,
    users::UserStore,
};

impl Database {
    /// The tables whose names begin with `prefix`, with the credentials, the Region and the time-outs of `config`.
    pub fn connect(config: &aws_types::SdkConfig, prefix: impl Into<String>) -> Self {
        Self::new(aws_sdk_dynamodb::Client::new(config), prefix)
    }

    /// The links that each address got.
    pub fn recipient_limits(&self) -> RecipientLimitStore {
        RecipientLimitStore::new(self.clone())
    }

    /// The API keys.
    pub fn api_keys(&self) -> ApiKeyStore {
        ApiKeyStore::new(self.clone())
    }

    /// The audit log.
    pub fn audit(&self) -> AuditStore {
        AuditStore::new(self.clone())
    }

    /// The daily counters of emails.
    pub fn email_counts(&self) -> EmailCountStore {
        EmailCountStore::new(self.clone())
    }

    /// The erasures.
    pub fn erasures(&self) -> ErasureStore {
        ErasureStore::new(self.clone())
    }

    /// What is stored about a person, in all tables.
    pub fn personal_data(&self) -> PersonalData {
        PersonalData::new(self.clone())
    }

    /// The email log.
    pub fn email_log(&self) -> EmailLogStore {
        EmailLogStore::new(self.clone())
    }

    /// The raw copies of SES's events.
    pub fn raw_events(&self) -> RawEventStore {
        RawEventStore::new(self.clone())
    }

    /// The failed sign-ins of each address.
    pub fn lockouts(&self) -> LockoutStore {
        LockoutStore::new(self.clone())
    }

    /// The failures of each network.
    pub fn networks(&self) -> NetworkStore {
        NetworkStore::new(self.clone())
    }

    /// The links of the whole site.
    pub fn site_wide_limit(&self) -> SiteWideLimit {
        SiteWideLimit::new(self.clone(), "minute")
    }

    /// The lock notices of the whole site.
    pub fn lock_notice_limit(&self) -> SiteWideLimit {
        SiteWideLimit::new(self.clone(), "lock-notices")
    }

    /// The requests for email.
    pub fn email_requests(&self) -> EmailRequestStore {
        EmailRequestStore::new(self.clone())
    }

    /// The alarms of the sender, and its canary.
    pub fn sender_state(&self) -> SenderStateStore {
        SenderStateStore::new(self.clone())
    }

    /// The sessions.
    pub fn sessions(&self) -> SessionStore {
        SessionStore::new(self.clone())
    }

    /// The security settings.
    pub fn settings(&self) -> SettingsStore {
        SettingsStore::new(self.clone())
    }

    /// The addresses that get no email.
    pub fn suppressions(&self) -> SuppressionStore {
        SuppressionStore::new(self.clone())
    }

    /// The digests of the links' tokens.
    pub fn tokens(&self) -> TokenStore {
        TokenStore::new(self.clone())
    }

    /// The user records.
    pub fn users(&self) -> UserStore {
        UserStore::new(self.clone())
    }
}
