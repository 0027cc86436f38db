//! The DNS as this machine is set up to ask it.

use std::{net::IpAddr, time::Duration};

use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};

use mailkey::dns::{Answer, Mx, plain_name};

use super::{Pending, Resolve};

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
    pub fn new() -> Result<Self, NoResolver> {
        Self::build(TokioResolver::builder_tokio().map_err(NoResolver)?)
    }

    fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<Self, NoResolver> {
        let options = builder.options_mut();
        options.timeout = TRY_LIMIT;
        options.attempts = 1;
        options.cache_size = KEPT_ANSWERS;
        options.positive_max_ttl = Some(KEEP_FOUND);
        options.negative_max_ttl = Some(KEEP_ABSENT);
        Ok(Self { inner: builder.build().map_err(NoResolver)? })
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, pick: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        match tokio::time::timeout(TIME_LIMIT, self.ask_and_doubt(name, kind, pick)).await {
            Ok(answer) => answer,
            Err(_) => {
                tracing::info!(%kind, "the DNS was too slow");
                Answer::Unknown
            }
        }
    }

    /// Believes "there is none" only of name servers that know the world: those of networks that are cut off from it
    /// deny everything, and every address would seem wrong.
    async fn ask_and_doubt<T>(&self, name: &str, kind: RecordType, pick: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        let answer = self.ask_once(name, kind, pick).await;
        if answer.is_absent() && self.ask_once("com", RecordType::NS, |_| Some(())).await.records().is_empty() {
            tracing::info!("the name servers of this machine do not know com");
            return Answer::Unknown;
        }
        answer
    }

    async fn ask_once<T>(&self, name: &str, kind: RecordType, pick: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        // With the last dot: a search list of the machine would turn a missing name into another one.
        let Ok(name) = Name::from_ascii(format!("{}.", plain_name(name))) else {
            return Answer::NoSuchDomain;
        };
        match self.inner.lookup(name, kind).await {
            Ok(lookup) => {
                let found: Vec<T> = lookup.answers().iter().filter_map(|record| pick(&record.data)).collect();
                if found.is_empty() { Answer::NoRecords } else { Answer::Found(found) }
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
                ResponseCode::NXDomain => Answer::NoSuchDomain,
                ResponseCode::NoError => Answer::NoRecords,
                _ => Answer::Unknown,
            },
            Err(error) => {
                tracing::info!(%error, %kind, "the DNS gave no usable answer");
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
    use std::net::{Ipv4Addr, SocketAddr};

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use tokio::net::UdpSocket;

    use super::*;

    const NS: u16 = 2;
    const MX: u16 = 15;
    const TXT: u16 = 16;

    /// What the name server of the tests says: a response code, and the data of the records.
    type Said = Option<(u8, &'static [&'static [u8]])>;

    /// A name server in which `say` gives the answers; where it gives none, the question stays open.
    async fn name_server(say: fn(&str, u16) -> Said) -> SystemResolver {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let SocketAddr::V4(address) = socket.local_addr().unwrap() else { panic!("bound to IPv4") };
        tokio::spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((_, from)) = socket.recv_from(&mut packet).await {
                let (mut at, mut name) = (12, Vec::new());
                while packet[at] != 0 {
                    let end = at + 1 + usize::from(packet[at]);
                    name.push(String::from_utf8_lossy(&packet[at + 1..end]).to_lowercase());
                    at = end;
                }
                let kind = u16::from_be_bytes([packet[at + 1], packet[at + 2]]);
                let Some((code, records)) = say(&name.join("."), kind) else { continue };
                let mut answer = packet[..2].to_vec();
                answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0]);
                answer.extend(&packet[12..at + 5]);
                for record in records {
                    answer.extend([0xc0, 12]);
                    answer.extend(kind.to_be_bytes());
                    answer.extend([0, 1, 0, 0, 0, 60, 0, u8::try_from(record.len()).unwrap()]);
                    answer.extend(*record);
                }
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        let mut connection = ConnectionConfig::udp();
        connection.port = address.port();
        let server = NameServerConfig::new((*address.ip()).into(), true, vec![connection]);
        let config = ResolverConfig::from_name_servers(vec![server]);
        SystemResolver::build(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())).unwrap()
    }

    fn world(name: &str, kind: u16) -> Said {
        match (name, kind) {
            ("com", NS) => Some((0, &[b"\x01a\x00"])),
            ("good.example.com", MX) => Some((0, &[b"\x00\x0a\x02MX\xc0\x0c"])),
            ("null.example.com", MX) => Some((0, &[b"\x00\x00\x00"])),
            ("good.example.com", TXT) => Some((0, &[b"\x06v=spf1\x05 -all"])),
            ("good.example.com", _) => Some((0, &[])),
            ("gone.example.com", _) => Some((3, &[])),
            ("broken.example.com", _) => Some((2, &[])),
            ("refusing.example.com", _) => Some((5, &[])),
            _ => None,
        }
    }

    #[tokio::test]
    async fn what_name_servers_say_is_told_from_their_silence() {
        let resolver = name_server(world).await;
        let mx = |host: &str, preference| Answer::Found(vec![Mx { preference, host: host.to_owned() }]);
        for (name, expected) in [
            ("good.example.com", mx("mx.good.example.com", 10)),
            ("null.example.com", mx("", 0)),
            ("gone.example.com", Answer::NoSuchDomain),
            ("broken.example.com", Answer::Unknown),
            ("refusing.example.com", Answer::Unknown),
            ("silent.example.com", Answer::Unknown),
        ] {
            assert_eq!(resolver.mx(name).await, expected, "{name}");
        }
        assert_eq!(resolver.txt("good.example.com").await, Answer::Found(vec!["v=spf1 -all".to_owned()]));
        assert_eq!(resolver.cname("good.example.com").await, Answer::NoRecords);
        assert_eq!(resolver.addresses("good.example.com").await, Answer::NoRecords);
    }

    #[tokio::test]
    async fn name_servers_that_deny_everything_are_not_believed() {
        let resolver = name_server(|_, _| Some((3, &[]))).await;
        assert_eq!(resolver.mx("example.com").await, Answer::Unknown);
        assert_eq!(resolver.addresses("example.com").await, Answer::Unknown);
    }

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
