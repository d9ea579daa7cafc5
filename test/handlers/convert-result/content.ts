/** Rows as results have them. */
export function rows(count: number): Buffer {
    const lines = Array.from({ length: count }, (_, row) =>
        JSON.stringify({ device: `device-${(row * 7919) % 1_000}`, battery: Math.sin(row), page: `/p/${row % 57}` }),
    );
    return Buffer.from(`${lines.join("\n")}\n`);
}

/** Bytes that repeat themselves near and far. */
export function sample(size: number, seed: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    for (let i = 0, state = seed + 1; i < size; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        bytes[i] = i % 70_000 > 40_000 ? i % 251 : state >>> 28;
    }
    return bytes;
}
