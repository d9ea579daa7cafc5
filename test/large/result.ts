import { Readable } from "node:stream";
import { wide } from "../../bench/data/rows";
import { Random } from "../../cli/generate/random";
import { ReferenceCsvToNdjson } from "../handlers/convert-result/reference";

const rowsOfBlock = 4_000;
const { columns } = wide;

/** A result as large as is wanted: the same rows over and over, more of them than gzip looks back. */
export class LargeResult {
    readonly columns = columns;
    readonly rows: number;
    /** Of the CSV. */
    readonly bytes: number;
    private readonly header = csvLine(columns.map(({ name }) => name));
    private readonly block: Buffer;
    /** What the block becomes. */
    private readonly lines: Buffer;
    private readonly blocks: number;

    constructor(wantedBytes: number) {
        const random = new Random(1, "large");
        this.block = Buffer.concat(Array.from({ length: rowsOfBlock }, () => csvLine(wide.row(random))));
        const reference = new ReferenceCsvToNdjson(columns);
        reference.push(this.header);
        this.lines = reference.push(this.block);
        this.blocks = Math.ceil(wantedBytes / this.block.length);
        this.rows = this.blocks * rowsOfBlock;
        this.bytes = this.header.length + this.blocks * this.block.length;
    }

    csv(): Readable {
        const { header, block, blocks } = this;
        return Readable.from(parts(), { objectMode: false });

        function* parts(): Generator<Buffer> {
            yield header;
            for (let count = 0; count < blocks; count++) {
                for (let at = 0; at < block.length; at += 64 * 1024) yield block.subarray(at, at + 64 * 1024);
            }
        }
    }

    /** Fails where the lines are any others than the result's. */
    async compare(lines: AsyncIterable<Buffer>): Promise<void> {
        let offset = 0;
        for await (const chunk of lines) {
            for (let at = 0; at < chunk.length; ) {
                const expected = this.lines.subarray(offset % this.lines.length);
                const length = Math.min(expected.length, chunk.length - at);
                if (chunk.compare(expected, 0, length, at, at + length) !== 0) {
                    throw new Error(`the lines are others than expected near byte ${offset}`);
                }
                at += length;
                offset += length;
            }
        }
        const wanted = this.blocks * this.lines.length;
        if (offset !== wanted) throw new Error(`${offset} bytes of lines instead of ${wanted}`);
    }
}

/** As Athena writes it: every value in quotes, and nothing for NULL. */
function csvLine(values: (string | null)[]): Buffer {
    return Buffer.from(
        `${values.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",")}\n`,
    );
}
