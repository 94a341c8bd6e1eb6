//! The description: OpenAPI that names every route and hangs together.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

use crate::client::{Answer, router};
use crate::common::{World, world};

fn described(w: &World) -> Value {
    let desk = incidents::api::routes(w.desk.clone());
    let (_, description) = OpenApiRouter::<()>::new().nest("/api/v1", desk).split_for_parts();
    serde_json::to_value(description).unwrap()
}

/// Method, path and what is said of it.
fn operations(description: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

#[tokio::test]
async fn every_route_and_the_scope_it_needs() {
    let description = described(&world().await);
    let mut lines: Vec<String> = operations(&description)
        .iter()
        .map(|(method, path, operation)| {
            format!("{path} {method} {}", operation["security"][0]["token"][0].as_str().unwrap_or("?"))
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn what_is_described_exists_and_is_guarded() {
    let w = world().await;
    for (method, path, _) in operations(&described(&w)) {
        let path = path.replace("{number}", "IR-1").replace("{id}", "x");
        let request =
            Request::builder().method(method.as_str()).uri(&path).header("authorization", "Bearer none");
        let response = router(&w).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        Answer::of(response).await.problem(401);
    }
}

#[tokio::test]
async fn the_description_hangs_together() {
    let description = described(&world().await);
    let mut references = BTreeSet::new();
    collect(&description, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer =
            reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let scopes: Vec<&str> = identity::SCOPES.iter().map(|(name, _)| *name).collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&description) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "two operations are called {name}");
        assert!(
            operation["summary"].as_str().is_some_and(|words| !words.is_empty()),
            "{method} {path} says what it does"
        );
        for (scheme, needed) in operation["security"][0].as_object().unwrap() {
            assert!(description["components"]["securitySchemes"][scheme].is_object(), "{scheme}");
            assert!(
                needed.as_array().unwrap().iter().all(|scope| scopes.contains(&scope.as_str().unwrap())),
                "{needed}"
            );
        }
        let parameters: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["in"] == "path")
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        let in_path: Vec<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(parameters, in_path, "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('4')) {
            assert!(response["content"]["application/problem+json"].is_object(), "{method} {path} {status}");
        }
        assert_eq!(method == "PATCH", responses.contains_key("412"), "{method} {path}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                references.insert(reference.to_owned());
            }
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
