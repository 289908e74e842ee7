-- What a score was made from, as its model keeps it, so that it can be explained later; and how likely a lead goes silent.

ALTER TABLE scores ADD COLUMN inputs bytea;
ALTER TABLE scores ADD COLUMN churn double precision;
ALTER TABLE leads ADD COLUMN churn double precision;
