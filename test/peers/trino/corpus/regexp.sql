SELECT id, regexp_like(name, '^[a-c]'), regexp_like(name, 'b$') FROM reading ORDER BY id;
SELECT regexp_extract(request_url, 'e=(\w+)', 1), regexp_extract(request_url, 'none') FROM accesslog;
SELECT regexp_extract_all('1a 2b 3c', '\d+'), regexp_extract_all('1a 2b', '(\d)([a-z])', 2);
SELECT regexp_replace('1a 2b', '\d'), regexp_replace('1a 2b', '(\d)(\w)', '$2-$1');
SELECT regexp_replace('new york', '(\w)(\w*)', x -> upper(x[1]) || lower(x[2]));
SELECT regexp_split('1a2b3c', '\d'), regexp_count('1a 2b 14m', '\s*[a-z]+\s*'), regexp_position('9a', '[a-z]');
SELECT regexp_position('I have 23 apples, 5 pears and 13 oranges', '\b\d+\b', 5), regexp_position('abcabc', 'b', 1, 2);
SELECT regexp_like('ABC', '(?i)b'), regexp_like('a
b', '(?s)a.b'), regexp_like('a
b', 'a.b'), regexp_extract('a
bc', '(?m)^b.$');
SELECT regexp_replace('aaa', 'a*?', 'x'), regexp_replace('abc', '', '-'), regexp_split('abc', '');
SELECT regexp_like('日本', '\p{L}+'), regexp_extract('price: 12.50€', '[\d.]+');
SELECT regexp_extract('k=v', '(?<key>\w)=(?<val>\w)', 2), regexp_replace('k=v', '(?<key>\w)=(?<val>\w)', '${val}=${key}');
SELECT regexp_like('a', '(');
SELECT regexp_extract('a', 'a', 3);
SELECT regexp_replace('a', 'a', '$5');
SELECT regexp_like(1, 'a');
SELECT name, regexp_replace(name, '[^\x00-\x7F]', '?') FROM reading ORDER BY id LIMIT 9;
SELECT user_agent, regexp_extract(user_agent, '^([^/]+)/([\d.]+)', 2) FROM accesslog;
SELECT regexp_like('x.y', 'x\.y'), regexp_like('x-y', '[\w-]+'), regexp_like('tab	', '\t'), regexp_like('ab', 'a(?=b)'), regexp_like('ab', 'a(?!b)');
SELECT regexp_replace(visitor, '(.)', '<$1>'), regexp_count(page, '/') FROM visit;
