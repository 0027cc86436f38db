//! The routes of the API, from its description.

use mailkey::account::Role;
use serde_json::Value;

use crate::openapi::LEAST_ROLE;

const DESCRIPTION: &str = include_str!("../openapi.json");

/// The lowest role that may call a route such as `GET /api/admin/users/{id}`; `None` if there is no such route.
pub fn least_role(route: &str) -> Option<Role> {
    let (method, path) = route.split_once(' ')?;
    let description: Value = serde_json::from_str(DESCRIPTION).ok()?;
    let methods = description["paths"][path].as_object()?;
    // The description writes methods in lower case, API keys in upper case.
    let (_, operation) = methods.iter().find(|(name, _)| name.to_uppercase() == method)?;
    operation[LEAST_ROLE].as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_its_lowest_role() {
        for (route, role) in [
            ("GET /api/admin/users/{id}", Some(Role::Support)),
            ("POST /api/admin/users", Some(Role::Admin)),
            ("POST /api/sign-in", Some(Role::Member)),
            ("get /api/admin/users", None),
            ("GET /api/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", None),
            ("PARAMETERS /api/admin/users", None),
            ("GET /api/nothing", None),
            ("GET", None),
        ] {
            assert_eq!(least_role(route), role, "{route}");
        }
    }
}
