import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { fetchOnce } from "../../test/peers/cache";

/** The folder of that name in the cache, made once. Whoever changes how it is made gives it another name. */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
    const folder = await fetchOnce(`bench-${name}`, async (folder) => {
        await make(folder);
        return true;
    });
    return folder!;
}

/** Writes texts to a file, a few at a time. */
export async function writeTexts(file: string, texts: Iterable<string>): Promise<void> {
    const out = createWriteStream(file);
    let block = "";
    for (const text of texts) {
        block += text;
        if (block.length < blockLength) continue;
        if (!out.write(block)) await once(out, "drain");
        block = "";
    }
    await finished(out.end(block));
}

const blockLength = 1 << 20;
