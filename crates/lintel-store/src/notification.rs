//! Notifications of users, bounded per user.

use lintel_domain::{
    clock::Time,
    id::{NotificationId, TenantId, UserId},
    notification::{Notification, NotificationKind},
};
use uuid::Uuid;

use crate::{Result, Store, Tx, db::Row, params};

/// The most notifications that are kept for a user: the newest.
pub const KEPT: u32 = 500;

/// The beginning of every statement that reads notifications.
macro_rules! select {
    () => {
        "SELECT id, user_id, kind, lead_id, subject_id, text, created_at, read_at FROM notifications "
    };
}

crate::sql! {
    /// A new one.
    INSERT "notification.insert" = "INSERT INTO notifications (tenant_id, user_id, id, kind, lead_id, subject_id, text, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// The oldest go.
    TRIM "notification.trim" = "DELETE FROM notifications WHERE tenant_id = $1 AND user_id = $2 AND id <=
        (SELECT n.id FROM notifications n WHERE n.tenant_id = $1 AND n.user_id = $2 ORDER BY n.id DESC LIMIT 1 OFFSET $3)";
    /// A page, the newest first.
    PAGE "notification.page" = (concat!(select!(), "WHERE tenant_id = $1 AND user_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"));
    /// A page of those that were not read.
    UNREAD "notification.unread" = (concat!(select!(), "WHERE tenant_id = $1 AND user_id = $2 AND id < $3 AND read_at IS NULL
        ORDER BY id DESC LIMIT $4"));
    /// How many were not read.
    COUNT "notification.count" = "SELECT count(*) FROM notifications WHERE tenant_id = $1 AND user_id = $2 AND read_at IS NULL";
    /// Some are read.
    READ "notification.read" = "UPDATE notifications SET read_at = $4
        WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND read_at IS NULL";
    /// All up to one are read.
    READ_UP_TO "notification.read_up_to" = "UPDATE notifications SET read_at = $4
        WHERE tenant_id = $1 AND user_id = $2 AND id <= $3 AND read_at IS NULL";
}

fn notification(row: &Row<'_>) -> Result<Notification> {
    Ok(Notification {
        id: row.get(0)?,
        user: row.get(1)?,
        kind: row.word(2, NotificationKind::parse)?,
        lead: row.get(3)?,
        subject: row.get(4)?,
        text: row.get(5)?,
        created_at: row.get(6)?,
        read_at: row.get(7)?,
    })
}

impl Store {
    /// At most `limit` notifications of a user, the newest first, behind `before`.
    pub async fn notifications(
        &self,
        tenant: TenantId,
        user: UserId,
        unread: bool,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<Vec<Notification>> {
        let before = before.unwrap_or(NotificationId(Uuid::max()));
        let sql = if unread { &UNREAD } else { &PAGE };
        self.query(sql, params![tenant, user, before, limit], notification).await
    }

    /// How many notifications a user has not read.
    pub async fn notifications_unread(&self, tenant: TenantId, user: UserId) -> Result<u64> {
        let count: i64 = self.query_one(&COUNT, params![tenant, user], |row| row.get(0)).await?;
        Ok(count.unsigned_abs())
    }
}

impl Tx<'_> {
    /// Stores notifications and drops what is more than [`KEPT`] of a user. Those of leads that are gone are passed over.
    pub fn notifications_add(&mut self, tenant: TenantId, new: &[Notification]) -> Result<()> {
        let there = self.leads_hold(tenant, new.iter().filter_map(|one| one.lead))?;
        let stored = || new.iter().filter(|one| one.lead.is_none_or(|lead| there.contains(&lead)));
        let rows = stored().map(|one| {
            let (kind, text) = (one.kind.as_str(), one.text.as_deref());
            params![tenant, one.user, one.id, kind, one.lead, one.subject, text, one.created_at]
        });
        self.execute_many(&INSERT, rows)?;
        let users: std::collections::BTreeSet<UserId> = stored().map(|one| one.user).collect();
        self.execute_many(&TRIM, users.into_iter().map(|user| params![tenant, user, KEPT])).map(|_| ())
    }

    /// Marks notifications of a user as read; ids of others have no effect.
    pub fn notifications_read(
        &mut self,
        tenant: TenantId,
        user: UserId,
        ids: &[NotificationId],
        now: Time,
    ) -> Result<()> {
        self.execute_many(&READ, ids.iter().map(|id| params![tenant, user, *id, now])).map(|_| ())
    }

    /// Marks all notifications of a user up to one as read.
    pub fn notifications_read_up_to(
        &mut self,
        tenant: TenantId,
        user: UserId,
        last: NotificationId,
        now: Time,
    ) -> Result<()> {
        self.execute(&READ_UP_TO, params![tenant, user, last, now]).map(|_| ())
    }
}
