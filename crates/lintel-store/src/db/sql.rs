//! SQL texts: named, written once with `$N`, rewritten for SQLite while compiling.

/// One SQL statement with the name under which it is measured. Made only by [`sql!`](crate::sql).
#[derive(Debug)]
pub struct Sql {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    across_tenants: bool,
    at_primary: bool,
    on_replicas: bool,
}

impl Sql {
    #[doc(hidden)]
    pub const fn new(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { name, sqlite, postgres, across_tenants: false, at_primary: false, on_replicas: false }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn across_tenants(self) -> Self {
        Self { across_tenants: true, ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn at_primary(self) -> Self {
        Self { at_primary: true, ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn on_replicas(self) -> Self {
        Self { on_replicas: true, ..self }
    }

    /// The name in metrics and logs: table, dot, what it does.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it works for all tenants. Any other sees on PostgreSQL the rows of the tenant among its parameters, and
    /// without one no tenant's rows.
    pub fn is_across_tenants(&self) -> bool {
        self.across_tenants
    }

    /// Whether only the primary answers it, even where a replica would answer a tenant's other reads.
    pub fn is_at_primary(&self) -> bool {
        self.at_primary
    }

    /// Whether a replica answers it while the primary is away, although it is not of one tenant.
    pub fn is_on_replicas(&self) -> bool {
        self.on_replicas
    }

    /// The text for SQLite, with `?N`.
    pub fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL, with `$N`.
    pub fn postgres(&self) -> &'static str {
        self.postgres
    }
}

/// Declares a module's statements, and with them its registry `STATEMENTS`: what is not declared here cannot be run,
/// and what is declared is prepared on both engines by a test.
///
/// ```
/// lintel_store::sql! {
///     /// One text for both engines.
///     TOWN_BY_ID "town.by_id" = "SELECT name FROM towns WHERE id = $1";
///     /// One text that is put together.
///     TOWN_NAMED "town.named" = (concat!("SELECT id FROM towns ", "WHERE name = $1"));
///     /// Two texts where the engines differ.
///     TOWN_LOCK "town.lock" = {
///         sqlite: "SELECT name FROM towns WHERE id = $1",
///         postgres: "SELECT name FROM towns WHERE id = $1 FOR UPDATE",
///     };
///     /// One that works for all tenants at once.
///     TOWN_TENANTS "town.tenants" across_tenants = "SELECT DISTINCT tenant_id FROM towns";
///     /// One that no replica answers.
///     TOWN_TURN "town.turn" at_primary = "SELECT turn FROM towns WHERE tenant_id = $1";
/// }
/// assert_eq!(TOWN_BY_ID.sqlite(), "SELECT name FROM towns WHERE id = ?1");
/// assert!(TOWN_TENANTS.is_across_tenants());
/// assert!(TOWN_TURN.is_at_primary());
/// assert_eq!(STATEMENTS.len(), 5);
/// ```
///
/// SQLite numbers `$N` by first appearance, so `SELECT $2, $1` would silently swap the values: every `$N` outside
/// quotes and comments becomes `?N`. Both marks have the same length, which lets the compiler do it.
#[macro_export]
macro_rules! sql {
    ($($(#[$doc:meta])* $constant:ident $name:literal $($how:ident)* = $text:tt;)+) => {
        $($(#[$doc])* pub(crate) static $constant: $crate::db::Sql = $crate::__sql!($name, $text)$(.$how())*;)+
        /// Every statement of this module.
        pub(crate) static STATEMENTS: &[&$crate::db::Sql] = &[$(&$constant),+];
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __sql {
    ($name:literal, { sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? }) => {{
        const SQLITE: &str = $sqlite;
        const POSTGRES: &str = $postgres;
        const BYTES: [u8; SQLITE.len()] = $crate::db::question_marks::<{ SQLITE.len() }>(SQLITE);
        $crate::db::Sql::new($name, $crate::db::text(&BYTES), POSTGRES)
    }};
    ($name:literal, ($text:expr)) => {
        $crate::__sql!($name, { sqlite: $text, postgres: $text })
    };
    ($name:literal, $text:literal) => {
        $crate::__sql!($name, { sqlite: $text, postgres: $text })
    };
}

/// The text with `$N` turned into `?N` outside quotes and comments.
#[doc(hidden)]
pub const fn question_marks<const N: usize>(text: &str) -> [u8; N] {
    let from = text.as_bytes();
    let mut to = [0u8; N];
    // What we are inside of: 0 nothing, `'` or `"` a quote, `-` a line comment, `*` a block comment.
    let mut inside = 0u8;
    let mut i = 0;
    while i < N {
        let byte = from[i];
        let next = if i + 1 < N { from[i + 1] } else { 0 };
        to[i] = byte;
        match inside {
            0 => match byte {
                b'\'' | b'"' => inside = byte,
                b'-' if next == b'-' => inside = b'-',
                b'/' if next == b'*' => inside = b'*',
                b'$' if next.is_ascii_digit() => to[i] = b'?',
                _ => {}
            },
            b'-' => {
                if byte == b'\n' {
                    inside = 0;
                }
            }
            b'*' => {
                if byte == b'*' && next == b'/' {
                    inside = 0;
                }
            }
            quote => {
                if byte == quote {
                    inside = 0;
                }
            }
        }
        i += 1;
    }
    to
}

/// Bytes that were text before a byte for byte replacement within ASCII.
#[doc(hidden)]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a statement is text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const N: usize>(from: &'static str, to: &str) {
        assert_eq!(std::str::from_utf8(&question_marks::<N>(from)).unwrap(), to);
    }

    #[test]
    fn parameters_are_renumbered_only_outside_quotes_and_comments() {
        check::<14>("SELECT $2, $10", "SELECT ?2, ?10");
        check::<19>("SELECT '$1' || '$1'", "SELECT '$1' || '$1'");
        check::<22>("SELECT 'it''s $1', $1 ", "SELECT 'it''s $1', ?1 ");
        check::<14>("SELECT \"$1\",$1", "SELECT \"$1\",?1");
        check::<14>("-- $1 '\n/**/$1", "-- $1 '\n/**/?1");
        check::<15>("/* '$1 */ $1 $a", "/* '$1 */ ?1 $a");
    }
}
