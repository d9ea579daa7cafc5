import * as pipeline from "eventpipeline";
import * as client from "eventpipeline/client";
import * as local from "eventpipeline/local";
import * as policy from "eventpipeline/policy";
import * as processor from "eventpipeline/processor";

const entries = {
    eventpipeline: pipeline,
    "eventpipeline/client": client,
    "eventpipeline/local": local,
    "eventpipeline/policy": policy,
    "eventpipeline/processor": processor,
};
process.stdout.write(
    JSON.stringify(Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, Object.keys(entry)]))),
);
