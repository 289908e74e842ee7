//! What two processes that share a second tier promise: what one has made the other gives, nothing from before a change that
//! was heard of, and without Redis everything as if there were none.

#![expect(clippy::disallowed_methods, reason = "a test waits for what it spawns")]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use lintel_cache::{Cache, Place, Policy, Reach, Redis, Second, SecondStats, Tag, Tags};
use lintel_domain::{
    clock::{Clock, SECOND, Time},
    rng::Rng,
};
use lintel_testkit::redis::{Own, WATCHED};
use tokio_util::sync::CancellationToken;

const POLICY: Policy = Policy { name: "test", fresh: 600 * SECOND, stale: 0, bytes: 1 << 20, entry_bytes: 1 << 10 };

/// A process: what it keeps, what it has heard, and its connection.
struct Node {
    cache: Cache<u32, u64>,
    tags: Tags,
    clock: Clock,
    redis: Redis,
    stop: CancellationToken,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Node {
    /// One that has heard nothing of what came before place 1.
    fn new(url: &str, seed: u64) -> Self {
        let (tags, clock) = (Tags::in_order(), Clock::manual(Time(1_700_000_000 * SECOND)));
        tags.history().unwrap().begins_at(Place(1));
        let redis = Redis::new(url, "1", seed).unwrap();
        redis.scope(Some("test"));
        let pack = |value: &u64| Bytes::from(value.to_string());
        let unpack = |bytes: Bytes| std::str::from_utf8(&bytes).unwrap().parse().unwrap();
        let second = Second::new(redis.clone(), |key: &u32| format!("tenant:{key}"), pack, unpack);
        let cache = Cache::new(POLICY, tags.clone(), clock.clone(), |_, _| 8).with_second(Some(second));
        let stop = CancellationToken::new();
        let (running, stopped) = (redis.clone(), stop.clone());
        tokio::spawn(async move { running.run(stopped).await });
        Self { cache, tags, clock, redis, stop }
    }

    async fn connected(url: &str, seed: u64) -> Self {
        let node = Self::new(url, seed);
        node.is_here(true).await;
        node
    }

    async fn is_here(&self, here: bool) {
        until("the connection", || self.redis.is_away() != here).await;
    }

    /// What `key` gives when making it anew gives `value`.
    async fn ask(&self, key: u32, value: u64) -> u64 {
        let load = async || Ok::<_, Infallible>(value);
        self.cache.get_or_load_within(|| Reach::Everywhere, &key, &[Tag::of(key)], load).await.unwrap()
    }

    /// Asks, and waits until what was made is in Redis; once more when it did not get there.
    async fn ask_and_keep(&self, key: u32, value: u64) -> u64 {
        loop {
            let (before, begun) = (self.stats().kept, Instant::now());
            let answer = self.ask(key, value).await;
            while begun.elapsed() < Duration::from_secs(1) {
                if self.stats().kept > before {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.is_here(true).await;
            self.tags.forget(Tag::of(key));
        }
    }

    /// Hears of a change to `key` from the log, and takes it in.
    fn hear(&self, key: u32, place: Place) {
        self.tags.touch_at(Tag::of(key), place);
        self.tags.history().unwrap().reached(place);
    }

    fn stats(&self) -> SecondStats {
        self.cache.second_stats().unwrap()
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}: not within ten seconds");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn two(own: &Own) -> (Node, Node) {
    (Node::connected(&own.url(), 1).await, Node::connected(&own.url(), 2).await)
}

#[tokio::test]
async fn the_server_is_found_again_where_sentinels_put_it() {
    let Some(first) = Own::start() else { return };
    let second = first.replica();
    until("the copy", || second.ask(&["INFO", "replication"]).contains("master_link_status:up")).await;
    let sentinel = first.sentinel();
    until("the sentinel", || sentinel.ask(&["SENTINEL", "REPLICAS", WATCHED]).starts_with("*1")).await;
    let (one, other) = two(&sentinel).await;
    assert_eq!(one.ask_and_keep(1, 10).await, 10);
    assert_eq!(other.ask(1, 11).await, 10);
    let nodes = [&one, &other].map(|node| (node, node.redis.stats().tries));
    first.kill();
    for (node, tries) in nodes {
        until("another connection", || node.redis.stats().tries > tries && node.redis.stats().here).await;
    }
    assert_eq!(one.ask_and_keep(2, 20).await, 20);
    assert_eq!(other.ask(2, 21).await, 20);
}

#[tokio::test]
async fn what_one_has_made_the_other_gives_until_it_hears_of_a_change() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    assert_eq!(a.ask_and_keep(1, 10).await, 10);
    assert_eq!(b.ask(1, 11).await, 10);
    assert_eq!((b.stats().hits, b.cache.stats().misses), (1, 0));
    assert_eq!(b.ask(1, 12).await, 10, "kept in memory now");
    assert_eq!(b.stats().hits, 1);
    b.hear(1, Place(2));
    assert_eq!(b.ask(1, 13).await, 13);
    a.hear(1, Place(2));
    until("it is kept", || b.stats().kept == 1).await;
    assert_eq!(a.ask(1, 14).await, 13);
}

#[tokio::test]
async fn who_has_heard_of_less_gives_what_is_newer_and_who_has_heard_of_more_does_not_give_what_is_older() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    a.hear(1, Place(2));
    assert_eq!(a.ask_and_keep(1, 10).await, 10);
    assert_eq!(b.ask(1, 11).await, 10, "newer than anything it has heard of");
    b.hear(2, Place(3));
    assert_eq!(b.ask_and_keep(2, 20).await, 20);
    a.tags.touch_at(Tag::of(2_u32), Place(4));
    assert_eq!(a.ask(2, 21).await, 21, "heard of, not taken in");
    assert_eq!(a.stats().wrong, 1);
    a.tags.forget(Tag::of(2_u32));
    a.tags.history().unwrap().reached(Place(4));
    b.tags.forget_all();
    assert_eq!(b.ask(2, 22).await, 20, "what was made from what was not taken in is not kept for others");
}

#[tokio::test]
async fn whoever_writes_reads_what_it_wrote_though_others_keep_what_was_before() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    assert_eq!(b.ask_and_keep(1, 10).await, 10);
    a.tags.touch(Tag::of(1_u32));
    assert_eq!(a.ask(1, 11).await, 11);
    let changes = a.tags.history().unwrap().changes();
    a.hear(1, Place(2));
    a.tags.history().unwrap().placed(changes);
    assert_eq!(a.ask_and_keep(1, 12).await, 12);
    assert_eq!(b.ask(1, 13).await, 10, "has not heard of it yet: in memory");
    b.hear(1, Place(2));
    assert_eq!(b.ask(1, 14).await, 12);
}

/// The refill race: an answer is begun, then something changes, then the answer is kept.
#[tokio::test]
async fn an_answer_that_was_begun_before_a_change_is_given_to_nobody_who_has_heard_of_it() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    for round in 0..500_u32 {
        let (key, place) = (round, Place(10 + u128::from(round)));
        // Every other time whoever makes it hears of the change, too, and does not keep it.
        let hears = round % 2 == 0;
        let before = a.stats().kept;
        let load = async || {
            b.hear(key, place);
            if hears {
                a.tags.touch_at(Tag::of(key), place);
            }
            Ok::<_, Infallible>(1)
        };
        a.cache.get_or_load_within(|| Reach::Everywhere, &key, &[Tag::of(key)], load).await.unwrap();
        if !hears {
            until("it is kept", || a.stats().kept > before).await;
        }
        assert_eq!(b.ask(key, 2).await, 2, "{round}");
        a.hear(key, place);
    }
    assert_eq!((b.stats().wrong, b.stats().hits), (250, 0));
}

#[tokio::test]
async fn nothing_is_shared_of_another_scope_or_with_this_process_alone_or_while_parts_are_behind() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    b.redis.scope(Some("another"));
    assert_eq!(a.ask_and_keep(1, 10).await, 10);
    assert_eq!(b.ask(1, 11).await, 11);
    b.redis.scope(None);
    assert_eq!(b.ask(2, 20).await, 20);
    assert_eq!(b.stats().misses, 1);
    let here = a.cache.get_or_load(&3, &[Tag::of(3_u32)], async || Ok::<_, Infallible>(30)).await;
    assert_eq!(here, Ok(30));
    let settling = a.tags.settle();
    assert_eq!(a.ask(4, 40).await, 40);
    drop(settling);
    assert_eq!(a.ask_and_keep(5, 50).await, 50);
    b.redis.scope(Some("test"));
    assert_eq!((b.ask(3, 31).await, b.ask(4, 41).await, b.ask(5, 51).await), (31, 41, 50));
}

#[tokio::test]
async fn answers_end_with_their_time_in_redis_too_and_are_not_given_when_they_are_too_old() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    a.ask_and_keep(1, 10).await;
    let key = "lintel:1:test:test:tenant:1";
    let left = own.ask(&["PTTL", key]);
    let left: i64 = left.trim_start_matches(':').lines().next().unwrap().parse().unwrap();
    assert!((1..=POLICY.fresh / 1000).contains(&left), "{left}");
    b.clock.advance(POLICY.fresh);
    assert_eq!(b.ask(1, 11).await, 11);
    assert_eq!(b.stats().wrong, 1);
    own.ask(&["SET", "lintel:1:test:test:tenant:7", "something else"]);
    assert_eq!(b.ask(7, 70).await, 70);
}

#[tokio::test]
async fn of_two_processes_that_need_an_answer_at_once_one_makes_it() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    let made = AtomicU64::new(0);
    let load = async || {
        made.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok::<_, Infallible>(10)
    };
    let tag = [Tag::of(1_u32)];
    let (one, other) = tokio::join!(
        a.cache.get_or_load_within(|| Reach::Everywhere, &1, &tag, load),
        b.cache.get_or_load_within(|| Reach::Everywhere, &1, &tag, load),
    );
    assert_eq!((one, other, made.load(Ordering::SeqCst)), (Ok(10), Ok(10), 1));
    assert_eq!(a.stats().joined + b.stats().joined, 1);
    // Who takes too long is not waited for.
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok::<_, Infallible>(20)
    };
    let begun = Instant::now();
    let quick = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = b.ask(2, 21).await;
        (answer, begun.elapsed())
    };
    let tag = [Tag::of(2_u32)];
    let (_, (answer, took)) = tokio::join!(a.cache.get_or_load_within(|| Reach::Everywhere, &2, &tag, slow), quick);
    assert!(answer == 21 && took < Duration::from_millis(300), "{answer} {took:?}");
}

/// Asks for new answers at an even pace; how long each took, longest last.
async fn load(node: &Arc<Node>, first: u32, seconds: u32) -> Vec<Duration> {
    let asked: Vec<_> = (0..seconds * 100)
        .map(|n| {
            let node = Arc::clone(node);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(10) * n).await;
                let begun = Instant::now();
                assert_eq!(node.ask(first + n, 1).await, 1);
                begun.elapsed()
            })
        })
        .collect();
    let mut took = Vec::new();
    for one in asked {
        took.push(one.await.unwrap());
    }
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_frozen_or_killed_answers_are_made_in_time_and_it_is_asked_seldom() {
    let Some(own) = Own::start() else { return };
    let node = Arc::new(Node::connected(&own.url(), 3).await);
    for (round, [away, back]) in [[Own::freeze, Own::thaw], [Own::kill, Own::restart]].into_iter().enumerate() {
        let before = node.redis.stats();
        away(&own);
        let took = load(&node, round as u32 * 1_000_000, 4).await;
        let stats = node.redis.stats();
        let (p99, most) = (took[took.len() * 99 / 100], took[took.len() - 1]);
        println!("{round}: p50 {:?} p99 {p99:?} most {most:?}, {before:?} {stats:?}", took[took.len() / 2]);
        assert!(p99 <= Duration::from_millis(250), "{p99:?}");
        assert!(node.redis.is_away());
        assert!(stats.tries - before.tries <= 20 && stats.failures - before.failures <= 30, "{before:?} {stats:?}");
        back(&own);
        node.is_here(true).await;
        node.ask_and_keep(round as u32 * 1_000_000 + 500_000, 1).await;
    }
}

#[tokio::test]
async fn changes_that_were_made_while_redis_was_away_are_not_undone_when_it_comes_back() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    for (key, frozen) in [(1, true), (2, false)] {
        a.ask_and_keep(key, 10).await;
        if frozen {
            own.freeze();
        } else {
            own.kill();
        }
        b.hear(key, Place(10 + u128::from(key)));
        a.hear(key, Place(10 + u128::from(key)));
        assert_eq!((a.ask(key, 11).await, b.ask(key, 12).await), (11, 12));
        if frozen {
            own.thaw();
        } else {
            own.restart();
        }
        a.is_here(true).await;
        b.is_here(true).await;
        // What each keeps in memory goes, what was in Redis is from before the change, or gone.
        a.tags.forget_all();
        b.tags.forget_all();
        assert_eq!(a.ask_and_keep(key, 13).await, 13);
        assert_eq!(b.ask(key, 14).await, 13);
    }
}

/// Two processes that read one log at their own speed, a writer in each, and Redis that is killed and frozen meanwhile: nobody
/// reads from before what they have heard of or written themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_reads_from_before_what_they_have_heard_of() {
    let Some(own) = Own::start() else { return };
    let (a, b) = two(&own).await;
    let nodes = [Arc::new(a), Arc::new(b)];
    // The log is a counter: the change at place n makes every value n.
    let log = Arc::new(AtomicU64::new(1));
    let ended = CancellationToken::new();
    let mut tasks = Vec::new();
    for (seed, node) in nodes.iter().enumerate() {
        let heard = Arc::new(AtomicU64::new(1));
        for reader in 0..4_u64 {
            let (node, log, heard, ended) = (Arc::clone(node), Arc::clone(&log), Arc::clone(&heard), ended.clone());
            tasks.push(tokio::spawn(async move {
                let mut rng = Rng::new(seed as u64 * 100 + reader);
                while !ended.is_cancelled() {
                    let key = rng.below(2) as u32;
                    let at_least = heard.load(Ordering::SeqCst);
                    let make = async || {
                        let value = log.load(Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_micros(200)).await;
                        Ok::<_, Infallible>(value)
                    };
                    let tags = [Tag::of("all"), Tag::of(key)];
                    let read = node.cache.get_or_load_within(|| Reach::Everywhere, &key, &tags, make).await.unwrap();
                    assert!(read >= at_least, "{read} was read after {at_least} was heard of");
                    tokio::time::sleep(Duration::from_micros(100)).await;
                }
            }));
        }
        let (node, log, ended) = (Arc::clone(node), Arc::clone(&log), ended.clone());
        tasks.push(tokio::spawn(async move {
            let (mut rng, history) = (Rng::new(seed as u64 + 7), node.tags.history().unwrap());
            while !ended.is_cancelled() {
                tokio::time::sleep(Duration::from_micros(rng.below(20_000))).await;
                if rng.chance(0.3) {
                    // A write of its own: committed, touched, told; its place comes by the log.
                    let own = log.fetch_add(1, Ordering::SeqCst) + 1;
                    node.tags.touch(Tag::of("all"));
                    heard.fetch_max(own, Ordering::SeqCst);
                }
                let changes = history.changes();
                let to = log.load(Ordering::SeqCst);
                node.tags.touch_at(Tag::of("all"), Place(u128::from(to)));
                tokio::task::yield_now().await;
                node.tags.touch_at(Tag::of("all"), Place(u128::from(to)));
                history.reached(Place(u128::from(to)));
                history.placed(changes);
                heard.fetch_max(to, Ordering::SeqCst);
            }
        }));
    }
    for round in 0..6 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        match round {
            1 => own.freeze(),
            2 => own.thaw(),
            4 => own.restart(),
            _ => {}
        }
    }
    ended.cancel();
    for task in tasks {
        task.await.unwrap();
    }
    let hits: u64 = nodes.iter().map(|node| node.stats().hits + node.stats().joined).sum();
    assert!(hits > 20, "the second tier was used: {:?} {:?}", nodes[0].stats(), nodes[1].stats());
}
