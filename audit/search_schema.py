"""The tables of the derived index. ``shapes.n`` and ``tally`` count along what ``exchanges`` and ``cited`` hold.

The tables of words and characters are contentless, so the tokens of each row stand beside them, compressed: with them
FTS5 takes a row out of its lists at once and leaves nothing behind (its option ``secure-delete``). Tables declared
``contentless_delete`` only note the deletion and keep the tokens until some later merge.
https://sqlite.org/fts5.html#the_delete_command https://sqlite.org/fts5.html#the_secure_delete_configuration_option
"""

from __future__ import annotations

from typing import Final

from audit import search_terms

FORMAT: Final = f"1.{search_terms.VERSION}"
"""An index of another format is made anew."""

SCHEMA: Final = """
CREATE TABLE state (format TEXT NOT NULL, made TEXT NOT NULL, mark INTEGER NOT NULL, entry TEXT, epoch INTEGER NOT NULL)
STRICT;
CREATE TABLE lately (sequence INTEGER PRIMARY KEY) STRICT;
CREATE TABLE shapes (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT, family TEXT, risk TEXT, topic TEXT, level TEXT,
  language TEXT, models TEXT NOT NULL, snapshot TEXT, prompt TEXT, case_state TEXT NOT NULL, feedback TEXT NOT NULL,
  masked TEXT NOT NULL, corrected INTEGER NOT NULL, n INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE exchanges (
  row INTEGER PRIMARY KEY, exchange TEXT NOT NULL, opened TEXT NOT NULL, closed TEXT, received INTEGER NOT NULL,
  shape INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX exchanges_by_name ON exchanges (exchange);
CREATE INDEX exchanges_by_shape ON exchanges (shape);
CREATE INDEX exchanges_by_time ON exchanges (received, shape);
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE cited (document INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (document, row)) STRICT, WITHOUT ROWID;
CREATE INDEX cited_by_row ON cited (row);
CREATE TABLE tally (
  shape INTEGER NOT NULL, document INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (shape, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (row INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;
CREATE TABLE reads (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
CREATE INDEX reads_by_time ON reads (time);
CREATE VIRTUAL TABLE words USING fts5(normals, readings, signs, content='', detail='column', tokenize='ascii');
CREATE VIRTUAL TABLE characters USING fts5(grams, content='', tokenize='ascii');
INSERT INTO words(words, rank) VALUES ('secure-delete', 1);
INSERT INTO characters(characters, rank) VALUES ('secure-delete', 1);
"""
