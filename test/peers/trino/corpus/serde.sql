SELECT a, b FROM lenient WHERE b IN ('x', 'y') ORDER BY a;
SELECT * FROM lenient;
SELECT count(*) FROM lenient;
SELECT a FROM lenient;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 1;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 2;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 3;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 4;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 5;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 6;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 7;
-- differs: a key twice fails, as Athena's SerDe does; Trino's reader takes the last
SELECT a, b, c, d, e FROM sloppy WHERE line = 8;
-- differs: a key twice fails, as Athena's SerDe does; Trino's reader takes the last
SELECT a, b, c, d, e FROM sloppy WHERE line = 9;
-- differs: keys without quotes and texts in single quotes fail here; Trino's reader takes them
SELECT a, b, c, d, e FROM sloppy WHERE line = 10;
-- differs: text behind an object fails here, for a delimiter is missing; Trino's reader leaves it out
SELECT a, b, c, d, e FROM sloppy WHERE line = 11;
-- differs: an array in the place of an object fails here; Trino's reader takes its values by their place
SELECT a, b, c, d, e FROM sloppy WHERE line = 12;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 13;
-- differs: text behind an object fails here, for a delimiter is missing; Trino's reader leaves it out
SELECT a, b, c, d, e FROM sloppy WHERE line = 14;
-- differs: a value of another type fails, as Athena's SerDe does; Trino's reader gives NULL
SELECT a, b, c, d, e FROM sloppy WHERE line = 15;
SELECT * FROM strict;
SELECT a FROM strict WHERE a = 1;
SELECT a, ts, inner.x FROM mapped ORDER BY a;
SELECT * FROM exact;
SELECT * FROM dotted;
SELECT k, v, day FROM folder ORDER BY day, k;
SELECT * FROM visit;
SELECT visitor, note FROM visit WHERE page = '/home';
SELECT count(*) FROM visit;
SELECT count(*) FROM visit WHERE ms = '';
SELECT count(*), count(type), count(target_status_code) FROM accesslog;
SELECT type, time, elb, client_ip, client_port, target_ip, target_port FROM accesslog;
SELECT request_processing_time, target_processing_time, response_processing_time, elb_status_code, received_bytes, sent_bytes FROM accesslog;
SELECT request_verb, request_url, request_proto, user_agent, ssl_cipher, trace_id, domain_name FROM accesslog;
SELECT matched_rule_priority, request_creation_time, actions_executed, redirect_url, target_port_list, classification, conn_trace_id FROM accesslog;
SELECT elb_status_code, count(*) FROM accesslog GROUP BY elb_status_code;
SELECT marks, price, sold_at, region FROM sale ORDER BY event_id;
SELECT sku, title, weight, run_date FROM product ORDER BY run_date, sku;
SELECT id, i64, f32, big FROM reading ORDER BY id;
SELECT id, place.name, items FROM reading WHERE place IS NULL OR items IS NULL ORDER BY id;
