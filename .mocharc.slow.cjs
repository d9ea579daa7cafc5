// What `npm run test:slow` runs.
const { slow } = require("./test/slow.json");

module.exports = { ...require("./.mocharc.cjs"), spec: slow, ignore: [] };
