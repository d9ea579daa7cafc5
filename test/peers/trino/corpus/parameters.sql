-- parameters 5
SELECT id FROM reading WHERE id = ?;
-- parameters 'ada'
SELECT id FROM reading WHERE name = ? ORDER BY id;
-- parameters 3, 5
SELECT id FROM reading WHERE id BETWEEN ? AND ? ORDER BY id;
-- parameters 'it''s', NULL
SELECT ? || '!', ? IS NULL;
-- parameters DATE '2024-06-01'
SELECT id FROM reading WHERE day > ? ORDER BY id;
-- parameters '2026/11/21/03'
SELECT count(*) FROM reading WHERE arrival_hour = ?;
-- parameters 1.5, 1.5e0, -7, true
SELECT ?, ?, ?, ?;
-- parameters 'x'
SELECT id FROM reading WHERE id = ?;
-- parameters 1
SELECT id FROM reading WHERE id = ? AND name = ?;
-- parameters 1, 2, 3
SELECT id FROM reading WHERE id IN (?, ?, ?) ORDER BY id;
-- parameters 2
SELECT count(*) FROM reading LIMIT ?;
-- parameters TIMESTAMP '2026-11-21 00:00:00'
SELECT count(*) FROM reading WHERE at >= ?;
