//! What a namespace promises: one maker at a time, nothing from before a touch, nothing too old, nothing too much.

#![expect(clippy::disallowed_methods, reason = "a test waits for what it spawns")]

use std::{
    convert::Infallible,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use lintel_cache::{Cache, Policy, Tag, Tags};
use lintel_domain::clock::{Clock, SECOND, Time};

const POLICY: Policy =
    Policy { name: "test", fresh: 60 * SECOND, stale: 30 * SECOND, bytes: 1 << 20, entry_bytes: 1 << 10 };

struct World {
    cache: Cache<u32, u64>,
    tags: Tags,
    clock: Clock,
}

fn world() -> World {
    let (tags, clock) = (Tags::default(), Clock::manual(Time(1_700_000_000 * SECOND)));
    World { cache: Cache::new(POLICY, tags.clone(), clock.clone(), |_, _| 8), tags, clock }
}

impl World {
    /// What `key` gives when making it anew gives `value`.
    async fn ask(&self, key: u32, value: u64) -> u64 {
        let made: Result<u64, Infallible> = self.cache.get_or_load(&key, &[Tag::of(key)], async || Ok(value)).await;
        made.unwrap()
    }

    async fn ask_in_vain(&self, key: u32) -> Result<u64, &'static str> {
        self.cache.get_or_load(&key, &[Tag::of(key)], async || Err("in vain")).await
    }
}

#[tokio::test]
async fn an_answer_is_kept_until_it_is_too_old() {
    let world = world();
    assert_eq!(world.ask(1, 10).await, 10);
    assert_eq!(world.ask(1, 11).await, 10);
    world.clock.advance(POLICY.fresh / 2);
    assert_eq!(world.ask(1, 12).await, 10);
    world.clock.advance(POLICY.fresh / 2);
    assert_eq!(world.ask(1, 13).await, 13, "old enough for one caller to make it anew");
    world.clock.advance(POLICY.fresh + POLICY.stale);
    assert_eq!(world.ask(1, 14).await, 14);
    let stats = world.cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.entries), (2, 3, 1));
}

#[tokio::test]
async fn what_is_made_ahead_counts_as_nothing_that_was_asked_and_replaces_nothing_good() {
    let world = world();
    let fill = async |value: u64| {
        let make = async |missing: Vec<u32>| Ok::<_, Infallible>(missing.into_iter().map(|key| (key, value)).collect());
        world.cache.fill(&[1, 2], |key| [Tag::of(*key)], make).await.unwrap();
        world.cache.fill_one(&3, &[Tag::of(3_u32)], async || Ok::<_, Infallible>(value)).await.unwrap();
    };
    world.ask(1, 10).await;
    fill(20).await;
    world.tags.touch(Tag::of(2_u32));
    fill(30).await;
    let stats = world.cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.filled), (0, 1, 3));
    assert_eq!([world.ask(1, 99).await, world.ask(2, 99).await, world.ask(3, 99).await], [10, 30, 20]);
    world.tags.hears_until(world.clock.now());
    world.tags.touch_all();
    fill(40).await;
    world.tags.hears_until(Time(i64::MAX));
    assert_eq!(world.ask(3, 50).await, 50, "nothing is made ahead while changes are not heard of");
}

#[tokio::test]
async fn the_most_asked_for_are_told_first_and_what_is_too_old_is_not() {
    let world = world();
    for (key, times) in [(1, 2), (2, 5), (3, 1)] {
        for _ in 0..times {
            world.ask(key, 10).await;
        }
    }
    assert_eq!(world.cache.hottest(9), [2, 1, 3]);
    assert_eq!(world.cache.hottest(2), [2, 1]);
    world.clock.advance(POLICY.fresh + POLICY.stale);
    world.ask(3, 10).await;
    assert_eq!(world.cache.hottest(9), [3]);
}

#[tokio::test]
async fn a_touch_makes_answers_wrong_and_leaves_the_others() {
    let world = world();
    world.ask(1, 10).await;
    world.ask(2, 20).await;
    world.tags.touch(Tag::of(1_u32));
    assert_eq!(world.ask(1, 11).await, 11);
    assert_eq!(world.ask(2, 21).await, 20);
}

#[tokio::test]
async fn while_nothing_is_heard_of_changes_everything_is_made_anew_and_what_was_kept_stays() {
    let world = world();
    world.ask(1, 10).await;
    world.tags.hears_until(world.clock.now().plus(SECOND));
    assert_eq!(world.ask(1, 11).await, 10);
    world.clock.advance(SECOND);
    assert_eq!(world.ask(1, 12).await, 12);
    assert_eq!(world.ask(2, 20).await, 20);
    world.tags.touch(Tag::of(1_u32));
    world.tags.hears_until(world.clock.now().plus(SECOND));
    assert_eq!(world.ask(1, 13).await, 13, "it was heard of late that this one is wrong");
    assert_eq!(world.ask(2, 21).await, 21);
}

#[tokio::test]
async fn an_answer_that_was_begun_before_a_touch_is_given_to_nobody_who_asks_after_it() {
    let world = world();
    let tags = [Tag::of(1_u32)];
    let slow = world.cache.get_or_load(&1, &tags, async || {
        // It read the old value; then somebody writes, and is told that it is written.
        world.tags.touch(Tag::of(1_u32));
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(10)
    });
    let (slow, after) = tokio::join!(slow, world.ask(1, 11));
    assert_eq!((slow, after), (Ok(10), 11));
    assert_eq!(world.ask(1, 12).await, 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_four_hundred_callers_one_makes_the_answer() {
    let world = Arc::new(world());
    let made = Arc::new(AtomicU64::new(0));
    for round in 1..=3 {
        let callers: Vec<_> = (0..400)
            .map(|_| {
                let (world, made) = (Arc::clone(&world), Arc::clone(&made));
                tokio::spawn(async move {
                    let load = async || {
                        tokio::task::yield_now().await;
                        Ok::<_, Infallible>(made.fetch_add(1, Ordering::SeqCst))
                    };
                    world.cache.get_or_load(&1, &[Tag::of(1_u32)], load).await
                })
            })
            .collect();
        for caller in callers {
            assert!(caller.await.unwrap().unwrap() < round);
        }
        assert_eq!(made.load(Ordering::SeqCst), round);
        // The first time for want of an answer, then because it is old, then because it is too old.
        world.clock.advance(if round == 1 { POLICY.fresh } else { POLICY.fresh + POLICY.stale });
    }
}

#[tokio::test]
async fn a_maker_who_goes_away_leaves_its_place_to_the_next() {
    let world = world();
    let tags = [Tag::of(1_u32)];
    let gone = world.cache.get_or_load(&1, &tags, async || pending::<Result<u64, Infallible>>().await);
    let waits = async {
        tokio::task::yield_now().await;
        world.ask(1, 11).await
    };
    let raced = async {
        tokio::select! {
            biased;
            _ = gone => unreachable!("it never ends"),
            () = async { for _ in 0..8 { tokio::task::yield_now().await } } => {}
        }
    };
    assert_eq!(tokio::join!(raced, waits).1, 11);
}

#[tokio::test]
async fn an_error_is_not_kept_and_an_old_answer_stands_in_for_it_as_long_as_it_may() {
    let world = world();
    assert_eq!(world.ask_in_vain(1).await, Err("in vain"));
    assert_eq!(world.ask(1, 10).await, 10);
    world.clock.advance(POLICY.fresh);
    assert_eq!(world.ask_in_vain(1).await, Ok(10));
    assert_eq!(world.ask(1, 11).await, 11);
    world.clock.advance(POLICY.fresh + POLICY.stale);
    assert_eq!(world.ask_in_vain(1).await, Err("in vain"));
}

#[tokio::test]
async fn of_many_only_those_that_are_not_kept_are_made_and_what_is_not_there_is_left_out() {
    let world = world();
    world.ask(2, 20).await;
    world.ask(3, 30).await;
    world.tags.touch(Tag::of(3_u32));
    let load = async |missing: Vec<u32>| {
        assert_eq!(missing, [1, 3, 4]);
        Ok::<_, Infallible>(vec![(3, 31), (1, 11)])
    };
    let found = world.cache.get_many_or_load(&[1, 2, 3, 4], |key| [Tag::of(key)], load).await;
    assert_eq!(found.unwrap(), [Some(11), Some(20), Some(31), None]);
    assert_eq!(world.ask(1, 12).await, 11);
}

#[tokio::test]
async fn no_more_is_held_than_there_is_room_for() {
    let (tags, clock) = (Tags::default(), Clock::manual(Time(0)));
    let cache: Cache<u32, Arc<[u8]>> = Cache::new(POLICY, tags, clock, |_, value| value.len());
    for key in 0..10_000 {
        let made = cache.get_or_load(&key, &[], async || Ok::<_, Infallible>(vec![0; 1000].into())).await;
        assert_eq!(made.unwrap().len(), 1000);
    }
    let stats = cache.stats();
    assert!(stats.bytes <= POLICY.bytes, "{stats:?}");
    assert!(stats.entries > 500 && stats.evicted > 8000, "{stats:?}");
}

/// A writer that says when it has written, and readers who ask after that, on four threads at once: whoever was told of a
/// write never reads from before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_was_told_of_a_write_reads_it() {
    let world = Arc::new(world());
    let (stored, told) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (world, stored, told) = (Arc::clone(&world), Arc::clone(&stored), Arc::clone(&told));
            tokio::spawn(async move {
                let mut read = 0;
                while read < 2000 {
                    let at_least = told.load(Ordering::SeqCst);
                    let load = async || {
                        let value = stored.load(Ordering::SeqCst);
                        tokio::task::yield_now().await;
                        Ok::<_, Infallible>(value)
                    };
                    read = world.cache.get_or_load(&1, &[Tag::of(1_u32)], load).await.unwrap();
                    assert!(read >= at_least, "{read} was read after {at_least} had been told");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for value in 1..=2000 {
        stored.store(value, Ordering::SeqCst);
        world.tags.touch(Tag::of(1_u32));
        told.store(value, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
