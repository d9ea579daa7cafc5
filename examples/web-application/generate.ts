/**
 * Writes a week of 5,000 purchases, newline-delimited JSON in order of time. Seeded: the same file every time.
 * Usage: ts-node -T examples/web-application/generate.ts FILE
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** One line of the file. */
export interface Purchase {
    event_id: string;
    customer: string;
    product: string;
    amount: number;
    purchased_at: string;
}

/** Names as customers see them: with what separates fields and lines elsewhere, but not in JSON. */
const products = ["Mug, blue", 'Poster "The Sea"', "Täschchen", "Calendar\u20282027", "Pen\nand pencil"];
const number = 5000;
const start = Date.parse("2026-11-14T00:00:00Z");
const week = 7 * 86_400_000;

/** The purchases of the week that starts on 14 November 2026, in order of time. */
export function purchases(): Purchase[] {
    const random = randomNumbers(1);
    return Array.from({ length: number }, (_, index) => ({
        event_id: `purchase-${index + 1}`,
        customer: `customer-${Math.floor(random() * 800)}`,
        product: products[Math.floor(random() ** 2 * products.length)]!,
        amount: Math.ceil(random() * 10_000) / 100,
        purchased_at: new Date(start + ((index + random()) * week) / number).toISOString(),
    }));
}

/** A small seeded generator of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}

if (require.main === module) {
    const file = process.argv[2];
    if (!file) throw new Error("usage: ts-node -T examples/web-application/generate.ts FILE");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
        file,
        purchases()
            .map((purchase) => `${JSON.stringify(purchase)}\n`)
            .join(""),
    );
    process.stderr.write(`${file}: ${number} purchases\n`);
}
