//! What agents would write about a made-up home: sentences about what it has, and some that say nothing.

use lintel_domain::rng::Rng;

use super::home::{Home, TYPES};

const OPENINGS: [&str; 6] = ["Welcome to", "Come and see", "Just listed:", "Rare find:", "Do not miss", "Step inside"];
const VIEW: [&str; 3] = [
    "Wide mountain views from the living room.",
    "A view over the city lights.",
    "Sunsets over the foothills from the deck.",
];
const POOL: [&str; 2] = ["Heated pool and patio for long summers.", "The back garden has a swimming pool."];
const RENOVATED: [&str; 4] = [
    "Renovated kitchen with quartz counters and new appliances.",
    "Updated throughout: new roof, new furnace, new windows.",
    "Remodeled bathrooms with walk-in shower.",
    "Freshly renovated with hardwood floors.",
];
const TIRED: [&str; 3] = [
    "A fixer with good bones, sold as is.",
    "Bring your contractor and your ideas.",
    "Needs work; priced accordingly.",
];
const FINE: [&str; 3] =
    ["Move-in ready.", "Immaculate and well cared for.", "Every room has been kept in excellent condition."];
const FIREPLACE: [&str; 2] = ["Gas fireplace in the living room.", "A wood-burning fireplace for winter evenings."];
const YARD: [&str; 3] =
    ["Large fenced yard with mature trees.", "Garden with raised beds and a shed.", "Level yard with room to play."];
const ANYTHING: [&str; 10] = [
    "Close to the park and the bike path.",
    "Two blocks from the light rail.",
    "Quiet street, near cafes and shops.",
    "Open floor plan with high ceilings.",
    "Plenty of natural light.",
    "Laundry on the main floor.",
    "Storage room and extra parking.",
    "Home office with a separate entrance.",
    "Low monthly fees.",
    "Easy access to the highway.",
];

pub(super) fn remarks(rng: &mut Rng, home: &Home, place: &str) -> String {
    let mut text = String::with_capacity(400);
    let mut say = |sentence: &str| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    };
    say(one(rng, &OPENINGS));
    say(&format!("this {} bedroom {} in {place}.", home.bedrooms, TYPES[home.kind].0.to_lowercase()));
    let facts: [(bool, &[&str]); 6] = [
        (home.has_view, &VIEW),
        (home.has_pool, &POOL),
        (home.is_renovated, &RENOVATED),
        (home.condition <= 2.0, &TIRED),
        (home.condition >= 4.0, &FINE),
        (home.has_fireplace, &FIREPLACE),
    ];
    for (is_so, sentences) in facts {
        if is_so {
            say(one(rng, sentences));
        }
    }
    if home.has_yard {
        say(one(rng, &YARD));
    }
    if home.garage >= 2.0 {
        say(&format!("Garage for {} cars.", home.garage));
    }
    for _ in 0..=rng.below(3) {
        say(one(rng, &ANYTHING));
    }
    text
}

fn one<'a>(rng: &mut Rng, sentences: &[&'a str]) -> &'a str {
    rng.pick(sentences).copied().unwrap_or_default()
}
