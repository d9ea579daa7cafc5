// What `npm test` runs: everything that takes seconds. Whole programs and long sweeps are for `npm run test:slow`.
const { slow } = require("./test/slow.json");

module.exports = {
    require: ["ts-node/register/transpile-only", "test/setup.ts"],
    spec: ["test/**/*.test.ts"],
    ignore: ["test/peers/**", ...slow],
    timeout: 30_000,
    parallel: true,
    jobs: 2,
};
