//! An email of every kind, for the tests to look at.

use jiff::{SignedDuration, Timestamp};

use super::*;

pub(super) const RESET_LINK: &str =
    "https://portal.example/reset-password/#token=q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k";
pub(super) const ACTIVATION_LINK: &str =
    "https://portal.example/activate/#token=Z4mrze8BI0VniavN7wEjRWeJq83vASNFZ4kq83vASNE";

pub(super) fn portal() -> Portal {
    Portal {
        name: "Northwind Portal".to_owned(),
        site_url: "https://portal.example".to_owned(),
        support_email: "help@portal.example".to_owned(),
    }
}

pub(super) fn noon() -> Timestamp {
    "2026-03-07T12:00:00Z".parse().unwrap()
}

pub(super) fn password_reset(portal: &Portal, display_name: Option<&str>, by_administrator: bool) -> Rendered {
    let lifetime = SignedDuration::from_hours(24);
    PasswordReset {
        portal,
        display_name,
        link: RESET_LINK,
        expires_at: noon() + lifetime,
        lifetime,
        started_by_administrator: by_administrator,
    }
    .render()
    .unwrap()
}

pub(super) fn activation(portal: &Portal, display_name: Option<&str>, by_administrator: bool) -> Rendered {
    let lifetime = SignedDuration::from_hours(7 * 24);
    Activation {
        portal,
        display_name,
        link: ACTIVATION_LINK,
        expires_at: noon() + lifetime,
        lifetime,
        started_by_administrator: by_administrator,
    }
    .render()
    .unwrap()
}

pub(super) fn password_changed(portal: &Portal, display_name: Option<&str>) -> Rendered {
    PasswordChanged { portal, display_name, changed_at: noon() }.render().unwrap()
}

pub(super) fn account_locked(portal: &Portal, display_name: Option<&str>) -> Rendered {
    AccountLocked { portal, display_name, locked_at: noon(), lockout: SignedDuration::from_mins(15) }.render().unwrap()
}

pub(super) fn account_unlocked(portal: &Portal, display_name: Option<&str>) -> Rendered {
    AccountUnlocked { portal, display_name, unlocked_at: noon() }.render().unwrap()
}

pub(super) fn address_changed(portal: &Portal, display_name: Option<&str>) -> Rendered {
    AddressChanged { portal, display_name, changed_at: noon() }.render().unwrap()
}

/// One of each kind, and of each of its variants: the name of its folder, a word for the variant, the email.
pub(super) fn samples_of(portal: &Portal, display_name: Option<&str>) -> Vec<(&'static str, &'static str, Rendered)> {
    vec![
        ("password_reset", "self_service", password_reset(portal, display_name, false)),
        ("password_reset", "admin", password_reset(portal, display_name, true)),
        ("activation", "self_service", activation(portal, display_name, false)),
        ("activation", "admin", activation(portal, display_name, true)),
        ("password_changed", "notice", password_changed(portal, display_name)),
        ("account_locked", "notice", account_locked(portal, display_name)),
        ("account_unlocked", "admin", account_unlocked(portal, display_name)),
        ("address_changed", "notice", address_changed(portal, display_name)),
    ]
}

pub(super) fn samples() -> Vec<(&'static str, &'static str, Rendered)> {
    samples_of(&portal(), Some("Ada O'Hara"))
}

/// Those of them that carry a link which is a secret, with it.
pub(super) fn samples_with_links() -> Vec<(&'static str, &'static str, &'static str, Rendered)> {
    let with_link = |(kind, variant, mail)| match kind {
        "password_reset" => Some((kind, variant, RESET_LINK, mail)),
        "activation" => Some((kind, variant, ACTIVATION_LINK, mail)),
        _ => None,
    };
    samples().into_iter().filter_map(with_link).collect()
}
