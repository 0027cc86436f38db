//! Shows people by their address instead of their id.

use std::collections::HashMap;

use serde_json::Value;

use crate::{api::Api, json::text_at, user_ref::Id};

/// The addresses of users, each requested once.
pub(crate) struct People<'a> {
    api: &'a Api,
    known: HashMap<String, String>,
}

impl<'a> People<'a> {
    pub(crate) fn new(api: &'a Api) -> Self {
        Self { api, known: HashMap::new() }
    }

    /// Replaces ids at these JSON pointers. A target such as `user:ID` counts as an id.
    pub(crate) async fn name(&mut self, value: &mut Value, pointers: &[&str]) {
        for pointer in pointers {
            let Some(place) = value.pointer_mut(pointer) else { continue };
            let Some(id) = place.as_str().map(|text| text.strip_prefix("user:").unwrap_or(text)) else { continue };
            if let Ok(id) = id.parse::<Id>() {
                *place = self.address(&id).await.into();
            }
        }
    }

    /// The address. If there is none, or the caller may not see it, the id.
    async fn address(&mut self, id: &Id) -> String {
        if let Some(address) = self.known.get(id.as_str()) {
            return address.clone();
        }
        let address = id.user(self.api).await.map(|user| text_at(&user, "/email")).unwrap_or_default();
        let address = if address.is_empty() { id.to_string() } else { address };
        self.known.insert(id.to_string(), address.clone());
        address
    }
}
