//! `/tiles`: the map's ground from a file of the operator's (PMTiles), if there is one.

use std::{fmt, io, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path as Parameters, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use pmtiles::{AsyncPmTilesReader, HashMapCache, MmapBackend, TileCoord};
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    extract::{Json, Session},
    problem::Code,
    state::Edge,
    ui::names,
};

/// A file of tiles. Cheap to clone.
#[derive(Clone)]
pub struct Tiles(Arc<Archive>);

struct Archive {
    reader: AsyncPmTilesReader<MmapBackend, HashMapCache>,
    /// What the file says about itself.
    about: Map<String, Value>,
}

impl fmt::Debug for Tiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiles").finish_non_exhaustive()
    }
}

impl Tiles {
    /// Opens a file in the format PMTiles, version 3.
    pub async fn open(path: &Path) -> io::Result<Self> {
        let reader = AsyncPmTilesReader::new_with_cached_path(HashMapCache::default(), path).await;
        let reader = reader.map_err(io::Error::other)?;
        let about = reader.get_metadata().await.map_err(io::Error::other)?;
        let about = serde_json::from_str(&about).map_err(io::Error::other)?;
        Ok(Self(Arc::new(Archive { reader, about })))
    }

    /// What a map needs to know of it, as TileJSON 3.
    fn describe(&self) -> Value {
        let header = self.0.reader.get_header();
        let mut out = json!({
            "tilejson": "3.0.0",
            "tiles": ["/tiles/{z}/{x}/{y}"],
            "minzoom": header.min_zoom,
            "maxzoom": header.max_zoom,
            "bounds": [header.min_longitude, header.min_latitude, header.max_longitude, header.max_latitude],
            "center": [header.center_longitude, header.center_latitude, f64::from(header.center_zoom)],
            "media_type": header.tile_type.content_type(),
        });
        for name in ["name", "description", "attribution", "vector_layers"] {
            if let Some(value) = self.0.about.get(name) {
                out[name] = value.clone();
            }
        }
        out
    }
}

pub(crate) fn routes() -> Router<Edge> {
    Router::new().route("/tiles", get(about)).route("/tiles/{z}/{x}/{y}", get(tile))
}

async fn about(State(edge): State<Edge>, _: Session) -> Result<Json<Value>> {
    Ok(Json(tiles(&edge)?.describe()))
}

/// One tile as it is stored; 204 where the file has none.
async fn tile(
    State(edge): State<Edge>,
    _: Session,
    Parameters((z, x, y)): Parameters<(u8, u32, u32)>,
    headers: HeaderMap,
) -> Result<Response> {
    let reader = &tiles(&edge)?.0.reader;
    let coord = TileCoord::new(z, x, y).map_err(|_| Error::plain(Code::UnknownRoute))?;
    let header = reader.get_header();
    let encoding = header.tile_compression.content_encoding();
    let as_stored = encoding.is_none_or(|encoding| names(&headers, header::ACCEPT_ENCODING, encoding));
    let found = if as_stored { reader.get_tile(coord).await } else { reader.get_tile_decompressed(coord).await };
    let Some(bytes) = found.map_err(Error::internal)? else {
        return Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, KEPT)]).into_response());
    };
    let mut response = Response::new(Body::from(bytes));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(header.tile_type.content_type()));
    out.insert(header::CACHE_CONTROL, KEPT);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding.filter(|_| as_stored) {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// A map changes once in a long while, and a week late does no harm.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=604800");

fn tiles(edge: &Edge) -> Result<&Tiles> {
    edge.options().tiles.as_ref().ok_or_else(|| Error::new(Code::NotFound, "the server has no file of map tiles"))
}
