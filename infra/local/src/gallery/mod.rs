//! The gallery at `/_local/emails/` shows every email in every language, for different kinds of names, wide and narrow,
//! light and dark, and as plain text. It renders the mailer's own templates. Nothing is sent, and the links don't work.

mod case;
mod pages;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{Response, StatusCode},
    response::Redirect,
    routing::get,
};
use mailkey::Locale;
use mailkey_api::problem::{Problem, ProblemType};
use mailkey_mailer::emails::{
    Portal,
    samples::{self, Sample},
};

use crate::ses::{MAIL_POLICY, PAGE_POLICY, answer};
use case::Case;
use pages::Scheme;

/// The routes of the gallery.
pub fn routes(portal: Portal) -> Router {
    Router::new()
        .route("/_local/emails", get(async || Redirect::permanent("/_local/emails/")))
        .route("/_local/emails/", get(async || Redirect::temporary("/_local/emails/name/")))
        .route("/_local/emails/style.css", get(style))
        .route("/_local/emails/{case}/", get(overview))
        .route("/_local/emails/{case}/{locale}/{name}/", get(email))
        .route("/_local/emails/{case}/{locale}/{name}/{scheme}", get(html_part))
        .with_state(Arc::new(portal))
}

type Portals = State<Arc<Portal>>;

async fn style() -> Response<Body> {
    answer(StatusCode::OK, "text/css; charset=utf-8", PAGE_POLICY, pages::STYLE.to_owned())
}

async fn overview(State(portal): Portals, Path(case): Path<String>) -> Result<Response<Body>, Problem> {
    let case = case.parse().map_err(|_| not_found())?;
    page(pages::overview(case, &in_all_languages(&portal, case)?))
}

async fn email(
    State(portal): Portals,
    Path((case, locale, name)): Path<(String, String, String)>,
) -> Result<Response<Body>, Problem> {
    let (case, locale, samples, at) = find(&portal, &case, &locale, &name)?;
    page(pages::email(case, locale, &samples, at))
}

async fn html_part(
    State(portal): Portals,
    Path((case, locale, name, scheme)): Path<(String, String, String, String)>,
) -> Result<Response<Body>, Problem> {
    let scheme: Scheme = scheme.parse().map_err(|_| not_found())?;
    let (_, _, samples, at) = find(&portal, &case, &locale, &name)?;
    let html = scheme.enforced(&samples[at].mail.html);
    Ok(answer(StatusCode::OK, "text/html; charset=utf-8", MAIL_POLICY, html))
}

/// Finds the email that a path names, with the other emails in the same language.
fn find(portal: &Portal, case: &str, locale: &str, name: &str) -> Result<(Case, Locale, Vec<Sample>, usize), Problem> {
    let case: Case = case.parse().map_err(|_| not_found())?;
    let locale = Locale::ALL.iter().copied().find(|known| known.as_str() == locale).ok_or_else(not_found)?;
    let samples = in_language(portal, case, locale)?;
    let at = samples.iter().position(|sample| pages::name(sample) == name).ok_or_else(not_found)?;
    Ok((case, locale, samples, at))
}

fn in_language(portal: &Portal, case: Case, locale: Locale) -> Result<Vec<Sample>, Problem> {
    samples::all(&case.portal(portal), locale, case.display_name())
        .map_err(|_| Problem::new(ProblemType::InternalError))
}

fn in_all_languages(portal: &Portal, case: Case) -> Result<Vec<(Locale, Vec<Sample>)>, Problem> {
    Locale::ALL.iter().map(|locale| Ok((*locale, in_language(portal, case, *locale)?))).collect()
}

fn page(rendered: Result<String, askama::Error>) -> Result<Response<Body>, Problem> {
    let html = rendered.map_err(|_| Problem::new(ProblemType::InternalError))?;
    Ok(answer(StatusCode::OK, "text/html; charset=utf-8", PAGE_POLICY, html))
}

fn not_found() -> Problem {
    Problem::new(ProblemType::NotFound)
}
