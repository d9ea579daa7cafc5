/**
 * Posts batches of 100 logins of 21 users, four a second, and prints how often each status was answered.
 * Usage: ts-node -T examples/collector/generate.ts URL KEY [BATCHES]
 */

/** One event of a batch. */
export interface Login {
    event: "LOGIN";
    user_name: string;
    occurred_at: string;
}

const names = [
    ...["Ada", "Bjørn", "Chloé", "Dmitri", "Efua", "Farid", "Grete", "Hiroshi", "Ines", "João", "Kwame"],
    ...["Lena", "Mehmet", "Nadia", "Olu", "Priya", "Quentin", "Rosa", "Sven", "Tuyết", "Zoë"],
];
const batchSize = 100;
const pauseMilliseconds = 250;

/** The logins of a batch at a time; some users log in far more often than others. The same for the same number. */
export function batch(number: number, at: Date): Login[] {
    const random = randomNumbers(number + 1);
    return Array.from({ length: batchSize }, () => ({
        event: "LOGIN",
        user_name: names[Math.floor(random() ** 4 * names.length)]!,
        occurred_at: at.toISOString(),
    }));
}

/** Posts a batch as one JSON array; answers the status. */
export async function post(url: string, key: string, logins: Login[]): Promise<number> {
    const { status } = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": key },
        body: JSON.stringify(logins),
    });
    return status;
}

/** A small seeded generator of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
    let state = Math.imul(seed, 2_654_435_761) >>> 0;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}

async function main([url, key, batches = "20"]: string[]): Promise<void> {
    if (!url || !key) throw new Error("usage: ts-node -T examples/collector/generate.ts URL KEY [BATCHES]");
    const statuses: Record<number, number> = {};
    for (let number = 0; number < Number(batches); number++) {
        const status = await post(url, key, batch(number, new Date()));
        statuses[status] = (statuses[status] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    }
    for (const [status, count] of Object.entries(statuses)) process.stdout.write(`${status}: ${count} batches\n`);
}

if (require.main === module) void main(process.argv.slice(2));
