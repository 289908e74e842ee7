//! Notifications: each user's own, the newest of them, read one by one or all up to one.

use lintel_domain::{
    id::{LeadId, NotificationId, UserId},
    notification::{Notification, NotificationKind},
};
use lintel_store::{notification::KEPT, params};
use uuid::Uuid;

use super::{lead_of, set_up};
use crate::{
    backend::{Backend, START},
    plan::{examines, settle},
};

fn notification(backend: &Backend, user: UserId, lead: Option<LeadId>) -> Notification {
    Notification {
        id: NotificationId(backend.id()),
        user,
        kind: NotificationKind::LeadAssigned,
        lead,
        subject: Some(Uuid::from_u128(7)),
        text: Some("a lead".to_owned()),
        created_at: START,
        read_at: None,
    }
}

on_each_backend! {
    async fn a_user_reads_their_own_and_nobody_elses(backend) {
        let one = set_up(&backend, 1).await;
        let [ann, bob] = [UserId(backend.id()), UserId(backend.id())];
        let lead = lead_of(&backend, one, "a").await;
        let new: Vec<Notification> =
            [(ann, Some(lead)), (bob, None), (ann, None), (ann, None)].map(|(user, lead)| notification(&backend, user, lead)).into();
        let stored = new.clone();
        backend.write(move |tx| tx.notifications_add(one, &stored)).await.unwrap();
        let all = backend.notifications(one, ann, false, None, 9).await.unwrap();
        assert_eq!(all, [new[3].clone(), new[2].clone(), new[0].clone()]);
        assert_eq!(backend.notifications(one, ann, false, Some(new[3].id), 1).await.unwrap(), [new[2].clone()]);
        let (mine, theirs) = (new[2].id, new[1].id);
        backend.write(move |tx| tx.notifications_read(one, ann, &[mine, theirs], START)).await.unwrap();
        let unread = async |user| backend.notifications_unread(one, user).await.unwrap();
        assert_eq!((unread(ann).await, unread(bob).await), (2, 1));
        assert_eq!(backend.notifications(one, ann, true, None, 9).await.unwrap(), [new[3].clone(), new[0].clone()]);
        let first = new[0].id;
        backend.write(move |tx| tx.notifications_read_up_to(one, ann, first, START)).await.unwrap();
        assert_eq!(unread(ann).await, 1);
        assert_eq!(backend.write(move |tx| tx.lead_erase(one, lead, START)).await.unwrap(), [lead]);
        assert_eq!(backend.notifications(one, ann, false, None, 9).await.unwrap().len(), 2, "it goes with the person");
        let late = notification(&backend, ann, Some(lead));
        backend.write(move |tx| tx.notifications_add(one, std::slice::from_ref(&late))).await.unwrap();
        assert_eq!(backend.notifications(one, ann, false, None, 9).await.unwrap().len(), 2, "and nothing of them comes late");
    }

    async fn the_newest_of_each_user_are_kept(backend) {
        let one = set_up(&backend, 1).await;
        let [ann, bob] = [UserId(backend.id()), UserId(backend.id())];
        let kept = KEPT as usize;
        let mut new = vec![notification(&backend, bob, None)];
        new.extend((0..kept + 20).map(|_| notification(&backend, ann, None)));
        // Ids of one millisecond are in no order.
        new.sort_by_key(|one| one.id);
        let last: Vec<_> = new.iter().rev().filter(|one| one.user == ann).take(kept).map(|one| one.id).collect();
        for chunk in new.chunks(100).map(<[_]>::to_vec) {
            backend.write(move |tx| tx.notifications_add(one, &chunk)).await.unwrap();
        }
        let left = backend.notifications(one, ann, false, None, 9999).await.unwrap();
        assert_eq!(left.into_iter().map(|one| one.id).collect::<Vec<_>>(), last);
        assert_eq!(backend.notifications(one, bob, false, None, 9).await.unwrap().len(), 1);
        settle(&backend).await;
        for name in ["notification.page", "notification.unread"] {
            examines(&backend, name, params![one, ann, Uuid::max(), 20i64], 20, 25).await;
        }
    }
}
