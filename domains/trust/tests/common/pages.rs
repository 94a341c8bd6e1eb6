//! The pages as their readers get them.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Role, Site};
use tower::ServiceExt as _;

use super::World;

pub struct Pages {
    pub w: World,
    router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub to: String,
    pub body: String,
}

impl Pages {
    pub async fn of(w: World) -> Self {
        let router = identity::web::protect(w.trust.domain().routes, w.identity.clone(), Site::default());
        Self { w, router }
    }

    /// Everybody logs in anew: sessions do not last as long as tests let pass.
    pub async fn log_in_again(&mut self) {
        for who in super::TEAMS {
            let roles: Vec<Role> = self.w.people[who].roles().collect();
            let (cookie, _) = sign_in(&self.w.identity, who, &format!("{who}-later"), &roles).await;
            self.w.cookies.insert(who, cookie);
        }
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        Answer { status, to: to.unwrap_or_default(), body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get_as(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookie).header(header::HOST, "hub.example");
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    pub async fn get(&self, who: &str, path: &str) -> Answer {
        self.get_as(&self.w.cookies[who], path).await
    }

    pub async fn post_as(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", identity::web::encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "hub.example")
            .header("Sec-Fetch-Site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_as(&self.w.cookies[who], path, fields).await
    }

    pub async fn number(&self, who: &str, team: &str) -> String {
        self.w.trust.case(&self.w.granted(who), self.w.id(team)).await.unwrap().number.to_string()
    }
}
