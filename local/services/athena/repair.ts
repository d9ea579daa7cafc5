import { type LakeTable, parseLocation } from "../../athena-sql/tables/tables";
import type { Glue } from "../glue";
import type { Caller } from "./caller";
import type { Lines, ResultStore } from "./services";

/** Adds the partitions that lie in Hive's folders below a table; a table that projects its partitions needs none. */
export function repair(table: LakeTable, caller: Caller, glue: Glue, s3: ResultStore): Lines {
    const result: Lines = { columns: ["result"], lines: [] };
    const { registered, database, name } = table;
    if (!registered) return result;
    caller.useTable("GetPartitions", database, name);
    const known = new Set(registered.map(({ location }) => location));
    const { bucket, prefix } = parseLocation(table.location.endsWith("/") ? table.location : `${table.location}/`);
    const columns = table.columns.filter(({ partition }) => partition);
    const pattern = new RegExp(`^${columns.map((column) => `${column.name}=([^/]*)/`).join("")}`);
    for (const { key } of caller.objects(s3).list(bucket, prefix)) {
        const match = pattern.exec(key.slice(prefix.length));
        const location = match && `s3://${bucket}/${prefix}${match[0]}`;
        if (!location || known.has(location)) continue;
        known.add(location);
        caller.useTable("BatchCreatePartition", database, name);
        const values = match.slice(1).map(decodeURIComponent);
        const named = columns.flatMap((column, i): [string, string][] =>
            values[i] === "__HIVE_DEFAULT_PARTITION__" ? [] : [[column.name, values[i]!]],
        );
        glue.addPartitions(table, [{ values: Object.fromEntries(named), location }]);
        result.lines.push(`Partitions not in metastore:\t${name}:${match[0].slice(0, -1)}`);
    }
    return result;
}
