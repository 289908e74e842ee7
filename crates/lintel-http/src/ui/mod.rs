//! The web pages: every path that is not the API's.

mod files;

use axum::{Router, body::Body, extract::State, response::Response, routing::any};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::{
    error::{Error, Result},
    problem::Code,
    state::Edge,
};

pub(crate) use files::Files;

/// Where the built files with a hash in their names are: what has such a name never changes.
const HASHED: &str = "assets/";
/// The page that draws all others.
const INDEX: &str = "index.html";

/// The media type of pages.
const HTML: &str = "text/html; charset=utf-8";
/// The media type of scripts.
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What a page may do in a browser: show what comes from here.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
font-src 'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
frame-ancestors 'none'";

/// Encodings that files are stored in ahead of time, the best first, and how their names end.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// `/` and everything that has no route of its own.
pub(crate) fn routes() -> Router<Edge> {
    Router::new().route("/", any(page)).route("/{*path}", any(page))
}

/// A built file, or the page for addresses that the browser's router knows. A program that asks for something unknown
/// gets a problem document, not a page.
async fn page(State(edge): State<Edge>, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response> {
    let path = uri.path().trim_start_matches('/');
    if !matches!(method, Method::GET | Method::HEAD) || path.starts_with("api/") {
        return Err(Error::plain(Code::UnknownRoute));
    }
    let files = edge.files();
    if !path.is_empty()
        && let Some(response) = serve(files, path, &headers).await?
    {
        return Ok(response);
    }
    if !path.is_empty() && !names(&headers, header::ACCEPT, "text/html") {
        return Err(Error::plain(Code::UnknownRoute));
    }
    match serve(files, INDEX, &headers).await? {
        Some(response) => Ok(response),
        None => Ok(html(Body::from(include_str!("not_built.html")))),
    }
}

/// A file in the best encoding that the client takes; `None` when there is no such file.
async fn serve(files: &Files, path: &str, headers: &HeaderMap) -> Result<Option<Response>> {
    for (encoding, ending) in ENCODINGS {
        if names(headers, header::ACCEPT_ENCODING, encoding)
            && let Some(file) = files.read(&format!("{path}{ending}")).await?
        {
            let mut response = answer(path, file, headers);
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            return Ok(Some(response));
        }
    }
    Ok(files.read(path).await?.map(|file| answer(path, file, headers)))
}

fn answer(path: &str, file: files::File, headers: &HeaderMap) -> Response {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| names_tag(known, &file.tag));
    let kind = kind(path);
    let mut response = if kind == HTML { html(Body::empty()) } else { Response::new(Body::empty()) };
    let out = response.headers_mut();
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let caching = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if kind == SCRIPT {
        // A worker has the policy of its own script, not that of the page: the map's reads outlines and tiles.
        out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        out.insert(header::ETAG, tag);
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(file.bytes);
    }
    response
}

fn html(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The media type of a file by its name; only what the build of the pages makes.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => HTML,
        "js" | "mjs" => SCRIPT,
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether a list header names a value, unless with `q=0`.
pub(crate) fn names(headers: &HeaderMap, header: http::HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(header);
    let mut items = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    items.any(|item| {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let refused = parameters.split(';').filter_map(|parameter| parameter.trim().strip_prefix("q="));
        name.trim().eq_ignore_ascii_case(wanted)
            && !refused.filter_map(|quality| quality.parse().ok()).any(|quality: f32| quality == 0.0)
    })
}

fn names_tag(header: &HeaderValue, tag: &str) -> bool {
    let tags = header.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.map(|known| known.strip_prefix("W/").unwrap_or(known)).any(|known| known == tag || known == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_counts_unless_it_is_refused() {
        let cases = [
            ("gzip, deflate, br, zstd", true),
            ("gzip;q=1.0, br;q=0.8", true),
            ("br;q=0", false),
            ("gzip, BR", true),
            ("gzip, brx", false),
            ("*", false),
        ];
        for (text, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            assert_eq!(names(&headers, header::ACCEPT_ENCODING, "br"), expected, "{text}");
        }
    }

    #[test]
    fn a_tag_is_known_alone_and_in_a_list() {
        let cases = [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)];
        for (text, expected) in cases {
            assert_eq!(names_tag(&HeaderValue::from_static(text), "\"a\""), expected, "{text}");
        }
    }
}
