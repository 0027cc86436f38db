//! Requests as raw bytes, for input that no HTTP client would send, and responses as raw bytes.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::waiting::PATIENCE;

/// A response as raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// The status line and the headers, as received.
    pub head: Vec<String>,
    /// Everything after the headers.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// The status, or 0 if the connection was closed without a response.
    pub fn status(&self) -> u16 {
        let line = self.head.first().map(String::as_str).unwrap_or_default();
        line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.iter().skip(1).filter_map(|line| line.split_once(": "));
        let mut named = headers.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    /// Removes what always differs between requests: the date and the request id.
    #[must_use]
    pub fn comparable(mut self) -> RawAnswer {
        let differs = |line: &str| line.starts_with("date:") || line.starts_with("x-request-id:");
        self.head.retain(|line| !differs(&line.to_ascii_lowercase()));
        self
    }
}

/// Sends bytes and reads until the server closes the connection. Requests should ask for that with `Connection: close`.
pub(crate) async fn exchange(address: SocketAddr, request: Vec<u8>) -> RawAnswer {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The server may respond and close the connection before everything is sent.
        let _ = stream.write_all(&request);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        parse(&bytes)
    })
    .await
    .unwrap()
}

fn parse(bytes: &[u8]) -> RawAnswer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 4..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    RawAnswer { head: head.split("\r\n").map(str::to_owned).collect(), body: body.to_vec() }
}
