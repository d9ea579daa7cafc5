/**
 * Flattens a week of earthquakes, as the United States Geological Survey published them and the npm package
 * `vega-datasets` ships them, into newline-delimited JSON. Usage: ts-node -T examples/earthquakes/flatten.ts FILE
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The part of the survey's GeoJSON that we read. */
interface Feature {
    id: string;
    properties: {
        mag: number | null;
        magType: string | null;
        place: string;
        time: number;
        net: string;
        felt: number | null;
        alert: string | null;
        tsunami: number;
        sources: string;
    };
    geometry: { coordinates: [longitude: number, latitude: number, depth: number] };
}

/** The week's earthquakes in order of time, one flat event each. */
export function earthquakes(): Record<string, unknown>[] {
    const file = join(dirname(require.resolve("vega-datasets")), "../data/earthquakes.json");
    const { features } = JSON.parse(readFileSync(file, "utf8")) as {
        features: Feature[];
    };
    return features.toSorted((a, b) => a.properties.time - b.properties.time).map(flatten);
}

function flatten({ id, properties, geometry }: Feature): Record<string, unknown> {
    const [longitude, latitude, depth] = geometry.coordinates;
    return {
        id,
        occurred_at: new Date(properties.time).toISOString(),
        network: properties.net,
        magnitude: properties.mag,
        magnitude_type: properties.magType,
        place: properties.place,
        longitude,
        latitude,
        depth_km: depth,
        felt: properties.felt,
        alert: properties.alert,
        tsunami: properties.tsunami === 1,
        // The survey writes lists as ",ci,us,".
        sources: properties.sources.split(",").filter((source) => source !== ""),
    };
}

if (require.main === module) {
    const file = process.argv[2];
    if (!file) throw new Error("usage: ts-node -T examples/earthquakes/flatten.ts FILE");
    mkdirSync(dirname(file), { recursive: true });
    const events = earthquakes();
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    process.stderr.write(`${file}: ${events.length} earthquakes\n`);
}
