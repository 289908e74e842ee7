//! The searches of one district and word.

use super::buckets::{AXES, Answers, Ask, Asked};

/// With fewer searches each is asked itself.
const FEW: usize = 128;
/// Places in one word of bits, and words in one block: a line of the processor's cache.
const WORD: usize = u64::BITS as usize;
const WORDS: usize = 8;
/// A place without a search.
const EMPTY: u32 = u32::MAX;

/// A bit for each place; what is behind the end is clear.
type Bits = Vec<Block>;
type Block = [u64; WORDS];

/// Searches by place; once there are many, also columns of bits by what they ask for.
#[derive(Debug, Default)]
pub(super) struct Drawer {
    /// The slots of the searches.
    slots: Vec<u32>,
    /// Places without a search. None of their bits is set.
    free: Vec<u32>,
    columns: Option<Box<Columns>>,
}

#[derive(Debug, Default)]
struct Columns {
    axes: [Axis; AXES],
    /// Who asks for more than the axes say: an area or words.
    more: Bits,
}

/// One condition of the searches of a drawer.
#[derive(Debug, Default)]
struct Axis {
    /// Who takes everything.
    open: Bits,
    /// Who asks for each bucket.
    buckets: Vec<Bucket>,
}

/// The searches that ask for a bucket.
#[derive(Debug, Default)]
struct Bucket {
    all: Bits,
    /// Those of them to which not everything in it may pass.
    doubtful: Bits,
}

/// What is left to ask of a search that may find a listing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubt {
    /// Whether its values pass.
    pub(super) values: bool,
    /// Whether its place and words do.
    pub(super) rest: bool,
}

impl Drawer {
    /// Adds a search and gives its place. `asked` says what each search of the drawer asks for, the new one too.
    pub(super) fn put(&mut self, slot: u32, asked: impl Fn(u32) -> Asked) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(EMPTY);
            self.slots.len() as u32 - 1
        });
        self.slots[place as usize] = slot;
        if let Some(columns) = &mut self.columns {
            columns.mark(place, &asked(slot), true);
        } else if self.slots.len() >= FEW {
            let columns = self.columns.insert(Box::default());
            for (place, slot) in (0..).zip(&self.slots).filter(|(_, slot)| **slot != EMPTY) {
                columns.mark(place, &asked(*slot), true);
            }
        }
        place
    }

    /// Takes out the search at a place, which asks for this.
    pub(super) fn remove(&mut self, place: u32, asked: &Asked) {
        if let Some(columns) = &mut self.columns {
            columns.mark(place, asked, false);
        }
        self.slots[place as usize] = EMPTY;
        self.free.push(place);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    /// Calls `f` with the slots of the searches that may find a listing: all that do, and a few more.
    pub(super) fn each(&self, answers: &Answers, mut f: impl FnMut(u32, Doubt)) {
        let Some(columns) = &self.columns else {
            let slots = self.slots.iter().filter(|slot| **slot != EMPTY);
            slots.for_each(|slot| f(*slot, Doubt { values: true, rest: true }));
            return;
        };
        let asking = std::array::from_fn(|axis| columns.axes[axis].asking(answers.buckets()[axis]));
        for (number, slots) in self.slots.chunks(WORD * WORDS).enumerate() {
            let (mut passing, mut doubtful) = ([u64::MAX; WORDS], [answers.doubt(); WORDS]);
            for Asking { open, all, doubtful: some } in &asking as &[Asking<'_>; AXES] {
                let (open, all, some) = (block(open, number), block(all, number), block(some, number));
                for at in 0..WORDS {
                    passing[at] &= open[at] | all[at];
                    doubtful[at] |= some[at];
                }
            }
            let more = block(&columns.more, number);
            for (at, mut left) in passing.into_iter().enumerate() {
                while left != 0 {
                    let bit = left.trailing_zeros();
                    let is_set = |word: u64| word >> bit & 1 == 1;
                    f(slots[at * WORD + bit as usize], Doubt { values: is_set(doubtful[at]), rest: is_set(more[at]) });
                    left &= left - 1;
                }
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        (self.slots.capacity() + self.free.capacity()) * 4
            + self.columns.as_ref().map_or(0, |columns| columns.memory_bytes())
    }
}

/// The searches that may find what is in a bucket.
#[derive(Clone, Copy, Debug)]
struct Asking<'a> {
    open: &'a [Block],
    all: &'a [Block],
    doubtful: &'a [Block],
}

impl Axis {
    fn asking(&self, bucket: Option<u32>) -> Asking<'_> {
        let bucket = bucket.and_then(|bucket| self.buckets.get(bucket as usize));
        let [all, doubtful] = bucket.map_or([&[][..]; 2], |bucket| [&bucket.all, &bucket.doubtful]);
        Asking { open: &self.open, all, doubtful }
    }
}

impl Columns {
    /// Sets or clears the bits of a place.
    fn mark(&mut self, place: u32, asked: &Asked, to: bool) {
        if asked.more {
            mark(&mut self.more, place, to);
        }
        for (axis, ask) in self.axes.iter_mut().zip(asked.axes) {
            let Some(Ask { all, doubtful }) = ask else {
                mark(&mut axis.open, place, to);
                continue;
            };
            let mut left = all;
            while left != 0 {
                let number = left.trailing_zeros() as usize;
                if axis.buckets.len() <= number {
                    axis.buckets.resize_with(number + 1, Bucket::default);
                }
                mark(&mut axis.buckets[number].all, place, to);
                if doubtful >> number & 1 == 1 {
                    mark(&mut axis.buckets[number].doubtful, place, to);
                }
                left &= left - 1;
            }
        }
    }

    fn memory_bytes(&self) -> usize {
        let bytes = |bits: &Bits| bits.capacity() * size_of::<Block>();
        let axes = self.axes.iter().map(|axis| {
            let buckets = axis.buckets.iter().map(|bucket| bytes(&bucket.all) + bytes(&bucket.doubtful));
            bytes(&axis.open) + axis.buckets.capacity() * size_of::<Bucket>() + buckets.sum::<usize>()
        });
        size_of::<Self>() + bytes(&self.more) + axes.sum::<usize>()
    }
}

#[inline]
fn block(bits: &[Block], number: usize) -> &Block {
    const CLEAR: Block = [0; WORDS];
    bits.get(number).unwrap_or(&CLEAR)
}

fn mark(bits: &mut Bits, place: u32, to: bool) {
    let (word, bit) = (place as usize / WORD, 1 << (place as usize % WORD));
    if bits.len() <= word / WORDS {
        bits.resize(word / WORDS + 1, [0; WORDS]);
    }
    let word = &mut bits[word / WORDS][word % WORDS];
    if to {
        *word |= bit;
    } else {
        *word &= !bit;
    }
}
