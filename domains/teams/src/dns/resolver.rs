//! The one who asks: a stub for one resolver, which is trusted to follow delegations.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::sync::Semaphore;

use super::DnsSection;

/// Most records of one answer that are looked at.
const MOST_TEXTS: usize = 64;
/// Most questions at one time.
const AT_ONCE: usize = 8;

/// What the resolver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// These texts stand there.
    Texts(Vec<String>),
    /// There is no such name, or no text at it.
    Absent,
    /// It could not say: this tells nothing about the zone.
    Unknown(String),
}

/// Asks one resolver for texts. It keeps no answers.
pub(crate) struct Resolver {
    at: SocketAddr,
    whole: Duration,
    stub: TokioResolver,
    turns: Semaphore,
}

impl Resolver {
    /// `None`: no resolver is configured, and nothing is asked.
    pub(crate) fn new(settings: &DnsSection) -> Option<Self> {
        let at = settings.resolver?;
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = at.port();
            connection
        });
        let server = NameServerConfig::new(at.ip(), true, connections.into());
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let timeout = Duration::from_secs(u64::from(settings.timeout_seconds));
        let options = builder.options_mut();
        options.timeout = timeout;
        options.attempts = 1;
        options.cache_size = 0;
        options.edns0 = true;
        options.use_hosts_file = ResolveHosts::Never;
        options.num_concurrent_reqs = 1;
        let stub = builder.build().inspect_err(|error| tracing::error!(%error, "no resolver")).ok()?;
        // A chain of names takes several questions, each with its own timeout: all of them together have this long.
        Some(Self { at, whole: 3 * timeout, stub, turns: Semaphore::new(AT_ONCE) })
    }

    /// The texts at `name`.
    pub(crate) async fn texts(&self, name: &str) -> Answer {
        let Ok(mut name) = Name::from_ascii(name) else {
            return Answer::Unknown(format!("{name:?} is no name that can be asked for"));
        };
        name.set_fqdn(true);
        let Ok(_turn) = self.turns.acquire().await else {
            return Answer::Unknown("this node is being stopped".into());
        };
        match tokio::time::timeout(self.whole, self.stub.lookup(name, RecordType::TXT)).await {
            Err(_) => Answer::Unknown(format!("the resolver {} did not answer in time", self.at)),
            Ok(Err(error)) => self.refused(&error),
            Ok(Ok(found)) => {
                let texts = found.answers().iter().filter_map(|record| match &record.data {
                    RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
                    _ => None,
                });
                let texts: Vec<String> = texts.take(MOST_TEXTS).collect();
                if texts.is_empty() { Answer::Absent } else { Answer::Texts(texts) }
            }
        }
    }

    fn refused(&self, error: &NetError) -> Answer {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(none))
                if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
            {
                Answer::Absent
            }
            other => Answer::Unknown(format!("the resolver {} could not say: {other}", self.at)),
        }
    }
}
