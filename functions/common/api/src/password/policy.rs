//! What a new password has to pass.

use mailkey::{
    EmailAddress,
    account::password::{Password, PasswordRules, Weakness},
    settings::SecuritySettings,
};

use super::BreachedPasswords;
use crate::problem::{Problem, ProblemType};

/// The rules for new passwords, and the list of stolen ones if it is used.
#[derive(Debug)]
pub struct PasswordPolicy {
    portal_name: String,
    breached: Option<BreachedPasswords>,
}

impl PasswordPolicy {
    /// The rules of the portal with this name, which is no password.
    pub fn new(portal_name: impl Into<String>, breached: Option<BreachedPasswords>) -> Self {
        Self { portal_name: portal_name.into(), breached }
    }

    /// Checks a new password of the user with this address.
    ///
    /// # Errors
    ///
    /// `weak-password`, with every reason.
    pub async fn check(
        &self,
        password: &Password,
        email: &EmailAddress,
        settings: &SecuritySettings,
    ) -> Result<(), Problem> {
        let min_length = settings.min_password_length();
        let mut weaknesses = PasswordRules { min_length, email, portal_name: &self.portal_name }.weaknesses(password);
        if let (Some(breached), true) = (&self.breached, weaknesses.is_empty())
            && breached.contains(password).await
        {
            weaknesses.push(Weakness::Breached);
        }
        if weaknesses.is_empty() { Ok(()) } else { Err(weak_password(&weaknesses)) }
    }
}

fn weak_password(weaknesses: &[Weakness]) -> Problem {
    weaknesses.iter().fold(Problem::new(ProblemType::WeakPassword), |problem, weakness| {
        problem.with_reason(weakness.code(), &weakness.detail(), weakness.limit())
    })
}
