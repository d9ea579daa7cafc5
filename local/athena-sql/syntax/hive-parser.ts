import { notModelled } from "../errors";
import { Cursor } from "./cursor";
import type { Drop, Show, Statement } from "./statements";

/** Words that begin statements which Athena hands to Hive. */
const beginnings = [
    ...["SHOW TABLES", "SHOW COLUMNS", "SHOW PARTITIONS", "SHOW DATABASES", "SHOW SCHEMAS", "SHOW TBLPROPERTIES"],
    ...["SHOW CREATE TABLE", "DESCRIBE", "DESC", "MSCK", "DROP TABLE"],
];

/** Whether Hive's grammar is that of a statement. */
export function isHives(statement: string): boolean {
    const [, words = ""] = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*((?:\w+\s*){1,3})/.exec(statement) ?? [];
    const start = `${words.trim().split(/\s+/).join(" ").toUpperCase()} `;
    return beginnings.some((beginning) => start.startsWith(`${beginning} `));
}

/** Athena's statements about the catalog, which are Hive's: names stand in backquotes, not in double quotes. */
export class HiveParser extends Cursor {
    constructor(statement: string) {
        super(statement, "hive");
    }

    statement(): Statement {
        const statement = this.known(this.peek().at);
        this.endOfStatement();
        return statement;
    }

    private known(at: number): Statement {
        if (this.acceptWords("DROP", "TABLE")) return this.dropTable(at);
        if (this.acceptWords("MSCK", "REPAIR", "TABLE")) return { kind: "repair", name: this.qualifiedName(), at };
        if (this.accept("SHOW")) return this.show(at);
        if (!this.accept("DESC")) this.expect("DESCRIBE");
        return this.describe(at);
    }

    private dropTable(at: number): Drop {
        const ifExists = this.acceptWords("IF", "EXISTS");
        return { kind: "drop table", name: this.tableName(), ifExists, at };
    }

    private show(at: number): Show {
        if (this.accept("TABLES")) {
            const database = this.inDatabase();
            return { kind: "show tables", at, ...(database && { database }), ...this.pattern() };
        }
        if (this.accept("DATABASES") || this.accept("SCHEMAS")) {
            return { kind: "show databases", at, ...this.pattern() };
        }
        if (this.accept("COLUMNS")) {
            if (!this.accept("IN")) this.expect("FROM");
            const name = this.tableName();
            const database = this.inDatabase();
            return { kind: "show columns", name: database ? [database, ...name] : name, at };
        }
        if (this.accept("PARTITIONS")) return { kind: "show partitions", name: this.tableName(), at };
        if (this.acceptWords("CREATE", "TABLE")) return { kind: "show create table", name: this.tableName(), at };
        this.expect("TBLPROPERTIES");
        const name = this.tableName();
        if (!this.acceptSymbol("(")) return { kind: "show tblproperties", name, at };
        const property = this.text();
        this.expectSymbol(")");
        return { kind: "show tblproperties", name, property, at };
    }

    private describe(at: number): Show {
        const more = this.peek();
        if (this.is("EXTENDED") || this.is("FORMATTED"))
            throw notModelled(`DESCRIBE ${more.text.toUpperCase()}`, more.at);
        const name = this.tableName();
        const behind = this.peek();
        if (behind.kind !== "end" && behind.text !== ";") throw notModelled("DESCRIBE of a part of a table", behind.at);
        return { kind: "describe", name, at };
    }

    private inDatabase() {
        return this.accept("IN") || this.accept("FROM") ? this.identifier() : undefined;
    }

    private pattern(): { pattern?: string } {
        return this.accept("LIKE") || this.peek().kind === "string" ? { pattern: this.text() } : {};
    }

    /** One pair of backquotes may also hold database and table: `` `lake.clicks` ``. */
    private tableName() {
        return this.qualifiedName().flatMap(({ name, at }) => name.split(".").map((part) => ({ name: part, at })));
    }
}
