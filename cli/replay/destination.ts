import type { Operations } from "../../plan";
import { suggestion } from "../../plan/suggestion";

/** Where replayed objects are announced. */
export interface Destination {
    /** As it is printed. */
    name: string;
    /** Who hears of them. */
    subscribers: string[];
    /** Absent where a queue is meant. */
    topicArn?: string;
    queueUrl?: string;
    /** Query that alone is to run, of those that share the queue. */
    query?: string;
}

/** All subscribers, through the topic, or the one that is named, through its queue. */
export function destinationOf({ topicArn, subscribers, queues }: Operations, name?: string): Destination {
    const all = Object.keys(subscribers);
    if (name === undefined) {
        if (topicArn === undefined) throw new Error("nothing in this pipeline reacts to new objects");
        return { name: "all subscribers", subscribers: all, topicArn };
    }
    const found = all.filter((each) => each === name || each.endsWith(`/${name}`));
    if (found.length > 1) throw new Error(`--to ${name}: say which: ${found.join(" or ")}`);
    const [subscriber] = found;
    if (subscriber === undefined) throw new Error(`--to: unknown: \`${name}\`: ${suggestion(name, shortNames(all))}`);
    const { queueUrl } = queues[subscribers[subscriber]!.queue]!;
    const query = /^query\/(.+)$/.exec(subscriber)?.[1];
    return { name: subscriber, subscribers: [subscriber], queueUrl, ...(query !== undefined && { query }) };
}

function shortNames(names: string[]): string[] {
    return names.map((name) => name.slice(name.indexOf("/") + 1));
}
