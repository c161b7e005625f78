-- Every statement but the schema's. A block begins with its name; the comment after the name says what it is for.

-- name: insert_message
INSERT INTO message (tracking_id, direction, account, carrier, sender, accepted_at, transaction_id, message_id, linked_id,
    subject, client_reference, operator_id, wants_reports, fields, expires_at, state, addressed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: insert_recipient
INSERT INTO recipient (tracking_id, position, number, kind, display_only, carrier, state, read_state, message_id, mm_status,
    status_text, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: insert_part
INSERT INTO part (tracking_id, position, media_type, name, content_id, content_location, size, sha256, token, data,
    pack, start)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: insert_work
INSERT INTO work (kind, destination, tracking_id, account, event_id, event, created_at, expires_at, state, lease_owner,
    lease_until, attempts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)

-- name: insert_report
INSERT INTO report (kind, carrier, message_id, recipient, mm_status, status_text, ua_prof, transaction_id, at, received_at,
    tracking_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: parts
SELECT tracking_id, position, media_type, name, content_id, content_location, size, sha256, token
FROM part WHERE tracking_id = ? ORDER BY position

-- name: content
SELECT tracking_id, position, media_type, name, content_id, content_location, size, sha256, token, data, pack, start
FROM part WHERE tracking_id = ? ORDER BY position

-- name: part
SELECT tracking_id, position, media_type, name, content_id, content_location, size, sha256, token, data, pack, start
FROM part WHERE tracking_id = ? AND position = ?

-- name: addressed
-- A message with its recipients, one a row; of an MO a single row without.
SELECT message.tracking_id, direction, account, message.carrier, sender, accepted_at, transaction_id, message.message_id,
    linked_id, subject, client_reference, operator_id, wants_reports, fields, expires_at, message.state, addressed,
    position, number, kind, display_only, recipient.state, read_state, recipient.message_id, mm_status, status_text,
    changed_at
FROM message LEFT JOIN recipient ON recipient.tracking_id = message.tracking_id
WHERE message.tracking_id = ? ORDER BY position

-- name: addressed_by_message_id
-- Carriers use ids again: the message to that number, and of several the newest.
SELECT message.tracking_id, direction, account, message.carrier, sender, accepted_at, transaction_id, message.message_id,
    linked_id, subject, client_reference, operator_id, wants_reports, fields, expires_at, message.state, addressed,
    position, number, kind, display_only, recipient.state, read_state, recipient.message_id, mm_status, status_text,
    changed_at
FROM message LEFT JOIN recipient ON recipient.tracking_id = message.tracking_id
WHERE message.tracking_id = (
    SELECT tracking_id FROM recipient JOIN message USING (tracking_id)
    WHERE recipient.carrier = ? AND recipient.message_id = ?
    ORDER BY number = ? DESC, accepted_at DESC, message.rowid DESC LIMIT 1)
ORDER BY position

-- name: reports_of
SELECT kind, carrier, message_id, recipient, mm_status, status_text, ua_prof, transaction_id, at, received_at, tracking_id, id
FROM report WHERE tracking_id = ? ORDER BY id

-- name: parked
SELECT kind, carrier, message_id, recipient, mm_status, status_text, ua_prof, transaction_id, at, received_at, tracking_id, id
FROM report WHERE tracking_id IS NULL ORDER BY id

-- name: parked_for
SELECT kind, carrier, message_id, recipient, mm_status, status_text, ua_prof, transaction_id, at, received_at, tracking_id, id
FROM report WHERE tracking_id IS NULL AND carrier = ? AND message_id = ? ORDER BY id

-- name: match_report
UPDATE report SET tracking_id = ? WHERE id = ?

-- name: update_recipient
UPDATE recipient SET state = ?, read_state = ?, message_id = ?, mm_status = ?, status_text = ?, changed_at = ?
WHERE tracking_id = ? AND position = ?

-- name: update_message_state
UPDATE message SET state = ? WHERE tracking_id = ?

-- name: ready_destinations
-- Steps from one destination to the next through the index: the cost is that of the destinations, not of the rows.
WITH RECURSIVE line (destination) AS (
    SELECT (SELECT min(destination) FROM work WHERE state = 'ready' AND kind = :kind)
    UNION ALL
    SELECT (SELECT min(destination) FROM work WHERE state = 'ready' AND kind = :kind AND destination > line.destination)
    FROM line WHERE line.destination IS NOT NULL
)
SELECT destination FROM line WHERE destination IS NOT NULL

-- name: deferred_destinations
-- The same through the other index, with when the first of each comes back.
WITH RECURSIVE line (destination) AS (
    SELECT (SELECT min(destination) FROM work WHERE state = 'deferred' AND kind = :kind)
    UNION ALL
    SELECT (SELECT min(destination) FROM work WHERE state = 'deferred' AND kind = :kind AND destination > line.destination)
    FROM line WHERE line.destination IS NOT NULL
)
SELECT destination FROM line WHERE destination IS NOT NULL AND :now >= (
    SELECT min(next_attempt_at) FROM work WHERE state = 'deferred' AND kind = :kind AND work.destination = line.destination)

-- name: held_destinations
SELECT destination FROM destination_lease WHERE until > ? AND owner <> ?

-- name: take_ready
SELECT id, kind, destination, tracking_id, account, event_id, event, created_at, expires_at, state, attempts, next_attempt_at,
    last_error, lease_owner, lease_until
FROM work WHERE state = 'ready' AND kind = ? AND destination = ? ORDER BY id LIMIT ?

-- name: take_deferred
SELECT id, kind, destination, tracking_id, account, event_id, event, created_at, expires_at, state, attempts, next_attempt_at,
    last_error, lease_owner, lease_until
FROM work WHERE state = 'deferred' AND kind = ? AND destination = ? AND next_attempt_at <= ?
ORDER BY next_attempt_at, id LIMIT ?

-- name: leased_to
SELECT id, kind, destination, tracking_id, account, event_id, event, created_at, expires_at, state, attempts, next_attempt_at,
    last_error, lease_owner, lease_until
FROM work WHERE state IN ('leased', 'sending') AND lease_owner = ? ORDER BY id

-- name: lease_row
UPDATE work SET state = 'leased', lease_owner = ?, lease_until = ? WHERE id = ?

-- name: lease_destination
-- Changes no row where another owner's lease still runs.
INSERT INTO destination_lease (destination, owner, until) VALUES (:destination, :owner, :until)
ON CONFLICT (destination) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE destination_lease.owner = excluded.owner OR destination_lease.until <= :now

-- name: begin
-- A second time where the same attempt sends again (Digest).
UPDATE work SET state = 'sending', lease_until = :until
WHERE id = :id AND state IN ('leased', 'sending') AND lease_owner = :owner AND lease_until > :now

-- name: extend_row
UPDATE work SET lease_until = ? WHERE id = ? AND lease_owner = ? AND state IN ('leased', 'sending')

-- name: extend_destination
UPDATE destination_lease SET until = ? WHERE destination = ? AND owner = ?

-- name: settle_submit
UPDATE work SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_error = ?,
    lease_owner = NULL, lease_until = NULL
WHERE id = ? AND state IN ('leased', 'sending') AND lease_owner = ?

-- name: settle_known
-- A submit's end that is certain: true whoever holds the row by now, in doubt or not.
UPDATE work SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_error = ?,
    lease_owner = NULL, lease_until = NULL
WHERE id = ? AND state IN ('ready', 'deferred', 'leased', 'sending', 'held')

-- name: settle_notify
-- Not fenced by the destination's lease: whoever has the peer's answer knows the truth about this row.
UPDATE work SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_error = ?
WHERE id = ? AND state IN ('ready', 'deferred')

-- name: give_back_rows
-- Here and below the first term is the index's own, word for word: without it SQLite would look at every row.
UPDATE work SET state = 'ready', lease_owner = NULL, lease_until = NULL
WHERE state IN ('leased', 'sending') AND state = 'leased' AND lease_owner = ?

-- name: give_back_destinations
DELETE FROM destination_lease WHERE owner = ?

-- name: free_leased
UPDATE work SET state = 'ready', lease_owner = NULL, lease_until = NULL
WHERE state IN ('leased', 'sending') AND state = 'leased' AND lease_until <= ?

-- name: abandoned
SELECT id, kind, destination, tracking_id, account, event_id, event, created_at, expires_at, state, attempts, next_attempt_at,
    last_error, lease_owner, lease_until
FROM work WHERE state IN ('leased', 'sending') AND state = 'sending' AND lease_until <= ?

-- name: take_over
UPDATE work SET lease_owner = ?, lease_until = ? WHERE id = ?

-- name: check
UPDATE store SET checked = checked + 1

-- name: depth
-- Each term is answered from a partial index; what is done is not counted, so the cost is that of what waits.
SELECT kind, 'ready', count(*) FROM work WHERE state = 'ready' GROUP BY kind
UNION ALL SELECT kind, 'deferred', count(*) FROM work WHERE state = 'deferred' GROUP BY kind
UNION ALL SELECT 'submit', state, count(*) FROM work WHERE state IN ('leased', 'sending') GROUP BY state
UNION ALL SELECT kind, state, count(*) FROM work WHERE state IN ('held', 'dead') GROUP BY kind, state
