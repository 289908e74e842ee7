//! How far a typed word is from a known one.

/// The most letters of either word.
const LONGEST: usize = 48;

/// The least number of letters to insert, leave out, replace, or swap with their neighbour, to make `a` from `b` (optimal
/// string alignment; Damerau 1964, Levenshtein 1966), if it is at most `most`.
pub(crate) fn within(a: &[char], b: &str, most: usize) -> Option<usize> {
    // A letter has one to four bytes, so this settles most candidates without decoding them.
    if a.len() >= LONGEST || b.len() + most < a.len() || b.len() > 4 * (a.len() + most) {
        return None;
    }
    let mut rows = [[0usize; LONGEST + 1]; 3];
    for (at, cell) in rows[0].iter_mut().enumerate() {
        *cell = at;
    }
    let (mut before_last, mut last, mut row) = (2, 0, 1);
    let mut previous = '\0';
    for (i, letter) in b.chars().enumerate() {
        if i + 1 > a.len() + most {
            return None;
        }
        rows[row][0] = i + 1;
        let mut least = i + 1;
        for j in 1..=a.len() {
            let replaced = rows[last][j - 1] + usize::from(a[j - 1] != letter);
            let mut cost = replaced.min(rows[last][j] + 1).min(rows[row][j - 1] + 1);
            if i > 0 && j > 1 && a[j - 1] == previous && a[j - 2] == letter {
                cost = cost.min(rows[before_last][j - 2] + 1);
            }
            rows[row][j] = cost;
            least = least.min(cost);
        }
        // A swap reaches one row further back, so a row that is too far may still be left behind by the next one.
        if least > most + 1 {
            return None;
        }
        previous = letter;
        (before_last, last, row) = (last, row, before_last);
    }
    Some(rows[last][a.len()]).filter(|distance| *distance <= most)
}

/// How many letters of a typed word may be wrong: none below 4 letters or with a digit, 1 below 8, else 2.
pub(crate) fn allowance(word: &str) -> usize {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return 0;
    }
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_counts_once_and_the_bound_holds() {
        let check = |a: &str, b: &str, most, expected: Option<usize>| {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            assert_eq!(within(&letters(a), b, most), expected, "{a} {b}");
            assert_eq!(within(&letters(b), a, most), expected, "{b} {a}");
        };
        check("kitchen", "kitchen", 1, Some(0));
        check("kicthen", "kitchen", 1, Some(1));
        check("kitchn", "kitchen", 1, Some(1));
        check("garrage", "garage", 1, Some(1));
        check("grage", "garden", 2, None);
        check("fireplce", "fireplace", 2, Some(1));
        check("fierplcae", "fireplace", 2, Some(2));
        check("pool", "spa", 2, None);
        check("", "ab", 2, Some(2));
        check("cafe", "café", 1, Some(1));
        check("ab", "ba", 1, Some(1));
        check("abcd", "badc", 2, Some(2));
    }

    #[test]
    fn long_words_may_have_more_wrong_letters() {
        for (word, expected) in [("spa", 0), ("pool", 1), ("kitchen", 1), ("fireplace", 2), ("98103", 0)] {
            assert_eq!(allowance(word), expected, "{word}");
        }
    }
}
