const entries = [
    "eventpipeline",
    "eventpipeline/client",
    "eventpipeline/local",
    "eventpipeline/policy",
    "eventpipeline/processor",
];
process.stdout.write(JSON.stringify(Object.fromEntries(entries.map((entry) => [entry, Object.keys(require(entry))]))));
