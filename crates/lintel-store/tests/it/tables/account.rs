//! Tenants, the people and programs that act for them, and what they set up.

use lintel_domain::{
    clock::{DAY, SECOND},
    id::{ApiKeyId, UserId},
    market::{Market, MarketSlug},
    money::Currency,
    scope::{Actor, Role},
};
use lintel_store::{Result, audit::NewAudit};

use super::set_up;
use crate::backend::{START, tenant};

on_each_backend! {
    async fn a_slug_belongs_to_the_first_tenant_that_takes_it(backend) {
        let first = set_up(&backend, 1).await;
        let again = backend
            .write(move |tx| tx.tenant_ensure(tenant(2), "tenant-1", "Another", b"another secret", START))
            .await
            .unwrap();
        assert_eq!(again, first);
        let kept = backend.tenant_by_slug("tenant-1").await.unwrap().unwrap();
        assert_eq!((kept.id, kept.name.as_str()), (first, "A tenant"));
        assert_eq!(kept.erasure_key, 1u128.to_be_bytes());
        assert_eq!(backend.tenant_get(first).await.unwrap(), Some(kept));
        assert_eq!(backend.tenant_get(tenant(2)).await.unwrap(), None);
        assert!(!format!("{:?}", backend.tenant_get(first).await).contains("erasure_key"), "secrets are not told");
        assert_eq!(backend.tenant_by_slug("tenant-2").await.unwrap(), None);
    }

    async fn an_address_signs_in_once_per_tenant(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let create = async |tenant, id| {
            let write = backend.write(move |tx| {
                tx.user_create(tenant, id, "a@example.org", Some("hash"), Role::Agent, START)
            });
            write.await.unwrap()
        };
        let [first, second, third] = [1, 2, 3].map(|_| UserId(backend.id()));
        assert!(create(one, first).await);
        assert!(!create(one, second).await, "the address is taken");
        assert!(create(two, third).await, "but not in another tenant");
        let user = backend.user_by_email(one, "a@example.org").await.unwrap().unwrap();
        assert_eq!((user.id, user.role, user.password_hash.as_deref()), (first, Role::Agent, Some("hash")));
        assert_eq!(backend.users(one, None, 10).await.unwrap(), [user]);
        assert_eq!(backend.users(one, Some(first), 10).await.unwrap(), []);
        assert!(!format!("{:?}", backend.user_get(one, first).await).contains("hash"), "secrets are not told");
        assert_eq!(backend.user_get(two, first).await.unwrap(), None);
        assert!(!backend.write(move |tx| tx.user_disable(two, first, START)).await.unwrap());
        assert!(backend.write(move |tx| tx.user_disable(one, first, START)).await.unwrap());
        assert!(!backend.write(move |tx| tx.user_disable(one, first, START)).await.unwrap(), "it was so already");
        assert_eq!(backend.user_get(one, first).await.unwrap().unwrap().disabled_at, Some(START));
    }

    async fn a_session_lives_until_it_is_ended_or_over(backend) {
        let one = set_up(&backend, 1).await;
        let user = UserId(backend.id());
        backend
            .write(move |tx| -> Result<()> {
                tx.user_create(one, user, "a@example.org", None, Role::Admin, START)?;
                for (token, days) in [(b"first", 1), (b"other", 3), (b"third", 5)] {
                    tx.session_create(one, user, token, START, START.plus(days * DAY))?;
                }
                Ok(())
            })
            .await
            .unwrap();
        let session = backend.session_by_hash(b"first").await.unwrap().unwrap();
        assert_eq!((session.tenant, session.user, session.role), (one, user, Role::Admin));
        assert_eq!((session.expires_at, session.disabled_at), (START.plus(DAY), None));
        assert_eq!(backend.session_by_hash(b"nobody").await.unwrap(), None);
        assert_eq!(backend.write(|tx| tx.sessions_forget(START.plus(DAY))).await.unwrap(), 1);
        assert_eq!(backend.session_by_hash(b"first").await.unwrap(), None);
        assert!(backend.write(|tx| tx.session_delete(b"other")).await.unwrap());
        assert!(!backend.write(|tx| tx.session_delete(b"other")).await.unwrap());
        backend.write(move |tx| tx.user_disable(one, user, START)).await.unwrap();
        assert_eq!(backend.session_by_hash(b"third").await.unwrap().unwrap().disabled_at, Some(START));
        assert_eq!(backend.write(move |tx| tx.sessions_delete_of_user(one, user)).await.unwrap(), 1);
        assert_eq!(backend.session_by_hash(b"third").await.unwrap(), None);
    }

    async fn a_key_is_found_by_its_hash_and_says_when_it_was_taken_back(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let keys: Vec<ApiKeyId> = (0..5).map(|_| ApiKeyId(backend.id())).collect();
        let (id, made) = (keys[0], keys.clone());
        backend
            .write(move |tx| {
                made.iter().enumerate().try_for_each(|(n, key)| {
                    tx.api_key_create(one, *key, &[n as u8; 32], &format!("key {n}"), Role::ReadOnly, START)
                })
            })
            .await
            .unwrap();
        let twice = backend
            .write(move |tx| tx.api_key_create(two, ApiKeyId(uuid::Uuid::nil()), &[0; 32], "x", Role::Owner, START))
            .await;
        assert!(twice.unwrap_err().is_unique(), "no two keys have one hash");
        let key = backend.api_key_by_hash(&[0; 32]).await.unwrap().unwrap();
        assert_eq!((key.tenant, key.id, key.role, key.name.as_str()), (one, id, Role::ReadOnly, "key 0"));
        assert!(!backend.write(move |tx| tx.api_key_revoke(two, id, START)).await.unwrap());
        assert!(backend.write(move |tx| tx.api_key_revoke(one, id, START)).await.unwrap());
        backend.write(move |tx| tx.api_key_used(one, id, START.plus(SECOND))).await.unwrap();
        let key = backend.api_key_by_hash(&[0; 32]).await.unwrap().unwrap();
        assert_eq!((key.revoked_at, key.last_used_at), (Some(START), Some(START.plus(SECOND))));
        let (mut listed, mut after) = (Vec::new(), None);
        while let Some(last) = backend.api_keys(one, after, 2).await.unwrap().last() {
            listed.extend(backend.api_keys(one, after, 2).await.unwrap().into_iter().map(|key| key.id));
            after = Some(last.id);
        }
        let mut made = keys;
        made.sort_unstable();
        assert_eq!(listed, made);
    }

    async fn markets_of_two_tenants_may_have_one_name(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let long: MarketSlug = "x".repeat(64).parse().unwrap();
        for slug in ["south", "default", "a_b", "a-b"].map(str::to_owned).into_iter().chain([long.to_string()]) {
            for tenant in [one, two] {
                let market = Market {
                    tenant,
                    slug: slug.parse().unwrap(),
                    name: "M".to_owned(),
                    currency: Currency::parse("EUR").unwrap(),
                    created_at: START,
                };
                let ensure = || {
                    let market = market.clone();
                    backend.write(move |tx| tx.market_ensure(&market))
                };
                assert!(ensure().await.unwrap());
                assert!(!ensure().await.unwrap());
                assert_eq!(backend.market_get(tenant, &market.slug).await.unwrap(), Some(market));
            }
        }
        let slugs: Vec<String> = backend.markets(one).await.unwrap().iter().map(|m| m.slug.to_string()).collect();
        assert_eq!(slugs, ["a-b", "a_b", "default", "north-side", "south", long.as_str()]);
        assert_eq!(backend.markets_of_all_tenants().await.unwrap().len(), 12);
        assert_eq!(backend.market_get(one, &"west".parse().unwrap()).await.unwrap(), None);
    }

    async fn the_audit_log_is_read_newest_first_without_a_hole(backend) {
        let one = set_up(&backend, 1).await;
        let acts: Vec<NewAudit> = (0..23i64)
            .map(|n| NewAudit {
                id: backend.id(),
                // Several of one moment.
                at: START.plus(n / 4),
                actor: [
                    Actor::System,
                    Actor::User(UserId(uuid::Uuid::from_u128(5))),
                    Actor::Key(ApiKeyId(uuid::Uuid::from_u128(6))),
                ][n as usize % 3],
                action: "key.create".to_owned(),
                subject: format!("subject {n}"),
                detail: serde_json::json!({ "n": n, "text": "ü\"" }),
            })
            .collect();
        let noted = acts.clone();
        backend.write(move |tx| noted.iter().try_for_each(|act| tx.audit(one, act))).await.unwrap();
        let mut expected = acts;
        expected.sort_by_key(|act| std::cmp::Reverse((act.at, act.id)));
        let (mut read, mut before) = (Vec::new(), None);
        loop {
            let page = backend.audit_page(one, before, 5).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some((last.at, last.id));
            read.extend(page);
        }
        assert_eq!(read, expected);
    }
}
