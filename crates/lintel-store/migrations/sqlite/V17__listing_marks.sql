-- What users keep of homes for themselves: favourites, and those not to be shown again.

CREATE TABLE listing_marks (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    user_id BLOB NOT NULL,
    listing_id BLOB NOT NULL,
    mark TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id, listing_id)
) STRICT, WITHOUT ROWID;
