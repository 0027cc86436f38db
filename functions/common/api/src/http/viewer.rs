//! The address of the person behind a request that a portal's back end sends for them.

use std::{net::IpAddr, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::RequestInfo;
use crate::{
    App,
    problem::{Problem, ProblemType},
};

/// The header in which a back end passes on the address of its client.
pub const VIEWER_IP: &str = "mailkey-viewer-ip";

/// Where a person's request comes from: the connection's address, or the one that a back end passes on with an API key
/// made for this route. Without such a key the header means nothing, because anyone can write it.
#[derive(Debug, Clone, Copy)]
pub struct ViewerIp(pub Option<IpAddr>);

impl<F: AsRef<App> + Send + Sync + 'static> FromRequestParts<Arc<F>> for ViewerIp {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, function: &Arc<F>) -> Result<Self, Problem> {
        let connection = RequestInfo::of(parts).ip;
        if !(**function).as_ref().is_from_back_end(parts).await? {
            return Ok(Self(connection));
        }
        let Some(header) = parts.headers.get(VIEWER_IP) else { return Ok(Self(connection)) };
        let ip = header.to_str().ok().and_then(|text| text.parse().ok());
        let not_an_address = "Mailkey-Viewer-IP must be one IPv4 or IPv6 address.";
        ip.map(|ip| Self(Some(ip))).ok_or(Problem::new(ProblemType::MalformedRequest).with_detail(not_an_address))
    }
}
