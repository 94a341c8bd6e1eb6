//! `/rdap/help`, and what is not answered.

use axum::extract::OriginalUri;
use axum::http::StatusCode;
use axum::response::Response;
use rdap::{Help, Link, Notice};

use super::door::{No, Question, written};

pub(super) async fn help(question: Question) -> Response {
    let about = Notice {
        links: vec![Link::page("related", question.value.clone(), question.base.clone())],
        ..Notice::new(
            "What is answered here",
            [
                "ip/ADDRESS and ip/PREFIX: the most specific network, and the incident response team that answers for it.",
                "autnum/NUMBER, domain/NAME, entity/HANDLE: also irt objects, which are entities with the role abuse.",
                "entities?fn=NAME, entities?handle=HANDLE, domains?name=NAME: at least two letters, then * for any more.",
            ],
        )
    };
    let trust = Notice::new(
        "Extension wardmote_trust",
        [
            "An entity that is a team has its trust status in the directory of this node (status, since, team, name, page),",
            "when its contact addresses were last confirmed (verified, contacts), and which network names it (foundAt).",
        ],
    );
    let mut notices = notices(&question);
    notices.extend([about, trust]);
    written(StatusCode::OK, &rdap::Response::new(Help {}, notices).declaring_all())
}

/// What every answer says about itself.
pub(super) fn notices(question: &Question) -> Vec<Notice> {
    let terms = Notice {
        links: vec![Link::page(
            "terms-of-service",
            question.value.clone(),
            format!("{}/rdap/help", question.base),
        )],
        ..Notice::new(
            "Terms of use",
            ["For finding out who is responsible, and for operating networks. Not for advertising."],
        )
    };
    let filtered = Notice::new(
        "Filtered",
        [
            "E-mail addresses of persons, roles and organisations are left out, those for abuse are not.",
            "Nothing is left out of incident response teams.",
        ],
    );
    vec![terms, filtered]
}

pub(super) async fn unsupported(_: Question) -> No {
    No::Unsupported(
        "The registry has no name servers of their own: ask for the domain that names them.".to_owned(),
    )
}

pub(super) async fn unknown(_: Question, OriginalUri(uri): OriginalUri) -> No {
    let path: String = uri.path().chars().take(100).collect();
    No::Malformed(format!(
        "{path} is none of ip/ADDRESS, autnum/NUMBER, domain/NAME, entity/HANDLE, entities?fn=, entities?handle=, \
         domains?name=, help."
    ))
}
