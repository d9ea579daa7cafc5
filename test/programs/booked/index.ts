import { EventPipeline } from "eventpipeline";

const columns = [
    { name: "page", type: "string" },
    { name: "at", type: "timestamp" },
];

/** A pipeline of which every event is accounted for: as JSON and as Parquet, over HTTP and put by hand. */
const pipeline = new EventPipeline("booked", {
    ingest: {
        click: { columns, http: { open: true } },
        reading: { columns, format: "parquet", partitions: "hive" },
    },
    // #region books
    books: {
        afterMinutes: 60,
        hourly: true,
    },
    // #endregion
});
export const { collectorUrls, operations } = pipeline;
