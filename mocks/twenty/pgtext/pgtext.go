// Package pgtext treats texts as PostgreSQL 15 does: it splits them into the words of a search vector, ranks
// vectors for a query, removes accents, compares texts by collation en_US.utf8 of glibc, and matches LIKE patterns.
//
//	vector := pgtext.Vector(pgtext.Unaccent("Été in Lyon")) // 'ete':1 'in':2 'lyon':3
//	rank, ok := pgtext.NewQuery("lyon").Rank(vector)
//
// Its tables were compared with the output of that version. It has the configuration 'simple' only: no stop words, no
// stemming, no weights of words.
//
// Follows PostgreSQL's default text search parser, ranking functions and unaccent rules (PostgreSQL License, see
// NOTICE).
package pgtext
