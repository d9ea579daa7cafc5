SELECT * FROM reading MATCH_RECOGNIZE (ORDER BY id MEASURES A.id AS first ONE ROW PER MATCH PATTERN (A B) DEFINE B AS B.id > A.id);
SELECT count(*) FROM reading TABLESAMPLE BERNOULLI (100);
SELECT * FROM TABLE(sequence(1, 3));
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'nothing';
SELECT ST_X(ST_Point(1, 2));
SELECT JSON_TABLE FROM (VALUES 1) t(JSON_TABLE);
