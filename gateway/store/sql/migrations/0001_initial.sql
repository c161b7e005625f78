-- Messages, their recipients and content, the reports about them, and the work they make.
-- Times are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE message (
    tracking_id      TEXT PRIMARY KEY,
    direction        TEXT NOT NULL,     -- MT, MO
    account          TEXT,              -- NULL: an MO that no account claims
    carrier          TEXT NOT NULL,
    sender           TEXT NOT NULL,
    accepted_at      INTEGER NOT NULL,
    transaction_id   TEXT NOT NULL,
    message_id       TEXT,              -- of an MO; an MT has one a recipient
    linked_id        TEXT,
    subject          TEXT,
    client_reference TEXT,
    operator_id      TEXT,
    wants_reports    INTEGER NOT NULL,
    fields           TEXT NOT NULL,
    expires_at       INTEGER,
    state            TEXT,              -- of an MO; an MT has one a recipient
    addressed        TEXT               -- of an MO: JSON of its recipients, who have no states and so no rows
);

CREATE TABLE recipient (
    tracking_id  TEXT NOT NULL,
    position     INTEGER NOT NULL,
    number       TEXT NOT NULL,
    kind         TEXT NOT NULL,         -- to, cc, bcc
    display_only INTEGER NOT NULL,
    carrier      TEXT NOT NULL,         -- whose message_id it is
    state        TEXT NOT NULL,
    read_state   TEXT NOT NULL,
    message_id   TEXT,
    mm_status    TEXT,
    status_text  TEXT,
    changed_at   INTEGER NOT NULL,
    PRIMARY KEY (tracking_id, position)
) WITHOUT ROWID;

CREATE INDEX recipient_message ON recipient (carrier, message_id) WHERE message_id IS NOT NULL;

CREATE TABLE part (
    tracking_id      TEXT NOT NULL,
    position         INTEGER NOT NULL,
    media_type       TEXT NOT NULL,
    name             TEXT,
    content_id       TEXT,
    content_location TEXT,
    size             INTEGER NOT NULL,
    sha256           BLOB NOT NULL,
    token            TEXT NOT NULL,
    data             BLOB,              -- NULL: in a pack, from `start` on
    pack             INTEGER,
    start            INTEGER,
    PRIMARY KEY (tracking_id, position)
);

CREATE INDEX part_pack ON part (pack) WHERE pack IS NOT NULL;

CREATE TABLE report (
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL,       -- delivery, read
    carrier        TEXT NOT NULL,
    message_id     TEXT NOT NULL,
    recipient      TEXT NOT NULL,
    mm_status      TEXT NOT NULL,
    status_text    TEXT,
    ua_prof        TEXT,
    transaction_id TEXT NOT NULL,
    at             INTEGER NOT NULL,
    received_at    INTEGER NOT NULL,
    tracking_id    TEXT                 -- NULL: parked, no message of ours is known for it
);

CREATE INDEX report_parked ON report (carrier, message_id) WHERE tracking_id IS NULL;
CREATE INDEX report_message ON report (tracking_id) WHERE tracking_id IS NOT NULL;

CREATE TABLE work (
    id              INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,      -- submit, notify
    destination     TEXT NOT NULL,
    tracking_id     TEXT NOT NULL,
    account         TEXT,
    event_id        TEXT NOT NULL,
    event           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER,
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_error      TEXT,
    lease_owner     TEXT,
    lease_until     INTEGER
);

-- A row lies in at most one of these, and a finished one in none: what a claim costs does not grow with what is done.
CREATE INDEX work_ready ON work (kind, destination, id) WHERE state = 'ready';
CREATE INDEX work_deferred ON work (kind, destination, next_attempt_at, id) WHERE state = 'deferred';
CREATE INDEX work_leased ON work (lease_until) WHERE state IN ('leased', 'sending');
CREATE INDEX work_stuck ON work (kind, state) WHERE state IN ('held', 'dead');

-- Who delivers the notifications of a URL: one node at a time, so that one connection and one order serve it.
CREATE TABLE destination_lease (
    destination TEXT PRIMARY KEY,
    owner       TEXT NOT NULL,
    until       INTEGER NOT NULL
);
