//! A registry that answers exactly as a test says, its failures included.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The offset of a `Range: bytes=N-` header.
    pub range_from: Option<usize>,
    /// What was sent with it.
    pub body: String,
    /// All headers, their names in small letters.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header; the name is in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The `Authorization` header.
    pub fn login(&self) -> Option<&str> {
        self.header("authorization")
    }
}

/// What to answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Close the connection after so many bytes of the body.
    pub cut_after: Option<usize>,
}

impl Answer {
    pub fn ok(body: &[u8]) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.to_vec(), cut_after: None }
    }

    pub fn status(status: u16, body: &str) -> Self {
        Self { status, ..Self::ok(body.as_bytes()) }
    }
}

/// The registry; it lives in a thread until the test ends.
pub struct ScriptedRegistry {
    host: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl ScriptedRegistry {
    /// Answers each request by `script`, which also gets the number of the request.
    pub fn start(script: impl Fn(usize, &Request) -> Answer + Send + 'static) -> Self {
        Self::start_speaking(None, script)
    }

    /// The same over TLS.
    pub fn start_encrypted(
        config: Arc<ServerConfig>,
        script: impl Fn(usize, &Request) -> Answer + Send + 'static,
    ) -> Self {
        Self::start_speaking(Some(config), script)
    }

    fn start_speaking(
        encrypted: Option<Arc<ServerConfig>>,
        script: impl Fn(usize, &Request) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                // A client that went away in the middle is no concern of the registry.
                let _ = match &encrypted {
                    None => serve(connection, &script, &noted),
                    Some(config) => {
                        let session = ServerConnection::new(Arc::clone(config)).expect("a session");
                        serve(StreamOwned::new(session, connection), &script, &noted)
                    }
                };
            }
        });
        Self { host, seen }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// What was sent with every request so far.
    pub fn bodies(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|request| request.body.clone()).collect()
    }

    /// `METHOD path` of every request so far but the question whether a login is needed.
    pub fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

fn serve(
    connection: impl Read + Write,
    script: &impl Fn(usize, &Request) -> Answer,
    noted: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut range_from, mut length, mut headers) = (None, 0, Vec::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim();
        if header.is_empty() {
            break;
        }
        let Some((name, value)) = header.split_once(": ") else { continue };
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "range" => range_from = value.trim_start_matches("bytes=").trim_end_matches('-').parse().ok(),
            "content-length" => length = value.parse().unwrap_or(0),
            _ => {}
        }
        headers.push((name, value.to_owned()));
    }
    let mut body = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let request = Request { method, path, range_from, body, headers };
    let answer = if request.path == "/v2/" {
        Answer::ok(b"{}")
    } else {
        let number = {
            let mut noted = noted.lock().unwrap();
            noted.push(request.clone());
            noted.len()
        };
        script(number, &request)
    };
    let connection = reader.get_mut();
    write!(
        connection,
        "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n",
        answer.status,
        answer.body.len()
    )?;
    for (name, value) in &answer.headers {
        write!(connection, "{name}: {value}\r\n")?;
    }
    write!(connection, "\r\n")?;
    if request.method != "HEAD" {
        connection.write_all(&answer.body[..answer.cut_after.unwrap_or(answer.body.len())])?;
    }
    connection.flush()
}
