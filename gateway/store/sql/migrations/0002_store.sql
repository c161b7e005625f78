-- Which database this is: the media directory beside it carries the same id, so that no other is taken for it.

CREATE TABLE store (
    id      TEXT PRIMARY KEY,
    checked INTEGER NOT NULL            -- counted up to see whether writing works
);

INSERT INTO store (id, checked) VALUES (lower(hex(randomblob(16))), 0);
