SELECT count(*), count(i8), count(DISTINCT name), count_if(flag) FROM reading;
SELECT sum(i8), sum(i16), sum(i64), sum(f32), sum(money), sum(id) FROM reading WHERE id < 20;
SELECT sum(big), avg(big) FROM reading;
SELECT avg(i8), avg(i64), avg(money), avg(f32) FROM reading WHERE id < 20;
SELECT min(name), max(name), min(f64), max(f64), min(day), max(at), min(flag), max(flag) FROM reading;
SELECT min(id, 3), max(id, 2), max(name, 2) FROM reading;
SELECT min_by(name, f64), max_by(name, f64), max_by(id, i8) FROM reading WHERE id < 14;
SELECT max_by(id, i16, 3), min_by(id, i16, 2) FROM reading;
SELECT bool_and(flag), bool_or(flag), every(flag) FROM reading;
SELECT arbitrary(k), any_value(k) FROM (VALUES 1, 1) t(k);
SELECT array_agg(name ORDER BY id), array_agg(id ORDER BY name DESC, id) FROM reading WHERE id < 12;
SELECT flag, array_agg(id ORDER BY id) FILTER (WHERE i8 > 0) FROM reading GROUP BY flag;
SELECT listagg(name, ',') WITHIN GROUP (ORDER BY id) FROM reading WHERE id < 12;
SELECT region, listagg(DISTINCT sku, '+') WITHIN GROUP (ORDER BY sku) FROM sale GROUP BY region;
SELECT region, sum(qty) FILTER (WHERE price > 50), count(*) FILTER (WHERE qty IS NULL) FROM sale GROUP BY region;
SELECT sum(DISTINCT qty), avg(DISTINCT qty), count(DISTINCT customer) FROM sale;
SELECT region, sum(price), avg(price), min(price), max(price) FROM sale GROUP BY region;
SELECT stddev(qty), stddev_pop(qty), variance(qty), var_pop(qty), stddev_samp(qty), var_samp(qty) FROM sale WHERE qty IN (2, 4, 6);
SELECT corr(qty, customer), covar_pop(qty, customer), covar_samp(qty, customer), regr_slope(qty, customer), regr_intercept(qty, customer) FROM sale WHERE qty < 5;
SELECT skewness(qty), kurtosis(qty) FROM sale;
SELECT geometric_mean(qty) FROM sale WHERE qty > 0;
SELECT checksum(sku) FROM sale;
-- approximate
SELECT approx_distinct(sku), approx_distinct(customer), approx_distinct(sku, 0.1e0) FROM sale;
-- approximate
SELECT approx_percentile(qty, 0.5e0), approx_percentile(price, 0.9e0), approx_percentile(CAST(price AS double), 0.25e0) FROM sale;
-- approximate
SELECT approx_percentile(qty, ARRAY[0.25e0, 0.5e0, 0.75e0]) FROM sale;
-- approximate
SELECT region, approx_percentile(id, 0.5e0), approx_distinct(name) FROM reading CROSS JOIN (VALUES 'x') t(region) GROUP BY region;
-- approximate
SELECT approx_percentile(f64, 2e0, 0.5e0) FROM reading WHERE f64 IS NOT NULL AND id > 0;
SELECT cardinality(approx_most_frequent(3, sku, 10)) FROM sale;
SELECT numeric_histogram(2, CAST(qty AS double)) FROM sale WHERE qty IN (1, 2);
SELECT bitwise_and_agg(id), bitwise_or_agg(id) FROM reading;
SELECT reduce_agg(id, 0, (a, b) -> a + b, (a, b) -> a + b) FROM reading;
SELECT entropy(qty) FROM sale;
SELECT sum(amount) FROM sale;
SELECT min(amount), max(amount), avg(amount) FROM sale WHERE qty = 1;
SELECT count(amount), count_if(is_nan(amount)) FROM sale;
SELECT sum(i8) FROM reading WHERE false;
SELECT count(*), max(id), array_agg(id), sum(money), bool_and(flag) FROM reading WHERE id > 1000;
SELECT name, max(at) - min(at) FROM reading WHERE name = 'bob' GROUP BY name;
SELECT sum(i64 * 9000000000) FROM reading;
SELECT sum(name) FROM reading;
SELECT avg(day) FROM reading;
SELECT max(attrs) FROM reading;
SELECT count(DISTINCT nums), count(DISTINCT place) FROM reading;
SELECT count(DISTINCT (name, flag)) FROM reading;
SELECT sum(qty * price), sum(CAST(qty AS bigint) * customer), sum(qty) / count(qty), 1.0 * sum(qty) / count(*) FROM sale;
SELECT max(nums), min(tags) FROM reading;
SELECT array_agg(i8) FILTER (WHERE i8 IS NOT NULL AND id < 3) FROM reading;
SELECT sku, count(*), sum(qty), avg(price), max_by(event_id, sold_at) FROM sale GROUP BY sku ORDER BY sku;
SELECT hour, count(DISTINCT customer), count(DISTINCT region) FROM sale GROUP BY hour;
SELECT merge(approx_set(sku)) = NULL FROM sale;
-- approximate
SELECT cardinality(approx_set(sku)) FROM sale;
SELECT learn_classifier(1, 2);
