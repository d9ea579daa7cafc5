import { expect } from "chai";
import fc from "fast-check";
import { createdObjects } from "../../../handlers/shared/s3-events";
import { s3Body, s3Record } from "./s3-event-messages";

describe("createdObjects", () => {
    it("reads what S3 says of an object", () => {
        const body = s3Body(s3Record("raw/a.json.gz", { versionId: "v1" }));

        const objects = createdObjects(body);

        expect(objects).to.deep.equal([
            {
                bucket: "lake",
                key: "raw/a.json.gz",
                size: 100,
                versionId: "v1",
                eTag: "e1",
                sequencer: "0A",
                eventTime: "2026-11-21T04:00:00.000Z",
            },
        ]);
    });

    it("decodes keys as forms are decoded", () => {
        const body = s3Body(s3Record("raw/a+b%2Bc%3D%C3%BC.json"));

        const [object] = createdObjects(body);

        expect(object?.key).to.equal("raw/a b+c=ü.json");
    });

    it("decodes a key once, also one that looks encoded", () => {
        expect(createdObjects(s3Body(s3Record("raw/100%2525+a%252Fb")))[0]?.key).to.equal("raw/100%25 a%2Fb");
    });

    it("reads later versions of the event, with what they add", () => {
        const record = { ...s3Record("raw/a"), eventVersion: "3.7", glacierEventData: {} };

        expect(createdObjects(s3Body(record)).map(({ key }) => key)).to.deep.equal(["raw/a"]);
    });

    it("reads back any key that S3 encodes", () => {
        const encoded = (key: string) => encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");

        fc.assert(
            fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (key) => {
                expect(createdObjects(s3Body(s3Record(encoded(key))))[0]?.key).to.equal(key);
            }),
        );
    });

    it("takes keys from EventBridge as they are, and its empty values as absent", () => {
        const record = s3Record("raw/100%+a.json", { versionId: "", eTag: "", sequencer: "" });
        const body = s3Body({ ...record, eventSource: "aws:events", eventName: "Object Created" });

        const [object] = createdObjects(body);

        expect(object).to.deep.include({ key: "raw/100%+a.json", size: 100 });
        expect([object?.versionId, object?.eTag, object?.sequencer]).to.deep.equal([undefined, undefined, undefined]);
    });

    it("reads what a replay says of itself, and nothing that is not of its kind", () => {
        const read = (eventpipeline: unknown) => createdObjects(s3Body({ ...s3Record("raw/a"), eventpipeline }))[0];

        expect(read({ replay: "r1", again: true, query: "q" })).to.deep.include({ again: "r1", query: "q" });
        for (const other of [
            undefined,
            null,
            1,
            {},
            { replay: "r1" },
            { again: true },
            { replay: 1, again: 1, query: 1 },
        ]) {
            expect(read(other), JSON.stringify(other)).to.not.have.any.keys("again", "query");
        }
    });

    it("opens SNS's envelope", () => {
        const body = JSON.stringify({ Type: "Notification", Message: s3Body(s3Record("raw/a")) });

        const objects = createdObjects(body);

        expect(objects.map(({ key }) => key)).to.deep.equal(["raw/a"]);
    });

    it("finds nothing in S3's test event", () => {
        const body = JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "lake" });

        expect(createdObjects(body)).to.deep.equal([]);
    });

    it("takes any number of records, and of them only creations", () => {
        const removed = { ...s3Record("raw/b"), eventName: "ObjectRemoved:Delete" };
        const completed = { ...s3Record("raw/c"), eventName: "ObjectCreated:CompleteMultipartUpload" };
        const deleted = { ...s3Record("raw/d"), eventName: "Object Deleted" };
        const body = s3Body(s3Record("raw/a"), removed, null, {}, completed, deleted);

        expect(createdObjects(s3Body())).to.deep.equal([]);
        expect(createdObjects(body).map(({ key }) => key)).to.deep.equal(["raw/a", "raw/c"]);
    });

    for (const body of ["null", "1", "[]", "{}", '{"Records":7}']) {
        it(`refuses the body ${body}, which has no records`, () => {
            expect(() => createdObjects(body)).to.throw(/^the message is no S3 event: it has no Records$/);
        });
    }

    it("refuses a body that is not JSON without quoting it", () => {
        expect(() => createdObjects("")).to.throw(/^the message is no S3 event: its body is not JSON$/);
        expect(() => createdObjects("{secret")).to.throw(/^the message is no S3 event: its body is not JSON$/);
    });

    it("refuses records without a bucket or a key", () => {
        const created = { eventName: "ObjectCreated:Put" };

        for (const s3 of [undefined, {}, { bucket: { name: "lake" } }, { object: { key: "raw/a" } }]) {
            expect(() => createdObjects(s3Body({ ...created, s3 }))).to.throw("a record names no bucket or no key");
        }
    });

    it("refuses a key with malformed encoding and names it", () => {
        const body = s3Body(s3Record("raw/100%.json"));

        expect(() => createdObjects(body)).to.throw('the key "raw/100%.json" is not validly percent-encoded');
    });

    it("either reads or refuses any message, by an error of its own", () => {
        fc.assert(
            fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
                try {
                    createdObjects(body);
                } catch (error) {
                    expect((error as Error).message).to.match(/^the message is no S3 event|^the key /);
                }
            }),
        );
    });
});
