/** Sends orders: `npx ts-node send.ts URL KEY`; without arguments it only says how. */

/** An order as the first version of the shop tells of it. */
export interface OrderV1 {
    order_id: string;
    item: string;
    price: number;
}

/** An order as the second version tells of it; its numbers are beyond what JavaScript counts exactly. */
export interface OrderV2 {
    order_id: bigint;
    item: string;
    cents: number;
    buyer: { country: string; since: string };
    tags: string[];
}

/** What may be answered: another try helps with 429 and 503, nothing else. */
const worthAnotherTry = [429, 503];
const tries = 5;
/** The most that one request takes. */
const batch = 500;

/** Orders of the first version, always the same. */
export function ordersV1(count: number): OrderV1[] {
    return Array.from({ length: count }, (_, index) => ({
        order_id: `v1-${index}`,
        item: ["cup", "plate", "it's a pot", "søm"][index % 4]!,
        price: ((index * 37) % 91) + 0.25,
    }));
}

/** Orders of the second version, always the same. */
export function ordersV2(count: number): OrderV2[] {
    return Array.from({ length: count }, (_, index) => ({
        order_id: 9_007_199_254_740_993n + BigInt(index),
        item: ["cup", "plate", 'pan "L"'][index % 3]!,
        cents: 100 + ((index * 7919) % 5000),
        buyer: { country: index % 2 ? "DK" : "DE", since: "2026-01-31" },
        tags: index % 5 ? [] : ["gift", "a\nb"],
    }));
}

/** Puts one event, as it is. Events with the same key stay in order. */
export function put(url: string, key: string, stream: string, event: string, partitionKey?: string): Promise<Response> {
    const query = partitionKey === undefined ? "" : `?partitionKey=${encodeURIComponent(partitionKey)}`;
    return send(`${url}/${stream}/record${query}`, key, event);
}

/** Puts events by 500; what Kinesis did not take is sent again, and nothing else. */
export async function putAll(url: string, key: string, stream: string, events: string[]): Promise<void> {
    for (let sent = 0; sent < events.length; sent += batch) {
        let rest = events.slice(sent, sent + batch);
        for (let tried = 1; rest.length > 0; tried++) {
            const response = await send(`${url}/${stream}/records`, key, `[${rest.join(",")}]`);
            if (response.ok) break;
            const { message, failed } = (await response.json()) as { message: string; failed?: { index: number }[] };
            if (!worthAnotherTry.includes(response.status) || tried === tries) throw new Error(message);
            rest = failed ? failed.map(({ index }) => rest[index]!) : rest;
            await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tried));
        }
    }
}

function send(url: string, key: string, body: string): Promise<Response> {
    return fetch(url, { method: "PUT", headers: { "content-type": "application/json", "x-api-key": key }, body });
}

/** JSON with all digits of a `bigint`. */
export function toJson(order: OrderV1 | OrderV2): string {
    const { order_id, ...rest } = order;
    return `{"order_id":${typeof order_id === "bigint" ? order_id : JSON.stringify(order_id)},${JSON.stringify(rest).slice(1)}`;
}

if (require.main === module) {
    const [url, key] = process.argv.slice(2);
    if (url === undefined || key === undefined) {
        console.error("usage: npx ts-node send.ts URL KEY, where URL ends in /v0/streams");
        process.exitCode = 2;
    } else {
        void sendAll(url, key);
    }
}

async function sendAll(url: string, key: string): Promise<void> {
    await putAll(url, key, "order_v1", ordersV1(1_000).map(toJson));
    await putAll(url, key, "order_v2", ordersV2(1_000).map(toJson));
    console.log("2000 orders are stored");
}
