//! A reader's side of the pages and of the API, over one kept connection.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

/// Largest answer that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Who asks.
#[derive(Debug, Clone)]
enum By {
    Nobody,
    /// A person with this session cookie.
    Cookie(String),
    /// A program with this token.
    Token(String),
}

/// A client of one node.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    by: By,
}

impl Client {
    /// A client that has not logged in.
    pub fn new(server: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: format!("http://{server}"), by: By::Nobody }
    }

    /// The person whom the one-time link lets in.
    ///
    /// # Errors
    /// The link is not good any more.
    pub fn logged_in(server: SocketAddr, secret: &str) -> anyhow::Result<Self> {
        let client = Self::new(server);
        let answer =
            client.post(&format!("/login/once/{secret}"), "application/x-www-form-urlencoded", "")?;
        let by = session(&answer)?;
        Ok(Self { by, ..client })
    }

    /// The person who has this password.
    ///
    /// # Errors
    /// The log-in was refused.
    pub fn with_password(server: SocketAddr, login: &str, password: &str) -> anyhow::Result<Self> {
        let client = Self::new(server);
        let form = format!("login={login}&password={password}&next=%2F");
        let by = session(&client.post("/login", "application/x-www-form-urlencoded", &form)?)?;
        Ok(Self { by, ..client })
    }

    /// The same reader at another address: a node that was started again.
    pub fn at(&self, server: SocketAddr) -> Self {
        Self { base: format!("http://{server}"), ..self.clone() }
    }

    /// A program with a new token of this person's that may do `scopes`.
    ///
    /// # Errors
    /// The token was refused.
    pub fn with_token(&self, scopes: &[&str]) -> anyhow::Result<Self> {
        let scopes: String =
            scopes.iter().map(|scope| format!("&scope={}", scope.replace(':', "%3A"))).collect();
        let mut answer = self.post(
            "/account/tokens",
            "application/x-www-form-urlencoded",
            &format!("name=bench&days=1{scopes}"),
        )?;
        let page = answer.body_mut().read_to_string()?;
        let token = page
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .find(|word| word.strip_prefix("wardmote_").is_some_and(|secret| secret.len() > 40));
        let token = token.with_context(|| format!("no token was made: {}", answer.status()))?;
        Ok(Self { by: By::Token(token.to_owned()), ..self.clone() })
    }

    /// The page at `path` and how long it took from the request to its last byte.
    ///
    /// # Errors
    /// Anything but 200.
    pub fn page(&self, path: &str) -> anyhow::Result<(String, Duration)> {
        let begun = Instant::now();
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = match &self.by {
            By::Nobody => request,
            By::Cookie(cookie) => request.header("cookie", cookie),
            By::Token(token) => request.header("authorization", format!("Bearer {token}")),
        };
        let mut answer = request.call().with_context(|| format!("asking for {path}"))?;
        let text = answer.body_mut().with_config().limit(LARGEST).read_to_vec()?;
        let took = begun.elapsed();
        let text = String::from_utf8_lossy(&text).into_owned();
        if answer.status() != 200 {
            bail!("{path}: {} {}", answer.status(), text.chars().take(500).collect::<String>());
        }
        Ok((text, took))
    }

    /// The JSON at `path`.
    ///
    /// # Errors
    /// Anything but 200 and JSON.
    pub fn json(&self, path: &str) -> anyhow::Result<Value> {
        let (text, _) = self.page(path)?;
        serde_json::from_str(&text).with_context(|| format!("{path} is no JSON"))
    }

    /// All rows of the API's list at `path`, page after page. `path` has a query.
    ///
    /// # Errors
    /// A page is no page.
    pub fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut rows = Vec::new();
        let mut after = String::new();
        loop {
            let mut page = self.json(&format!("{path}{after}"))?;
            let Value::Array(items) = page["items"].take() else { bail!("{path} is no list") };
            rows.extend(items);
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(rows),
            }
        }
    }

    /// Sends `body` to the API at `path`.
    ///
    /// # Errors
    /// It was refused.
    pub fn order(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let mut answer = self.post(path, "application/json", &body.to_string())?;
        let text = answer.body_mut().with_config().limit(LARGEST).read_to_string()?;
        if !answer.status().is_success() {
            bail!("{path}: {} {text}", answer.status());
        }
        serde_json::from_str(&text).with_context(|| format!("{path} is no JSON"))
    }

    fn post(&self, path: &str, kind: &str, body: &str) -> anyhow::Result<Response<Body>> {
        let request = self.agent.post(format!("{}{path}", self.base)).header("content-type", kind);
        let request = match &self.by {
            By::Nobody => request.header("sec-fetch-site", "same-origin"),
            By::Cookie(cookie) => request.header("sec-fetch-site", "same-origin").header("cookie", cookie),
            By::Token(token) => request.header("authorization", format!("Bearer {token}")),
        };
        request.send(body).with_context(|| format!("sending to {path}"))
    }
}

/// The session that a log-in began.
fn session(answer: &Response<Body>) -> anyhow::Result<By> {
    let cookies = answer.headers().get_all("set-cookie").into_iter().filter_map(|value| value.to_str().ok());
    let session =
        cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("wardmote="));
    let session = session.with_context(|| format!("the log-in gave no session: {}", answer.status()))?;
    Ok(By::Cookie(session.to_owned()))
}
