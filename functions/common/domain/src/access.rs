//! Who may do what: pure decisions on roles.

use crate::account::{Role, User};

/// Something that one person does to another's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Start a password reset, or send the activation email again.
    SendLink,
    /// Remove the lock.
    Unlock,
    /// Change the name or the address.
    Edit,
    /// Change the role.
    ChangeRole(Role),
    /// Change the status.
    ChangeStatus,
    /// Erase everything that is stored about the person.
    Erase,
    /// End every session.
    EndSessions,
    /// Remove the second factor.
    RemoveSecondFactor,
    /// Take the password away, and send a link.
    RequireNewPassword,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The role does not reach that far.
    #[error("your role does not allow this")]
    RoleTooLow,
    /// The other has a higher role.
    #[error("the user has a higher role than you")]
    HigherRole,
    /// Nobody does this to themselves.
    #[error("you can’t do this to your own account")]
    Yourself,
    /// Erasing an account with a role would remove who did what. The role must be taken away first.
    #[error("only members can be erased; change the role to member first")]
    NotAMember,
    /// An API key could keep its access, or get more, through an account with a role.
    #[error("an API key can’t create or change an account with a role above member; sign in instead")]
    WithApiKey,
}

/// Decides whether an API key may create or change an account that has `role`, or give it that role, in addition to
/// [`authorize`]. Keys reach members only: anyone who can change an administrator's address can take over the account.
///
/// # Errors
///
/// [`NotAllowed::WithApiKey`].
pub fn may_with_key(role: Role) -> Result<(), NotAllowed> {
    if role > Role::Member { Err(NotAllowed::WithApiKey) } else { Ok(()) }
}

/// Decides whether `actor`, acting with `role`, may do `permission` to `target`.
///
/// Support helps members: it sends links and unlocks. Administrators do everything; but nobody acts on a higher role,
/// and nobody unlocks, promotes, disables or erases themselves.
///
/// # Errors
///
/// [`NotAllowed`] says why not.
pub fn authorize(actor: &User, role: Role, permission: Permission, target: &User) -> Result<(), NotAllowed> {
    let helps = matches!(permission, Permission::SendLink | Permission::Unlock | Permission::RequireNewPassword);
    let least = if helps { Role::Support } else { Role::Admin };
    if role < least {
        return Err(NotAllowed::RoleTooLow);
    }
    let reach = if role == Role::Admin { Role::Admin } else { Role::Member };
    if target.role > reach && target.id != actor.id {
        return Err(NotAllowed::HigherRole);
    }
    let never_on_oneself = matches!(
        permission,
        Permission::Unlock
            | Permission::ChangeRole(_)
            | Permission::ChangeStatus
            | Permission::RequireNewPassword
            | Permission::RemoveSecondFactor
            | Permission::Erase
    );
    if never_on_oneself && target.id == actor.id {
        return Err(NotAllowed::Yourself);
    }
    if permission == Permission::Erase && target.role > Role::Member { Err(NotAllowed::NotAMember) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        EmailAddress, Locale,
        account::{UserId, UserStatus},
    };

    fn user(id: u128, role: Role) -> User {
        User {
            id: UserId(ulid::Ulid(id)),
            email: EmailAddress::parse("someone@example.com").unwrap(),
            display_name: "Someone".to_owned(),
            role,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: Timestamp::UNIX_EPOCH,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
            external_id: None,
        }
    }

    #[test]
    fn each_role_reaches_as_far_as_it_should() {
        let permissions = [
            ("send link", Permission::SendLink),
            ("unlock", Permission::Unlock),
            ("edit", Permission::Edit),
            ("change role", Permission::ChangeRole(Role::Support)),
            ("change status", Permission::ChangeStatus),
            ("erase", Permission::Erase),
            ("end sessions of", Permission::EndSessions),
            ("remove the second factor of", Permission::RemoveSecondFactor),
            ("require a new password of", Permission::RequireNewPassword),
        ];
        let mut table = Vec::new();
        for actor in Role::ALL {
            for target in Role::ALL {
                for own in [false, true] {
                    if own && actor != target {
                        continue;
                    }
                    for (name, permission) in permissions {
                        let target_user = user(if own { 1 } else { 2 }, *target);
                        let outcome = authorize(&user(1, *actor), *actor, permission, &target_user);
                        let whom = if own { "themselves".to_owned() } else { format!("a {target}") };
                        table.push(match outcome {
                            Ok(()) => format!("{actor} may {name} {whom}"),
                            Err(e) => format!("{actor} may not {name} {whom}: {e}"),
                        });
                    }
                }
            }
        }
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn a_key_with_a_lower_role_reaches_no_further_than_its_role() {
        let admin = user(1, Role::Admin);
        assert_eq!(
            authorize(&admin, Role::Support, Permission::Edit, &user(2, Role::Member)),
            Err(NotAllowed::RoleTooLow)
        );
        assert_eq!(
            authorize(&admin, Role::Support, Permission::Unlock, &user(2, Role::Support)),
            Err(NotAllowed::HigherRole)
        );
    }
}
