SELECT id, attrs['x'] FROM reading WHERE attrs IS NOT NULL AND cardinality(attrs) > 0 ORDER BY id;
SELECT id, element_at(attrs, 'y'), element_at(attrs, 'none') FROM reading ORDER BY id;
SELECT attrs['none'] FROM reading;
SELECT id, cardinality(attrs), map_keys(attrs), map_values(attrs) FROM reading ORDER BY id;
SELECT id, map_entries(attrs) FROM reading ORDER BY id;
SELECT map_from_entries(ARRAY[ROW('a', 1), ROW('b', 2)]);
SELECT MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(), MAP(ARRAY[1], ARRAY[NULL]);
SELECT MAP(ARRAY['a', 'a'], ARRAY[1, 2]);
SELECT MAP(ARRAY['a'], ARRAY[1, 2]);
SELECT id, map_filter(attrs, (k, v) -> v > 1) FROM reading ORDER BY id;
SELECT id, transform_values(attrs, (k, v) -> k || CAST(v AS varchar)), transform_keys(attrs, (k, v) -> upper(k)) FROM reading ORDER BY id;
SELECT map_concat(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b', 'c'], ARRAY[3, 4]));
SELECT map_zip_with(MAP(ARRAY['a', 'b'], ARRAY[1, 2]), MAP(ARRAY['b', 'c'], ARRAY[3, 4]), (k, a, b) -> coalesce(a, 0) + coalesce(b, 0));
-- maps in any order
SELECT map_union(attrs) FROM reading WHERE id < 4;
-- maps in any order
SELECT flag, map_agg(id, name) FROM reading GROUP BY flag;
-- maps in any order
SELECT map_agg(name, id) FROM reading WHERE id < 4;
-- maps in any order
SELECT histogram(name), histogram(flag) FROM reading;
-- maps in any order
SELECT multimap_agg(region, qty) FROM (SELECT region, qty FROM sale WHERE qty = 3 AND sku = 's3');
SELECT multimap_from_entries(ARRAY[ROW('a', 1), ROW('b', 2), ROW('a', 3)]);
SELECT split_to_map('a=1,b=2', ',', '='), split_to_map('', ',', '=');
SELECT MAP(ARRAY['a', 'b'], ARRAY[1, 2]) = MAP(ARRAY['b', 'a'], ARRAY[2, 1]);
SELECT MAP(ARRAY[1], ARRAY['x'])[1], element_at(MAP(ARRAY[1], ARRAY['x']), 2);
SELECT ROW(1, 'a'), ROW(1, 'a')[2], CAST(ROW(1, 'a') AS ROW(n integer, s varchar)).s;
SELECT CAST(ROW(1, 2) AS ROW(x bigint, y double)), CAST(ROW(1, NULL) AS ROW(x bigint, y double));
SELECT ROW(1, 2) = ROW(1, 2), ROW(1, 2) <> ROW(1, 3), (1, 'a') = (1, 'a');
SELECT ROW(1, NULL) = ROW(1, NULL), ROW(1, NULL) = ROW(2, NULL);
SELECT ROW(1, 2) < ROW(1, 3);
SELECT id, place FROM reading WHERE place = CAST(ROW(1.5e0, -1e0, '日本') AS ROW(lat double, lon double, name varchar));
SELECT id FROM reading WHERE (id, name) IN ((1, 'bob'), (2, 'ada'));
SELECT place.nothing FROM reading;
SELECT map_keys(MAP(ARRAY[ROW(1, 'a')], ARRAY[2]));
SELECT DISTINCT place FROM reading WHERE id < 5;
SELECT max_by(place, id) FROM reading WHERE place IS NOT NULL;
SELECT any_keys_match(MAP(ARRAY['a'], ARRAY[1]), k -> k = 'a'), all_keys_match(MAP(ARRAY['a'], ARRAY[1]), k -> k = 'b'), any_values_match(MAP(ARRAY['a'], ARRAY[1]), v -> v = 1);
SELECT map_top_n_keys(MAP(ARRAY['a', 'b', 'c'], ARRAY[1, 3, 2]), 2);
