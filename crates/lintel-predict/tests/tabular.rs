//! What a model of a table must not depend on: the order of rows and columns, and how many cores there are.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lintel_domain::rng::Rng;
use lintel_predict::learn::progress::Progress;
use lintel_predict::tabular::{FileColumn, Forecast, LearnOptions, Learned, Marks, Tabular, Target, Values};

const WORDS: [&str; 4] = ["web", "phone", "friend", "walk-in"];
const OPTIONS: LearnOptions = LearnOptions { seed: 3, threads: 1, progress: Progress::UNWATCHED };

struct World {
    numbers: Vec<f64>,
    days: Vec<f64>,
    words: Vec<Option<&'static str>>,
    hits: Vec<bool>,
    amounts: Vec<f64>,
}

impl World {
    fn new(rows: usize) -> Self {
        let mut random = Rng::new(5);
        let mut world = Self { numbers: vec![], days: vec![], words: vec![], hits: vec![], amounts: vec![] };
        for _ in 0..rows {
            let number = if random.chance(0.1) { f64::NAN } else { random.normal() };
            let word = if random.chance(0.1) { None } else { random.pick(&WORDS).copied() };
            let day = 18_000.0 + random.below(900) as f64;
            let pull = if number.is_nan() { 0.0 } else { number }
                + f64::from(u8::from(word == Some("friend")))
                + 0.3 * random.normal();
            world.numbers.push(number);
            world.words.push(word);
            world.days.push(day);
            world.hits.push(pull > 0.2);
            world.amounts.push(100.0 + 20.0 * pull + day / 500.0);
        }
        world
    }

    fn columns(&self, order: &[usize]) -> Vec<FileColumn<'_>> {
        let numbers = |values: &[f64]| order.iter().map(|row| values[*row]).collect();
        vec![
            FileColumn { name: "visits", values: Values::Numbers(numbers(&self.numbers)) },
            FileColumn { name: "joined", values: Values::Dates(numbers(&self.days)) },
            FileColumn { name: "source", values: Values::Words(order.iter().map(|row| self.words[*row]).collect()) },
        ]
    }

    fn learn(&self, order: &[usize], turn: bool, options: LearnOptions, number: bool) -> Learned {
        let mut columns = self.columns(order);
        if turn {
            columns.rotate_left(1);
        }
        let hits: Vec<bool> = order.iter().map(|row| self.hits[*row]).collect();
        let amounts: Vec<f64> = order.iter().map(|row| self.amounts[*row]).collect();
        let target = if number { Target::Number(&amounts) } else { Target::Class(&hits) };
        Tabular::learn(&columns, target, &Marks::default(), &options).unwrap()
    }
}

/// The columns in the order that a model wants them.
fn wanted<'a>(model: &Tabular, columns: Vec<FileColumn<'a>>) -> Vec<FileColumn<'a>> {
    let find = |name: &String| columns.iter().find(|column| column.name == name).cloned().unwrap();
    model.columns().iter().map(find).collect()
}

#[test]
fn the_model_is_the_same_for_rows_and_columns_in_any_order_and_any_number_of_cores() {
    let world = World::new(300);
    let order: Vec<usize> = (0..300).collect();
    let mut shuffled = order.clone();
    Rng::new(9).shuffle(&mut shuffled);
    for number in [false, true] {
        let expected = world.learn(&order, false, OPTIONS, number);
        assert_eq!(world.learn(&shuffled, false, OPTIONS, number), expected);
        assert_eq!(world.learn(&order, true, OPTIONS, number), expected);
        assert_eq!(world.learn(&order, false, LearnOptions { threads: 3, ..OPTIONS }, number), expected);
        assert_ne!(world.learn(&order, false, LearnOptions { seed: 4, ..OPTIONS }, number), expected);
    }
}

#[test]
fn a_row_is_predicted_alike_alone_and_among_others_and_its_parts_add_up() {
    let world = World::new(300);
    let order: Vec<usize> = (0..300).collect();
    for number in [false, true] {
        let model = world.learn(&order, false, OPTIONS, number).model;
        let all = wanted(&model, world.columns(&order));
        let together = model.predict(&all).unwrap();
        for row in [0, 17, 299] {
            let alone = model.predict(&wanted(&model, world.columns(&[row]))).unwrap();
            assert_eq!(alone[0], together[row]);
            let parts = model.explain(&all, row).unwrap();
            let sum = parts.base + parts.contributions.iter().map(|(_, part)| part).sum::<f64>();
            let told = match together[row] {
                Forecast::Probability(p) => (p / (1.0 - p)).ln(),
                Forecast::Number(number) if parts.scale == "log" => number.value.ln(),
                Forecast::Number(number) => number.value,
            };
            assert!((sum - told).abs() < 1e-9, "{sum} {told}");
        }
    }
}

#[test]
fn columns_that_do_not_fit_the_model_are_refused() {
    let world = World::new(300);
    let order: Vec<usize> = (0..300).collect();
    let model = world.learn(&order, false, OPTIONS, false).model;
    let columns = wanted(&model, world.columns(&[0]));
    assert!(model.predict(&columns[1..]).is_err());
    let mut turned = columns.clone();
    turned.reverse();
    assert!(model.predict(&turned).is_err());
    let mut mistyped = columns;
    mistyped[0].values = Values::Words(vec![Some("x")]);
    assert!(model.predict(&mistyped).is_err());
}

#[test]
fn groups_stay_together_along_time_too() {
    let world = World::new(300);
    let order: Vec<usize> = (0..300).collect();
    let groups: Vec<Option<u64>> = (0..300).map(|row| (row % 3 > 0).then_some(row / 30)).collect();
    let times: Vec<f64> = (0..300).map(f64::from).collect();
    let columns = world.columns(&order);
    let learn = |groups: &[Option<u64>]| {
        let marks = Marks { groups: Some(groups), times: Some(&times) };
        Tabular::learn(&columns, Target::Class(&world.hits), &marks, &OPTIONS)
    };
    assert!(learn(&groups).is_ok());
    let one = vec![Some(1); 300];
    assert!(learn(&one).unwrap_err().to_string().contains("earlier rows of other groups"));
}
