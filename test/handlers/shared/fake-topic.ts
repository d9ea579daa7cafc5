import { SNSClient } from "@aws-sdk/client-sns";
import { answeredBy, type GivenResponse, type SentRequest } from "./fake-service";

/** A topic, and what was published on it. */
export class FakeTopic {
    readonly notifications: { subject: string; message: Record<string, unknown> }[] = [];
    /** Faults: answers a call instead of SNS. */
    instead: () => GivenResponse | undefined = () => undefined;
    readonly client = new SNSClient({ ...answeredBy((request) => this.answer(request)), maxAttempts: 1 });

    /** The answer to a request. */
    answer({ body }: SentRequest): GivenResponse {
        const fault = this.instead();
        if (fault) return fault;
        const input = new URLSearchParams(String(body));
        this.notifications.push({ subject: input.get("Subject")!, message: JSON.parse(input.get("Message")!) });
        const answer = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
        return { statusCode: 200, headers: { "content-type": "text/xml" }, body: answer };
    }
}
