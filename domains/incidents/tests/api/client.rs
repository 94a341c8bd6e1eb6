//! A program that talks to the desk.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use identity::{Granted, SCOPES, Site, TokenRequest};
use kit::Id;
use serde_json::Value;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

use crate::common::World;

/// A program with a token.
pub struct Program {
    router: Router,
    token: String,
}

/// What it is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// The whole router of the desk's API, as the binary puts it together.
pub fn router(w: &World) -> Router {
    let desk = incidents::api::routes(w.desk.clone());
    let (api, _) = OpenApiRouter::new().nest("/api/v1", desk).split_for_parts();
    identity::protect(api, w.identity.clone(), Site::default())
}

impl Program {
    /// With a token of `team` that carries `scopes`.
    pub async fn with(w: &World, team: Id, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let request = TokenRequest { name: "test".into(), scopes, expires: None };
        let token = w.identity.create_team_token(&Granted::for_node(), team, request).await.unwrap();
        Self { router: router(w), token }
    }

    /// With a token of the desk's own team that may do everything.
    pub async fn of(w: &World) -> Self {
        let all: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
        Self::with(w, w.own, &all).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body.to_string().into_bytes())).await
    }

    pub async fn patch(&self, path: &str, version: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, &[("if-match", version)], Some(body.to_string().into_bytes())).await
    }

    /// Any request below `/api/v1`; a body is sent as JSON unless `headers` say otherwise.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }
}

impl Answer {
    pub async fn of(response: axum::response::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec();
        Self { status, headers, bytes }
    }

    /// Its JSON, when it is answered with `status`.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// What a problem says, when it is one with `status` in its proper form (RFC 9457).
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        let problem = self.json(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        assert!(
            !problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty()
        );
        problem
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
