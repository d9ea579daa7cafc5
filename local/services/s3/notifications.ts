import type { Source } from "../../iam/access";
import { type CapturedResource, ofType } from "../../program";
import { type Cause, type Runtime, region } from "../../runtime";
import type { Destinations } from "../destinations";
import { refuseOthers } from "../refusal";
import type { S3 } from "../s3";
import { encodeEventKey } from "./keys";
import type { CreatedEvent, StoredObject } from "./store";

/** One entry of a bucket's notification document. */
interface Entry {
    bucket: string;
    /** Its id in the events. */
    id: string;
    target: string;
    events: string[];
    prefix: string;
    suffix: string;
}

interface EntryInputs {
    id?: string;
    events: string[];
    filterPrefix?: string;
    filterSuffix?: string;
    topicArn?: string;
    queueArn?: string;
    lambdaFunctionArn?: string;
}

const entryInputs = ["id", "events", "filterPrefix", "filterSuffix", "topicArn", "queueArn", "lambdaFunctionArn"];

/**
 * Announces new objects as the buckets' notification documents say. Like S3, it sends topics and queues an
 * `s3:TestEvent` when the document is put.
 */
export function announceObjects(runtime: Runtime, s3: S3, destinations: Destinations, foreign: string[]): void {
    const entries = ofType(runtime.program, "aws:s3/bucketNotification:BucketNotification").flatMap(readEntries);
    for (const { target, id } of entries) destinations.check(target, `bucket notification "${id}"`);
    for (const { target, bucket } of entries) {
        if (!target.includes(":lambda:"))
            destinations.send(sourceOf(bucket), target, testEvent(runtime, bucket), undefined, subject);
    }
    s3.onCreated((object, eventName) => {
        const own = entries.filter((entry) => applies(entry, object, eventName));
        // An adopted bucket announces its objects on topics that its owner wired: those the program only subscribes to.
        const owners = s3.isAdopted(object.bucket) ? foreign.map((target) => ({ target, id: "owner" })) : [];
        for (const { target, id } of [...own, ...owners]) {
            const event = JSON.stringify(objectEvent(object, eventName, id));
            destinations.send(sourceOf(object.bucket), target, event, causeOf(object), subject);
        }
    });
}

function sourceOf(bucket: string): Source {
    return { service: "s3.amazonaws.com", arn: `arn:aws:s3:::${bucket}` };
}

/** Of the topics' messages. */
const subject = "Amazon S3 Notification";

/** The event of a new object, as S3 documents it, version 2.1. */
export function objectEvent(object: StoredObject, eventName: CreatedEvent, configurationId: string): object {
    const { bucket, key, size, etag, versionId, sequencer, lastModified } = object;
    return {
        Records: [
            {
                eventVersion: "2.1",
                eventSource: "aws:s3",
                awsRegion: region,
                eventTime: new Date(lastModified).toISOString(),
                eventName,
                userIdentity: { principalId: "AWS:LOCAL" },
                requestParameters: { sourceIPAddress: "127.0.0.1" },
                responseElements: { "x-amz-request-id": "local", "x-amz-id-2": "local" },
                s3: {
                    s3SchemaVersion: "1.0",
                    configurationId,
                    bucket: { name: bucket, ownerIdentity: { principalId: "LOCAL" }, arn: `arn:aws:s3:::${bucket}` },
                    object: {
                        key: encodeEventKey(key),
                        size,
                        eTag: etag,
                        ...(versionId !== undefined && { versionId }),
                        sequencer,
                    },
                },
            },
        ],
    };
}

/** What the object makes happen goes back to it. */
export function causeOf(object: StoredObject): Cause {
    return { keys: [object.key], tier: object.cause?.tier ?? 0 };
}

function readEntries({ name, inputs }: CapturedResource): Entry[] {
    refuseOthers(`bucket notification "${name}": `, inputs, [
        ...["bucket", "topics", "queues", "lambdaFunctions", "eventbridge", "region"],
    ]);
    const lists = [inputs.topics, inputs.queues, inputs.lambdaFunctions] as (EntryInputs[] | undefined)[];
    return lists
        .flatMap((list) => list ?? [])
        .map((entry, index) => {
            refuseOthers(`bucket notification "${name}": `, entry, entryInputs);
            return {
                bucket: String(inputs.bucket),
                id: entry.id ?? `${name}-${index}`,
                target: (entry.topicArn ?? entry.queueArn ?? entry.lambdaFunctionArn)!,
                events: entry.events,
                prefix: entry.filterPrefix ?? "",
                suffix: entry.filterSuffix ?? "",
            };
        });
}

function applies({ bucket, events, prefix, suffix }: Entry, object: StoredObject, eventName: CreatedEvent): boolean {
    return (
        bucket === object.bucket &&
        object.key.startsWith(prefix) &&
        object.key.endsWith(suffix) &&
        events.some((event) => event === "s3:ObjectCreated:*" || event === `s3:${eventName}`)
    );
}

function testEvent({ clock }: Runtime, bucket: string): string {
    const time = new Date(clock.now()).toISOString();
    const ids = { RequestId: "local", HostId: "local" };
    return JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Time: time, Bucket: bucket, ...ids });
}
