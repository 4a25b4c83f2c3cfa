CREATE SCHEMA IF NOT EXISTS bank.test;

CREATE TABLE bank.test.published (
    key varchar,
    amount decimal(18, 2),
    at timestamp(6) with time zone
)
WITH (format = 'PARQUET');

INSERT INTO bank.test.published
SELECT key, sum(amount), max(at) FROM bank.test.postings GROUP BY key;

MERGE INTO bank.test.published p
USING (SELECT 'a' AS key, DECIMAL '1.00' AS amount UNION ALL SELECT 'z', DECIMAL '9.00') s ON p.key = s.key
WHEN MATCHED THEN UPDATE SET amount = p.amount + s.amount
WHEN NOT MATCHED THEN INSERT (key, amount, at) VALUES (s.key, s.amount, TIMESTAMP '2025-01-01 00:00:00 UTC');

DELETE FROM bank.test.published WHERE key = 'c';

UPDATE bank.test.published SET amount = -amount WHERE key = 'b';

CREATE TABLE bank.test.steps AS
SELECT b.key, step.name, step.attempt_id
FROM bank.test.batches b
CROSS JOIN UNNEST(b.attempts) AS step (name, attempt_id);

CREATE OR REPLACE VIEW bank.test.totals AS
SELECT
    p.key,
    CAST(p.at AT TIME ZONE 'Europe/Berlin' AS date) AS day,
    format('%s has %s', p.key, p.amount) AS told,
    IF(p.amount < 0, 'debit', 'credit') AS side,
    coalesce(max_by(s.attempt_id, s.name), 'none') AS attempt_id,
    count(s.name) FILTER (WHERE s.name LIKE 'compute%') AS computed,
    avg(p.amount) FILTER (WHERE p.amount > 0) AS average,
    date_add('day', 2, CAST(p.at AS date)) AS later,
    date_diff('day', DATE '2025-01-01', CAST(p.at AS date)) AS days,
    day_of_week(CAST(p.at AS date)) AS weekday,
    round_money(p.amount / 3, 'EUR') AS third
FROM bank.test.published p
LEFT JOIN bank.test.steps s ON s.key = p.key
GROUP BY p.key, p.at, p.amount;
