//! The challenge http-01 (RFC 8555, section 8.3): does the server that answers to the name know the token?
//!
//! The node is sent to an address that a stranger chose. So it asks public addresses only (and those that the operator
//! allows), follows few redirects and only to http on the usual port, reads little, waits shortly, and sends nothing
//! but the question.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::config::Section;
use super::problem::{Kind, Problem};

/// How long all of it may take.
const WHOLE: Duration = Duration::from_secs(10);
/// How long one address may take to be reached.
const CONNECT: Duration = Duration::from_secs(4);
/// Addresses of one name that are tried.
const ADDRESSES: usize = 4;
/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// Largest answer, in bytes: a key authorisation has 87.
const LARGEST: usize = 1024;
/// Largest head of an answer, in bytes.
const HEAD: usize = 16 * 1024;

/// Asks the server called `name` for `token` and compares what it says with `expected`.
///
/// # Errors
/// What the server did instead, as it is shown in the challenge.
pub(super) async fn ask(settings: &Section, name: &str, token: &str, expected: &str) -> Result<(), Problem> {
    let port = match settings.http_port {
        80 => String::new(),
        other => format!(":{other}"),
    };
    let first = format!("http://{name}{port}/.well-known/acme-challenge/{token}");
    let slow =
        |_| Problem::new(Kind::Connection, format!("{first} did not answer within {} s", WHOLE.as_secs()));
    timeout(WHOLE, follow(settings, &first, expected)).await.map_err(slow)?
}

async fn follow(settings: &Section, first: &str, expected: &str) -> Result<(), Problem> {
    let mut url = first.to_owned();
    for _ in 0..=REDIRECTS {
        match get(settings, &url).await? {
            Answer::Body(body) => return compare(&url, &body, expected),
            Answer::Elsewhere(next) => url = next,
        }
    }
    Err(wrong(format!("{first} leads from one address to the next, more than {REDIRECTS} times")))
}

/// Whitespace at the end is not part of it (RFC 8555, section 8.3).
fn compare(url: &str, body: &[u8], expected: &str) -> Result<(), Problem> {
    if body.trim_ascii_end() == expected.as_bytes() {
        return Ok(());
    }
    let shown: String = String::from_utf8_lossy(body).chars().filter(|c| !c.is_control()).take(60).collect();
    Err(wrong(format!("{url} says {shown:?} and not the key authorisation of this challenge")))
}

enum Answer {
    Body(Bytes),
    Elsewhere(String),
}

async fn get(settings: &Section, url: &str) -> Result<Answer, Problem> {
    let target = Target::parse(settings, url)?;
    let stream = connect(settings, &target).await?;
    let unanswered =
        |error: hyper::Error| Problem::new(Kind::Connection, format!("{url} broke off: {error}"));
    let mut client = hyper::client::conn::http1::Builder::new();
    let (mut sender, connection) =
        client.max_buf_size(HEAD).handshake(TokioIo::new(stream)).await.map_err(unanswered)?;
    let request = Request::get(&target.path)
        .header(HOST, &target.authority)
        .header(USER_AGENT, "Wardmote-ACME")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| Problem::malformed(format!("{url} is no address: {error}")))?;
    let conversation = async {
        let response = sender.send_request(request).await.map_err(unanswered)?;
        match response.status().as_u16() {
            200 => {
                let body = Limited::new(response.into_body(), LARGEST).collect().await;
                let body =
                    body.map_err(|_| wrong(format!("{url} broke off, or says more than {LARGEST} bytes")))?;
                Ok(Answer::Body(body.to_bytes()))
            }
            301 | 302 | 303 | 307 | 308 => {
                let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let location = location.ok_or_else(|| wrong(format!("{url} leads on, but not where to")))?;
                Ok(Answer::Elsewhere(target.on_to(location)))
            }
            status => Err(wrong(format!("{url} answers {status} instead of 200"))),
        }
    };
    tokio::pin!(connection);
    tokio::pin!(conversation);
    // The connection moves the bytes; it may end first, when the answer is whole.
    tokio::select! {
        answer = &mut conversation => answer,
        ended = &mut connection => {
            if let Err(error) = ended {
                return Err(unanswered(error));
            }
            conversation.await
        }
    }
}

/// Where one question goes.
struct Target {
    host: String,
    authority: String,
    port: u16,
    path: String,
}

impl Target {
    fn parse(settings: &Section, url: &str) -> Result<Self, Problem> {
        let shown: String = url.chars().filter(|c| !c.is_control()).take(200).collect();
        let uri: Uri = url.parse().map_err(|_| wrong(format!("{shown:?} is no address")))?;
        let refused = |why: &str| wrong(format!("{shown}: {why}"));
        if uri.scheme_str() != Some("http") {
            return Err(refused(
                "only http is asked for a challenge; let this path be answered without https",
            ));
        }
        let authority = uri.authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        if authority.contains('@')
            || host.parse::<IpAddr>().is_ok()
            || host.starts_with('[')
            || host.is_empty()
        {
            return Err(refused("only hosts with a name are asked"));
        }
        let port = uri.port_u16().unwrap_or(80);
        if port != 80 && port != settings.http_port {
            return Err(refused("only the usual port is asked"));
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { host, authority, port, path })
    }

    /// Where a redirect leads; a path alone stays at the same host.
    fn on_to(&self, location: &str) -> String {
        match location.starts_with('/') && !location.starts_with("//") {
            true => format!("http://{}{location}", self.authority),
            false => location.to_owned(),
        }
    }
}

/// A connection to the first of the host's addresses that may be asked and answers. The address that was looked at is
/// the one connected to: a name cannot change its mind in between.
async fn connect(settings: &Section, target: &Target) -> Result<TcpStream, Problem> {
    let found = resolve(settings, target).await?;
    let (may, not): (Vec<IpAddr>, Vec<IpAddr>) = found.into_iter().partition(|ip| settings.may_ask(*ip));
    let mut last = match not.first() {
        Some(address) => {
            format!("{} has the address {address}, which is not public and is not asked", target.host)
        }
        None => format!("{} has no address", target.host),
    };
    for address in may.into_iter().take(ADDRESSES) {
        match timeout(CONNECT, TcpStream::connect(SocketAddr::new(address, target.port))).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = format!("{} at {address}, port {}: {error}", target.host, target.port),
            Err(_) => last = format!("{} at {address}, port {}, does not answer", target.host, target.port),
        }
    }
    Err(Problem::new(Kind::Connection, last))
}

async fn resolve(settings: &Section, target: &Target) -> Result<Vec<IpAddr>, Problem> {
    if let Some(address) = settings.resolve.get(&target.host) {
        return Ok(vec![*address]);
    }
    let unknown =
        |why: String| Problem::new(Kind::Dns, format!("no address of {} was found: {why}", target.host));
    let found = timeout(CONNECT, tokio::net::lookup_host((target.host.as_str(), target.port))).await;
    let found = found.map_err(|_| unknown("the name servers do not answer".into()))?;
    let found: Vec<IpAddr> = found.map_err(|error| unknown(error.to_string()))?.map(|at| at.ip()).collect();
    if found.is_empty() { Err(unknown("it has none".into())) } else { Ok(found) }
}

fn wrong(detail: String) -> Problem {
    Problem::new(Kind::IncorrectResponse, detail)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A server on loopback that gives each of `answers` once; and the settings with which it may be asked.
    async fn server(answers: &[&str]) -> (Section, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers: Vec<String> =
            answers.iter().map(|text| text.replace("PORT", &port.to_string())).collect();
        let serving = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 4096];
                let size = stream.read(&mut head).await.unwrap();
                asked.push(String::from_utf8_lossy(&head[..size]).into_owned());
                let _ = stream.write_all(answer.as_bytes()).await; // the client may have heard enough
            }
            asked
        });
        let resolve =
            ["www.team.example", "other.example"].map(|name| (name.to_owned(), "127.0.0.1".parse().unwrap()));
        let allow = vec!["127.0.0.1".into()];
        (Section { http_port: port, resolve: resolve.into(), allow, ..Section::default() }, serving)
    }

    const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ntok.thumb";

    async fn outcome(settings: &Section) -> Result<(), Problem> {
        ask(settings, "www.team.example", "tok", "tok.thumb").await
    }

    #[tokio::test]
    async fn the_right_answer_is_taken_and_nothing_else_is_told_to_the_server() {
        let (settings, serving) = server(&["HTTP/1.1 200 OK\r\n\r\ntok.thumb\r\n"]).await;
        outcome(&settings).await.unwrap();
        let asked = serving.await.unwrap().remove(0).to_lowercase();
        let host = format!("host: www.team.example:{}\r\n", settings.http_port);
        let lines = format!(
            "get /.well-known/acme-challenge/tok http/1.1\r\n{host}user-agent: wardmote-acme\r\nconnection: close\r\n\r\n"
        );
        assert_eq!(asked, lines);
    }

    #[tokio::test]
    async fn a_redirect_is_followed_by_name_and_on_the_usual_port_alone() {
        let moved =
            "HTTP/1.1 302 Found\r\nLocation: http://other.example:PORT/x\r\nContent-Length: 0\r\n\r\n";
        let (settings, serving) = server(&[moved, GOOD]).await;
        outcome(&settings).await.unwrap();
        assert!(serving.await.unwrap()[1].starts_with("GET /x HTTP/1.1"));
        for evil in [
            "http://127.0.0.1:PORT/",
            "http://[::1]:PORT/",
            "http://other.example:22/",
            "https://other.example/",
            "//other.example/",
            "file:///etc/passwd",
            "http://user:word@other.example:PORT/",
            "http://unlisted.invalid:PORT/",
        ] {
            let moved = format!("HTTP/1.1 301 Moved\r\nLocation: {evil}\r\nContent-Length: 0\r\n\r\n");
            let (settings, _serving) = server(&[&moved, GOOD]).await;
            outcome(&settings).await.expect_err(evil);
        }
        let round = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n";
        let (settings, _serving) = server(&[round; 8]).await;
        assert!(outcome(&settings).await.unwrap_err().detail.contains("more than 5 times"));
    }

    #[tokio::test]
    async fn a_server_is_not_asked_at_an_address_that_is_not_allowed() {
        let (settings, _serving) = server(&[GOOD]).await;
        let strict = Section { allow: Vec::new(), ..settings };
        let refused = outcome(&strict).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Connection);
        assert!(refused.detail.contains("127.0.0.1, which is not public"), "{}", refused.detail);
    }

    #[tokio::test]
    async fn a_wrong_or_endless_answer_is_told_with_what_was_found() {
        let wrong = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother";
        let (settings, _serving) = server(&[wrong]).await;
        let refused = outcome(&settings).await.unwrap_err();
        assert!(
            refused.kind == Kind::IncorrectResponse && refused.detail.contains("other"),
            "{}",
            refused.detail
        );
        let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        let (settings, _serving) = server(&[missing]).await;
        assert!(outcome(&settings).await.unwrap_err().detail.contains("404"));
        let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(5_000));
        let (settings, _serving) = server(&[&long]).await;
        assert!(outcome(&settings).await.unwrap_err().detail.contains("more than 1024"));
        let (settings, _serving) = server(&["not HTTP at all\r\n\r\n"]).await;
        assert_eq!(outcome(&settings).await.unwrap_err().kind, Kind::Connection);
        let (settings, serving) = server(&[]).await;
        serving.await.unwrap();
        assert_eq!(outcome(&settings).await.unwrap_err().kind, Kind::Connection);
    }
}
