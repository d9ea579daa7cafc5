import { SyntaxProblem } from "./problems";
import { type NewDataSite, type NewDataUse, SqlReader } from "./sql-reader";
import { onlyStatement } from "./sql-statement";
import type { SqlPiece } from "./types";

/** What the plan knows about a query. */
export interface ParsedSql {
    pieces: SqlPiece[];
    /** The tables it reads, in lower case, each once. */
    tables: string[];
    newData: NewDataUse[];
}

/** Athena's limit for a query string. */
const longestQuery = 262_144;

/** Reads a query. Problems that leave the rest readable are reported, others thrown as SyntaxProblem. */
export function parseSql(sql: string, report: (message: string) => void): ParsedSql {
    if (Buffer.byteLength(sql) > longestQuery) {
        throw new SyntaxProblem(`has ${Buffer.byteLength(sql)} bytes: Athena takes at most ${longestQuery}`);
    }
    const { statement, tokens } = onlyStatement(sql);
    const { tables, sites } = new SqlReader(tokens, report).read();
    return {
        pieces: cut(statement, sites),
        tables,
        newData: sites.map(({ alias, relations }) => ({ ...(alias && { alias }), relations })),
    };
}

/** The text between the sites, and the sites. */
function cut(statement: string, sites: NewDataSite[]): SqlPiece[] {
    const starts = [0, ...sites.map(({ end }) => end)];
    const pieces = starts.flatMap((start, index): SqlPiece[] => {
        const site = sites[index];
        return site === undefined
            ? [statement.slice(start)]
            : [statement.slice(start, site.start), { newData: site.qualifier ? { qualifier: site.qualifier } : {} }];
    });
    return pieces.filter((piece) => piece !== "");
}
