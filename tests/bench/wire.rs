//! An HTTP connection that stays open, so that only the response is timed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::Value;

/// An open HTTP connection.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

/// A response and how long it took.
#[allow(dead_code, reason = "each measurement uses some of the fields")]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) took: Duration,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self { address, stream: BufReader::new(stream) }
    }

    /// Posts JSON and reads the whole response.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Answered {
        let body = body.to_string();
        let address = self.address;
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends JSON with any method and a session token.
    #[allow(dead_code, reason = "each measurement uses some of the methods")]
    pub(crate) fn send_as(&mut self, session: &str, method: &str, path: &str, body: &Value) -> Answered {
        let (body, address) = (body.to_string(), self.address);
        self.exchange(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {session}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends a GET request and reads the whole response.
    #[allow(dead_code, reason = "each measurement uses some of the methods")]
    pub(crate) fn get(&mut self, path: &str) -> Answered {
        let address = self.address;
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n"))
    }

    fn exchange(&mut self, request: &str) -> Answered {
        let begun = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let status = self.line().split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer");
        let (mut length, mut chunked, mut closes) = (0, false, false);
        loop {
            let line = self.line().to_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
            closes |= line.starts_with("connection:") && line.contains("close");
            if line.is_empty() {
                break;
            }
        }
        let body = if chunked { self.chunks() } else { self.bytes(length) };
        let took = begun.elapsed();
        if closes {
            *self = Self::open(self.address);
        }
        Answered { status, body, took }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(self.line().split(';').next().unwrap_or_default(), 16).unwrap();
            body.extend(self.bytes(length));
            self.line();
            if length == 0 {
                return body;
            }
        }
    }
}
