import { Compression, OutputMode, type QueryOutputArgs } from "./arguments";
import type { Step } from "./graph";
import { overlap } from "./member";
import type { Report } from "./problems";

/** A query's results, as those see them that read them. */
interface Results {
    step: Step;
    output: { compression?: Compression };
    compressionPath: string;
}

/** Checks how results are compressed. */
export function checkCompression(
    { compression, mode }: Pick<QueryOutputArgs, "compression" | "mode">,
    path: string,
    report: Report,
): void {
    if (compression !== undefined && !Object.values<string>(Compression).includes(compression)) {
        report(path, "must be `small`, `balanced`, `fast` or `zstd`");
    } else if (compression === Compression.Zstd && mode === OutputMode.Replace) {
        report(
            path,
            "is `zstd`, but the result of the mode `replace` is `latest.json.gz`, which programs name: take `fast`, or the mode `append`",
        );
    }
}

/** A processor gets the objects themselves. Few languages come with zstd: Node from 22.15 on, Python from 3.14. */
export function checkZstdReaders(queries: Results[], processors: Step[], report: Report): void {
    for (const { step, output, compressionPath } of queries) {
        if (output.compression !== Compression.Zstd) continue;
        const reader = processors.find(({ trigger }) => overlap(step.output, trigger));
        if (reader === undefined) continue;
        report(
            compressionPath,
            `is \`zstd\`, but the processor \`${reader.name}\` gets the results of \`${step.name}\`, and most runtimes can't unpack them: take \`fast\``,
        );
    }
}
