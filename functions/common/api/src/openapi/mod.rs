//! The description of the API, in OpenAPI 3.1: made of what each function says of its routes, so that it can't tell of
//! another API than the one that runs.
//!
//! A function names for each route what is its own. What follows by itself is added here: who has no session is refused
//! everywhere alike, and so is a body that is too large.

mod derived;
mod document;
mod fields;
mod schemas;

pub use derived::is_shown;
pub use document::{LEAST_ROLE, document};
pub use fields::{
    DisplayName, EmailText, address_in_path, any_time, display_name, email, enumeration, id_in_path, locale, nullable,
    object, optional, page_of, page_parameters, time, ulid,
};
pub use schemas::{examples, reference, with_properties};

use axum::http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::problem::ProblemType;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anyone,
    /// Whoever has a session.
    SignedIn,
    /// Support and administrators.
    Support,
    /// Administrators.
    Admin,
}

/// A parameter in the query or in the path.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Where it stands: `query` or `path`.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its schema.
    pub schema: Value,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether an empty value counts as not given.
    pub may_be_empty: bool,
}

/// What a route takes as its body.
#[derive(Debug, Clone)]
pub enum RequestBody {
    /// It does not look for one.
    None,
    /// None, or an empty object.
    Empty,
    /// A JSON object.
    Json {
        /// Its schema.
        schema: Value,
        /// One that is taken.
        example: Value,
    },
}

/// What a route answers where it does what it was asked.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What it means.
    pub description: &'static str,
    /// The type of the body, its schema and an example; `None` where it has none.
    pub body: Option<(&'static str, Value, Value)>,
    /// Headers that always come with it, each with its description.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// A route, as its function describes it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path, with `{id}` for what varies.
    pub path: &'static str,
    /// Names the operation, for programs.
    pub name: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What else it takes.
    pub parameters: Vec<Parameter>,
    /// What it takes as its body.
    pub body: RequestBody,
    /// What it answers.
    pub answer: Answer,
    problems: Vec<ProblemType>,
    needs_tables: bool,
}

impl Operation {
    /// An operation that anybody may call, that takes nothing, and that answers 204.
    pub fn new(method: Method, path: &'static str, name: &'static str, summary: &'static str) -> Self {
        let answer = Answer { status: 204, description: "Done.", body: None, headers: Vec::new() };
        Self {
            method,
            path,
            name,
            summary,
            access: Access::Anyone,
            parameters: Vec::new(),
            body: RequestBody::None,
            answer,
            problems: Vec::new(),
            needs_tables: true,
        }
    }

    /// Says who may call it.
    #[must_use]
    pub fn open_to(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Adds parameters.
    #[must_use]
    pub fn with(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// It takes a JSON object like this one.
    #[must_use]
    pub fn takes<T: Serialize + JsonSchema>(self, example: &T) -> Self {
        let (schema, example) = derived::read(example);
        self.takes_json(schema, example)
    }

    /// It takes a JSON object.
    #[must_use]
    pub fn takes_json(mut self, schema: Value, example: Value) -> Self {
        self.body = RequestBody::Json { schema, example };
        self
    }

    /// It takes no body, or an empty object, and refuses any other.
    #[must_use]
    pub fn takes_nothing(mut self) -> Self {
        self.body = RequestBody::Empty;
        self
    }

    /// It answers JSON like this.
    #[must_use]
    pub fn answers<T: Serialize + JsonSchema>(self, status: u16, description: &'static str, example: &T) -> Self {
        let (schema, example) = derived::written(example);
        self.answers_json(status, description, schema, example)
    }

    /// It answers JSON.
    #[must_use]
    pub fn answers_json(self, status: u16, description: &'static str, schema: Value, example: Value) -> Self {
        self.answers_as("application/json", status, description, schema, example)
    }

    /// It answers something of another type.
    #[must_use]
    pub fn answers_as(
        mut self,
        media_type: &'static str,
        status: u16,
        description: &'static str,
        schema: Value,
        example: Value,
    ) -> Self {
        self.answer.status = status;
        self.answer.description = description;
        self.answer.body = Some((media_type, schema, example));
        self
    }

    /// A header always comes with the answer.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, description: &'static str) -> Self {
        self.answer.headers.push((name, description));
        self
    }

    /// It is refused so as well.
    #[must_use]
    pub fn refuses(mut self, problems: &[ProblemType]) -> Self {
        self.problems.extend(problems);
        self
    }

    /// It needs no table, so that no table can fail it.
    #[must_use]
    pub fn without_tables(mut self) -> Self {
        self.needs_tables = false;
        self
    }

    /// Everything that can be answered instead: what the function named, and what follows from the rest.
    pub fn problems(&self) -> Vec<ProblemType> {
        use ProblemType as P;
        let mut all = self.problems.clone();
        if self.method != Method::GET {
            all.push(P::OriginRefused);
        }
        if self.access != Access::Anyone {
            // A key may be made for some routes only, and staff may have to set up a second factor first.
            all.extend([P::SignInRequired, P::AdminRequired, P::SecondFactorRequired]);
        }
        if !matches!(self.body, RequestBody::None) {
            all.extend([P::MalformedRequest, P::PayloadTooLarge, P::UnsupportedMediaType]);
        }
        for parameter in &self.parameters {
            all.push(if parameter.place == "path" { P::NotFound } else { P::MalformedRequest });
        }
        if self.needs_tables {
            all.extend([P::ServiceUnavailable, P::InternalError]);
        }
        // In the order of the list, each once.
        P::ALL.iter().copied().filter(|kind| all.contains(kind)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_a_route_need_not_be_named() {
        let problems =
            |operation: Operation| -> Vec<_> { operation.problems().into_iter().map(ProblemType::as_str).collect() };
        let open = Operation::new(Method::GET, "/api/health", "health", "Health.").without_tables();
        assert_eq!(problems(open), [""; 0]);
        let closed = Operation::new(Method::POST, "/api/admin/users/{id}/unlock", "unlock", "Unlock.")
            .open_to(Access::Support)
            .with([id_in_path("The user.")])
            .takes_nothing()
            .refuses(&[ProblemType::NotAllowed, ProblemType::NotAllowed]);
        insta::assert_snapshot!(problems(closed).join(" "));
    }
}
