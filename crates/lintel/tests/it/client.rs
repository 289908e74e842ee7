//! A small HTTP/1.1 client over one connection: enough to ask the program, and to see a connection die.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One connection with a key.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, key: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_write_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), key: key.to_owned() })
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.ask("GET", path, &[], None)
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        self.send("POST", path, &[], body)
    }

    /// Sends JSON with further headers.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> io::Result<Answer> {
        let bytes = serde_json::to_vec(body)?;
        let mut all = vec![("Content-Type", "application/json")];
        all.extend_from_slice(headers);
        self.ask(method, path, &all, Some(&bytes))
    }

    /// Sends anything.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> io::Result<Answer> {
        let length = body.map(|body| body.len().to_string());
        let mut all = headers.to_vec();
        if let Some(length) = &length {
            all.push(("Content-Length", length));
        }
        let head = self.head(method, path, &all);
        // In one piece where it is small, as clients do.
        let (first, rest) = body.unwrap_or_default().split_at(body.map_or(0, |body| body.len().min(1 << 14)));
        let stream = self.stream.get_mut();
        stream.write_all(&[head.as_bytes(), first].concat())?;
        let sent = stream.write_all(rest);
        self.read_after(sent)
    }

    /// All items of a list that is asked for with a body, page by page.
    pub(crate) fn all(&mut self, path: &str, body: &Value) -> Vec<Value> {
        let (mut items, mut body) = (Vec::new(), body.clone());
        loop {
            let answer = self.post(path, &body).unwrap();
            let page = answer.json();
            assert_eq!(answer.status, 200, "{page}");
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            if page["next_cursor"].is_null() {
                return items;
            }
            body["cursor"] = page["next_cursor"].clone();
        }
    }

    /// Sends a body of unknown length: one piece, a number of times.
    pub(crate) fn ask_in_pieces(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        times: usize,
        piece: &[u8],
    ) -> io::Result<Answer> {
        let mut all = headers.to_vec();
        all.push(("Transfer-Encoding", "chunked"));
        let head = self.head(method, path, &all);
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        let sent = (0..times).try_for_each(|_| {
            stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
            stream.write_all(piece)?;
            stream.write_all(b"\r\n")
        });
        let sent = sent.and_then(|()| stream.write_all(b"0\r\n\r\n"));
        self.read_after(sent)
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: lintel\r\n");
        if !self.key.is_empty() {
            head.extend(["Authorization: Bearer ", &self.key, "\r\n"]);
        }
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        head
    }

    /// A server that has answered already need not read the rest, so an answer counts more than how sending went.
    fn read_after(&mut self, sent: io::Result<()>) -> io::Result<Answer> {
        match (self.read(), sent) {
            (Err(_), Err(error)) => Err(error),
            (answer, _) => answer,
        }
    }

    fn read(&mut self) -> io::Result<Answer> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("no status in {status_line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        if answer.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).map_err(io::Error::other)?;
                let mut chunk = vec![0; size];
                self.stream.read_exact(&mut chunk)?;
                self.line()?;
                if size == 0 {
                    break;
                }
                answer.body.extend(chunk);
            }
        } else if let Some(length) = answer.header("content-length").and_then(|value| value.parse().ok()) {
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
