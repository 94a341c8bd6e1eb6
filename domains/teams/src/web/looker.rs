//! Whoever looks at the directory: logged in, by token, or, where the directory has a public side, anybody.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use identity::{Actor, Granted, LookUp, Visitor};

use crate::{Reader, Teams};

/// Somebody who may look, and as what.
#[derive(Debug, Clone)]
pub(crate) struct Looker {
    /// As what they look.
    pub(crate) reader: Reader,
    /// The permission of those who are known; `None` for the public.
    pub(crate) granted: Option<Granted<LookUp>>,
}

impl Looker {
    /// Who it is, when they are known.
    pub(crate) fn actor(&self) -> Option<&Actor> {
        self.granted.as_ref().map(Granted::actor)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Looker
where
    Teams: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let teams = Teams::from_ref(state);
        let Ok(Visitor { actor, .. }) = Visitor::from_request_parts(parts, state).await;
        // Who shows a token wants to be known by it: one that is not good is said so, and does not make them a stranger.
        let shows_token = parts.headers.contains_key(header::AUTHORIZATION);
        if actor.is_none() && !shows_token && teams.settings().public {
            return Ok(Self { reader: Reader::PUBLIC, granted: None });
        }
        // Whoever is known is asked for the permission; a stranger is sent to the log-in.
        let granted = Granted::<LookUp>::from_request_parts(parts, state).await?;
        Ok(Self { reader: teams.reader(Some(granted.actor())), granted: Some(granted) })
    }
}

/// A team that the reader may not know of is not there.
pub(crate) fn find(teams: &Teams, looker: &Looker, handle: &str) -> Result<crate::Seen, kit::Error> {
    let team = teams.directory().by_handle(handle).filter(|team| looker.reader.knows(team));
    let team = team.ok_or_else(|| kit::Error::not_found(format!("the team {handle:?}")))?;
    Ok(looker.reader.sees(&team))
}
