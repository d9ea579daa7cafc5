import { FirehoseClient } from "@aws-sdk/client-firehose";
import {
    answeredBy,
    type GivenResponse,
    jsonError,
    jsonRequest,
    jsonResponse,
    type SentRequest,
} from "../shared/fake-service";

/** How a call is answered: for each record the code of its failure or undefined, or the call as a whole. */
export type Reply = (records: string[]) => (string | undefined)[] | Promise<GivenResponse>;

export const stores: Reply = (records) => records.map(() => undefined);

/** Every record fails with this code. */
export const failsAll =
    (code: string): Reply =>
    (records) =>
        records.map(() => code);

/** The call fails with the service's error. */
export const fails =
    (name: string, statusCode: number): Reply =>
    async () => ({ ...jsonError(name, "no"), statusCode });

/** The connection breaks. */
export const disconnects: Reply = () => Promise.reject(Object.assign(new Error("reset"), { code: "ECONNRESET" }));

/** A Firehose that replies as it is told, at last always with the last reply. */
export class FakeFirehose {
    /** The records of each call. */
    readonly calls: string[][] = [];
    readonly stored: string[] = [];
    readonly client = new FirehoseClient({ ...answeredBy((request) => this.answer(request)), maxAttempts: 1 });
    private readonly replies: Reply[];

    constructor(...replies: Reply[]) {
        this.replies = replies;
    }

    async answer(request: SentRequest): Promise<GivenResponse> {
        const { Records } = jsonRequest(request).input as { Records: { Data: string }[] };
        const records = Records.map(({ Data }) => Buffer.from(Data, "base64").toString());
        const reply = this.replies[this.calls.length] ?? this.replies.at(-1)!;
        this.calls.push(records);
        const result = await reply(records);
        return Array.isArray(result) ? this.answerFor(records, result) : result;
    }

    private answerFor(records: string[], codes: (string | undefined)[]): GivenResponse {
        this.stored.push(...records.filter((_, index) => codes[index] === undefined));
        return jsonResponse({
            FailedPutCount: codes.filter(Boolean).length,
            RequestResponses: codes.map((code, index) =>
                code ? { ErrorCode: code, ErrorMessage: "Slow down." } : { RecordId: `${index}` },
            ),
        });
    }
}
