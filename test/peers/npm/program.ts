import { EventPipeline, type IngestArgs, OutputMode } from "eventpipeline";
import { readSeries } from "eventpipeline/client";
import { LocalPipeline } from "eventpipeline/local";
import type { ProcessorEvent } from "eventpipeline/processor";

const click: IngestArgs = { columns: [{ name: "page", type: "string" }] };
const shop = new EventPipeline("shop", {
    ingest: { click },
    queries: {
        "raw/v0/click/": [
            {
                name: "pages",
                sql: "SELECT page, count(*) AS clicks FROM click WHERE :new_data GROUP BY 1",
                output: {
                    prefix: "processed/v0/pages/",
                    mode: OutputMode.Replace,
                    columns: [
                        { name: "page", type: "string" },
                        { name: "clicks", type: "bigint" },
                    ],
                },
            },
        ],
    },
});
export const bucketName = shop.bucketName;
export const used = [readSeries, LocalPipeline];
export const keysOf = (event: ProcessorEvent): string[] => event.objects.map(({ key }) => key);
