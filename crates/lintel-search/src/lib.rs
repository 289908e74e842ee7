//! Nothing lives here yet.
