//! The DNS as this machine is set up to ask it.

use std::{net::IpAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    net::{DnsError, NetError},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};

use super::{Answer, Mx, Pending, Resolve, plain_name};

/// How long a question may take in all. Who waits for the answer is a person in front of a page.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// How long one try may take: two of them, with a little time between, fit into [`TIME_LIMIT`].
const TRY_LIMIT: Duration = Duration::from_millis(900);

/// The longest time that an answer with records is kept.
const KEEP_FOUND: Duration = Duration::from_secs(60 * 60);

/// The longest time that "there is none" is kept: shorter, since somebody may be mending it right now.
const KEEP_ABSENT: Duration = Duration::from_secs(10 * 60);

/// How many answers are kept.
const KEPT_ANSWERS: u64 = 1024;

/// Why the DNS can't be asked at all.
#[derive(Debug, thiserror::Error)]
#[error("the name servers of this machine could not be read")]
pub struct NoResolver(#[source] NetError);

/// Asks the name servers that the system's configuration names, and keeps the answers for a while.
pub struct SystemResolver {
    inner: TokioResolver,
}

impl SystemResolver {
    /// Reads the system's configuration, such as `/etc/resolv.conf`.
    ///
    /// # Errors
    ///
    /// [`NoResolver`] where it can't be read.
    pub fn new() -> Result<Self, NoResolver> {
        let mut builder = TokioResolver::builder_tokio().map_err(NoResolver)?;
        let options = builder.options_mut();
        options.timeout = TRY_LIMIT;
        options.attempts = 1;
        options.cache_size = KEPT_ANSWERS;
        options.positive_max_ttl = Some(KEEP_FOUND);
        options.negative_max_ttl = Some(KEEP_ABSENT);
        Ok(Self { inner: builder.build().map_err(NoResolver)? })
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, pick: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        // With the last dot: a search list of the machine would turn a missing name into another one.
        let Ok(name) = Name::from_ascii(format!("{}.", plain_name(name))) else {
            return Answer::NoSuchDomain;
        };
        let answer = tokio::time::timeout(TIME_LIMIT, self.inner.lookup(name, kind)).await;
        match answer {
            Ok(Ok(lookup)) => {
                let found: Vec<T> = lookup.answers().iter().filter_map(|record| pick(&record.data)).collect();
                if found.is_empty() { Answer::NoRecords } else { Answer::Found(found) }
            }
            Ok(Err(NetError::Dns(DnsError::NoRecordsFound(none)))) => match none.response_code {
                ResponseCode::NXDomain => Answer::NoSuchDomain,
                ResponseCode::NoError => Answer::NoRecords,
                _ => Answer::Unknown,
            },
            Ok(Err(error)) => {
                tracing::debug!(%error, %kind, "the DNS gave no usable answer");
                Answer::Unknown
            }
            Err(_) => {
                tracing::debug!(%kind, "the DNS was too slow");
                Answer::Unknown
            }
        }
    }
}

impl std::fmt::Debug for SystemResolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemResolver").finish_non_exhaustive()
    }
}

impl Resolve for SystemResolver {
    fn mx<'a>(&'a self, name: &'a str) -> Pending<'a, Mx> {
        Box::pin(self.ask(name, RecordType::MX, |data| match data {
            RData::MX(mx) => Some(Mx { preference: mx.preference, host: plain_name(&mx.exchange.to_ascii()) }),
            _ => None,
        }))
    }

    fn txt<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        Box::pin(self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        }))
    }

    fn cname<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        Box::pin(self.ask(name, RecordType::CNAME, |data| match data {
            RData::CNAME(target) => Some(plain_name(&target.0.to_ascii())),
            _ => None,
        }))
    }

    fn addresses<'a>(&'a self, name: &'a str) -> Pending<'a, IpAddr> {
        Box::pin(async move {
            let pick = |data: &RData| data.ip_addr();
            let (v4, v6) = tokio::join!(self.ask(name, RecordType::A, pick), self.ask(name, RecordType::AAAA, pick));
            both(v4, v6)
        })
    }
}

/// One answer out of those for the two kinds of address. Only two times "none" is none.
fn both(v4: Answer<IpAddr>, v6: Answer<IpAddr>) -> Answer<IpAddr> {
    match (v4, v6) {
        (Answer::Found(mut v4), v6) => {
            v4.extend(v6.records());
            Answer::Found(v4)
        }
        (_, Answer::Found(v6)) => Answer::Found(v6),
        (Answer::Unknown, _) | (_, Answer::Unknown) => Answer::Unknown,
        (Answer::NoSuchDomain, Answer::NoSuchDomain) => Answer::NoSuchDomain,
        (Answer::NoRecords | Answer::NoSuchDomain, Answer::NoRecords | Answer::NoSuchDomain) => Answer::NoRecords,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_times_none_is_none() {
        use Answer::{Found, NoRecords, NoSuchDomain, Unknown};
        let v4 = || Found(vec![IpAddr::from([192, 0, 2, 1])]);
        for (left, right, expected) in [
            (v4(), NoRecords, v4()),
            (Unknown, v4(), v4()),
            (Unknown, NoSuchDomain, Unknown),
            (NoRecords, Unknown, Unknown),
            (NoRecords, NoRecords, NoRecords),
            (NoSuchDomain, NoSuchDomain, NoSuchDomain),
            (NoSuchDomain, NoRecords, NoRecords),
        ] {
            assert_eq!(both(left, right), expected);
        }
    }
}
