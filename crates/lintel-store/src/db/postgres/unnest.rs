//! One statement for many items, made from the one for a single item: each parameter becomes an array of what it is for every
//! item. It costs half of as many executions or less, and hardly anything on this side.

use tokio_postgres::types::{Kind, Type};

/// The text that inserts the rows of many items, if `text` does no more than insert one: `INSERT INTO … VALUES (…)`, also with
/// `ON CONFLICT … DO NOTHING`. `types` are those of its parameters.
pub fn insert_of_many(text: &str, types: &[Type]) -> Option<String> {
    let (head, rest) = text.split_once("VALUES (")?;
    let (values, tail) = columns_for_parameters(rest);
    let tail = tail?.trim();
    let adds_only = tail.is_empty() || tail.starts_with("ON CONFLICT") && tail.ends_with("DO NOTHING");
    if !head.starts_with("INSERT INTO") || !adds_only || head.contains('$') || tail.contains('$') {
        return None;
    }
    let items = items(types, "")?;
    // sql: the parts are those of a statement that is constant
    Some(format!("{head}SELECT {values} FROM {items} {tail}"))
}

/// The text that selects for many items, if `text` selects and locks nothing: each row with the number of its item, from 1, in
/// its last column. `types` are those of its parameters.
pub fn select_of_many(text: &str, types: &[Type]) -> Option<String> {
    if !text.starts_with("SELECT ") || text.contains(" FOR ") {
        return None;
    }
    let (one, None) = columns_for_parameters(text) else { return None };
    let items = items(types, " WITH ORDINALITY")?;
    // sql: the parts are those of a statement that is constant
    Some(format!("SELECT one.*, item.n FROM {items} CROSS JOIN LATERAL ({one}) AS one"))
}

/// The items as rows of a table; `None` when a parameter is an array, since an array of arrays would come apart altogether.
fn items(types: &[Type], numbered: &str) -> Option<String> {
    if types.is_empty() || types.iter().any(|ty| matches!(ty.kind(), Kind::Array(_))) {
        return None;
    }
    let arrays = (1..).zip(types).map(|(n, ty)| format!("${n}::{}[]", ty.name())).collect::<Vec<_>>();
    let names = (1..=types.len()).map(|n| format!("p{n}")).chain((!numbered.is_empty()).then(|| "n".to_owned()));
    Some(format!("unnest({}){numbered} AS item({})", arrays.join(", "), names.collect::<Vec<_>>().join(", ")))
}

/// The text with a column in place of each parameter, up to a parenthesis that closes none of its own; and what follows that.
fn columns_for_parameters(text: &str) -> (String, Option<&str>) {
    let mut columns = String::with_capacity(text.len() * 2);
    let (mut depth, mut is_quoted) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted && depth == 0 => return (columns, Some(&text[at + 1..])),
            ')' if !is_quoted => depth -= 1,
            '$' if !is_quoted => {
                columns.push_str("item.p");
                continue;
            }
            _ => {}
        }
        columns.push(letter);
    }
    (columns, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [Type; 2] = [Type::UUID, Type::INT8];

    #[test]
    fn each_parameter_of_an_insert_becomes_an_array() {
        let one = "INSERT INTO t (a, b, c, d) VALUES ($1, abs($2), '$1)', 7) ON CONFLICT (a) DO NOTHING";
        let many = "INSERT INTO t (a, b, c, d) SELECT item.p1, abs(item.p2), '$1)', 7 \
            FROM unnest($1::uuid[], $2::int8[]) AS item(p1, p2) ON CONFLICT (a) DO NOTHING";
        assert_eq!(insert_of_many(one, &TYPES).unwrap(), many);
    }

    #[test]
    fn what_does_more_than_insert_stays_as_it_is() {
        for text in [
            "UPDATE t SET a = $1 WHERE b = $2",
            "INSERT INTO t (a, b) SELECT $1, $2",
            "INSERT INTO t (a, b) VALUES ($1, $2) RETURNING a",
            "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = excluded.b",
            "INSERT INTO t (a, b) VALUES ($1, $1) ON CONFLICT (a) WHERE b = $2 DO NOTHING",
            "WITH x AS (SELECT 1) INSERT INTO t (a, b) VALUES ($1, $2)",
            "INSERT INTO t (a, b) VALUES ($1, ($2)",
        ] {
            assert_eq!(insert_of_many(text, &TYPES), None, "{text}");
        }
        assert_eq!(insert_of_many("INSERT INTO t (a) VALUES ($1)", &[Type::UUID_ARRAY]), None);
    }

    #[test]
    fn each_row_that_is_selected_says_for_which_item() {
        let many = "SELECT one.*, item.n FROM unnest($1::uuid[], $2::int8[]) WITH ORDINALITY AS item(p1, p2, n) \
            CROSS JOIN LATERAL (SELECT a, (b) FROM t WHERE a = item.p1 AND b > item.p2 AND c <> '$2') AS one";
        let one = "SELECT a, (b) FROM t WHERE a = $1 AND b > $2 AND c <> '$2'";
        assert_eq!(select_of_many(one, &TYPES).unwrap(), many);
        for text in [
            "SELECT a FROM t WHERE a = $1 AND b = $2 FOR NO KEY UPDATE",
            "INSERT INTO t (a, b) VALUES ($1, $2) RETURNING a",
            "UPDATE t SET a = $1 WHERE b = $2 RETURNING a",
        ] {
            assert_eq!(select_of_many(text, &TYPES), None, "{text}");
        }
    }
}
