"""The tables of the index. To change anything here makes every existing index be thrown away and read anew."""

TABLES = """
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- Every file that was read. `token` is how git knew it: the blob's id, or `~` and times and size where the work tree
-- differs from git's index. `content` is the id of the bytes that were read, `id` the application's that its path
-- names. `says` is set where it cannot be used, `twin` where that is because another file has the same id.
CREATE TABLE file (
    path TEXT PRIMARY KEY, token TEXT NOT NULL, content TEXT NOT NULL, id TEXT NOT NULL,
    place TEXT, line INTEGER, says TEXT, remedy TEXT, twin INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX file_of ON file (id, path);
CREATE INDEX dirty ON file (token) WHERE token >= '~';
CREATE INDEX unusable ON file (path) WHERE says IS NOT NULL;

CREATE TABLE call (meeting TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;

-- What a review says, with the names of further fields.
CREATE TABLE review (path TEXT PRIMARY KEY, application TEXT NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX review_of ON review (application, path);

-- In the order in which lists show them: a meeting's rows lie side by side. `line` is the row as JSON, `fields` and
-- `names` what queries ask for (folded, by field), `received` and `informed` are in microseconds since 1970. `given`
-- are the overall scores that `corrected`, which depends on all of the meeting's, is made of.
CREATE TABLE application (
    meeting TEXT NOT NULL, received INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL,
    status TEXT NOT NULL, line TEXT NOT NULL, person TEXT NOT NULL, country TEXT NOT NULL, name TEXT NOT NULL,
    organisation TEXT NOT NULL, informed INTEGER, fields TEXT NOT NULL, names TEXT NOT NULL,
    reviews INTEGER NOT NULL, score REAL, spread REAL, corrected REAL, given TEXT NOT NULL,
    PRIMARY KEY (meeting, received, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX application_id ON application (id, meeting, received);
CREATE INDEX counted ON application (meeting, status, country);
CREATE INDEX asked ON application (meeting, names);
CREATE INDEX persons ON application (person, meeting, received, id);

-- How many rows a meeting has, how many bytes they are together, and what these weigh (see `rows.weight`): pages
-- that were harmed may lose rows, or change what they say, without a word.
CREATE TABLE tally (
    meeting TEXT PRIMARY KEY, rows INTEGER NOT NULL, size INTEGER NOT NULL, weight INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER tally_more AFTER INSERT ON application BEGIN
    INSERT INTO tally VALUES (new.meeting, 1, length(CAST(new.line AS BLOB)), weight(new.line))
    ON CONFLICT DO UPDATE SET rows = rows + 1, size = size + excluded.size, weight = weight + excluded.weight; END;
CREATE TRIGGER tally_other AFTER UPDATE OF line ON application BEGIN
    UPDATE tally SET size = size + length(CAST(new.line AS BLOB)) - length(CAST(old.line AS BLOB)),
    weight = weight + weight(new.line) - weight(old.line) WHERE meeting = new.meeting; END;
CREATE TRIGGER tally_less AFTER DELETE ON application BEGIN
    UPDATE tally SET rows = rows - 1, size = size - length(CAST(old.line AS BLOB)), weight = weight - weight(old.line)
    WHERE meeting = old.meeting; END;

CREATE TABLE tag (
    meeting TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (meeting, name, id)
) WITHOUT ROWID;
CREATE INDEX tag_of ON tag (id, folded);

-- All that an application says, folded for searching. No number is ever given twice.
CREATE TABLE text (number INTEGER PRIMARY KEY, text TEXT NOT NULL);

-- History. Every commit that was walked, none without those that it builds on: `date` is later than any of theirs, and
-- `here` marks what leads to HEAD. Who (the address folded, for finding) said what is noted where it touched an
-- application.
CREATE TABLE past (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, date INTEGER NOT NULL, parents BLOB NOT NULL,
    here INTEGER NOT NULL, who TEXT, name TEXT, email TEXT, at TEXT, message TEXT
);
CREATE INDEX past_by ON past (who, date, id) WHERE who IS NOT NULL;

-- The application files that commits touched; `date` and `id` are the commit's. The ledger is this from its end. `seal`
-- is over all that is told of it.
CREATE TABLE past_change (
    date INTEGER NOT NULL, id BLOB NOT NULL, rank INTEGER NOT NULL, past INTEGER NOT NULL, meeting TEXT NOT NULL,
    application TEXT NOT NULL, before INTEGER, after INTEGER, seal INTEGER NOT NULL, PRIMARY KEY (date, id, rank)
) WITHOUT ROWID;
CREATE INDEX change_in ON past_change (meeting, date, id, rank);
CREATE INDEX change_of ON past_change (application, meeting, date, id, rank);

-- What versions of application files say. No status where that was not read yet, an empty one where it is unusable.
CREATE TABLE blob (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL, application TEXT NOT NULL, status TEXT, tags TEXT, informed TEXT,
    content TEXT, seal INTEGER, UNIQUE (application, id)
);
CREATE INDEX unread ON blob (number) WHERE status IS NULL;

-- By which key a commit, or a tag, is signed, and whether the signature is one of its bytes.
CREATE TABLE signature (id BLOB PRIMARY KEY, state TEXT NOT NULL, key TEXT NOT NULL, seal INTEGER) WITHOUT ROWID
"""

# Which texts have which three letters in a row, as far as that was noted (`searched` in `state` has the last number).
# Of texts that are gone it is not taken back: their numbers lead nowhere. Not every SQLite has what it takes.
WORDS = """CREATE VIRTUAL TABLE words USING fts5(
    text, content = '', tokenize = 'trigram case_sensitive 1', columnsize = 0, detail = none
)"""
LEAST_FOR_WORDS = (3, 34)
