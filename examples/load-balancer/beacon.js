// Runs in a visitor's browser.
const query = new URLSearchParams({ path: location.pathname, load_ms: Math.round(performance.now()) });
if (document.referrer) query.set("referrer", document.referrer);
navigator.sendBeacon(`https://pixel.example.com/p?${query}`);
