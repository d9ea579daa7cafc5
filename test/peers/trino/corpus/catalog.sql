-- names only
DESCRIBE lenient;
-- names only
DESCRIBE visit;
-- names only
SHOW COLUMNS IN reading;
-- names only
SHOW COLUMNS FROM sale;
-- names only
SHOW COLUMNS FROM lake_dev.folder;
-- names only
SHOW TABLES IN lake_dev;
DROP TABLE IF EXISTS nothing;
