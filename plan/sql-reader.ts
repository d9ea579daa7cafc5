import { SyntaxProblem } from "./problems";
import { matchParentheses } from "./sql-statement";
import type { Token } from "./sql-tokens";

/** Something that a FROM lists. */
export interface Relation {
    /** What qualifies its columns: the alias, else the table's name. Lower case. */
    name?: string;
    /** The table that it is; absent for a subquery or a name of WITH. Lower case. */
    table?: string;
}

/** One `:new_data`. */
export interface NewDataUse {
    /** The alias in its parentheses, lower case and without quotes. */
    alias?: string;
    /** What the FROM before its WHERE lists; UNNEST aside, which adds no rows of its own. */
    relations: Relation[];
}

/** A `:new_data` and the text that it replaces. */
export interface NewDataSite extends NewDataUse {
    start: number;
    end: number;
    /** The alias as written. */
    qualifier?: string;
}

/** One SELECT … while it is read. */
interface Block {
    /** The keyword that began the clause. */
    clause: string;
    relations: Relation[];
    /** What WITH defined. */
    names: ReadonlySet<string>;
}

const setOperators = new Set(["union", "intersect", "except"]);
const clauses = new Set(["from", "where", "group", "having", "order", "window"]);
const afterQuery = new Set([")", ...setOperators, "order", "limit", "offset", "fetch"]);
const queryStarts = new Set(["select", "values", "with"]);

/** What may stand before `:new_data`, which is a condition and not a value. */
const beforeCondition = new Set(["where", "and", "or", "not", "("]);

/** Words that cannot name a table or alias unless in double quotes. */
const reserved = new Set(
    (
        "alter and as between by case cast constraint create cross cube current_catalog current_date current_path " +
        "current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct " +
        "drop else end escape except execute exists extract false for from full group grouping having in inner " +
        "insert intersect into is join json_array json_exists json_object json_query json_table json_value left like " +
        "listagg localtime localtimestamp natural normalize not null on or order outer prepare recursive right " +
        "rollup select skip table then trim true uescape union unnest using values when where with"
    ).split(" "),
);

/** Words that follow a table without being its alias. */
const notAlias = new Set([...reserved, "limit", "offset", "fetch", "tablesample", "match_recognize", "window"]);

/**
 * Reads as much of a query as the plan must know: the tables it reads, and the places of `:new_data` with the tables of
 * their FROM. Everything else is left to Athena.
 */
export class SqlReader {
    private readonly closing: Map<number, number>;
    private readonly tables = new Set<string>();
    private readonly sites: NewDataSite[] = [];
    private at = 0;

    constructor(
        private readonly tokens: Token[],
        private readonly report: (message: string) => void,
    ) {
        this.closing = matchParentheses(tokens);
    }

    /** The tables, in lower case and each once, and the places of `:new_data`. */
    read(): { tables: string[]; sites: NewDataSite[] } {
        if (!queryStarts.has(this.word()) && !this.is("(")) {
            throw new SyntaxProblem(
                `begins with \`${this.tokens[0]!.text}\`: a query has to return rows, so begin with SELECT, WITH, VALUES or \`(\``,
            );
        }
        this.query(new Set());
        return { tables: [...this.tables], sites: this.sites };
    }

    /** [WITH …] term {UNION term}; ends before `)` or at the end. */
    private query(outerNames: ReadonlySet<string>): void {
        const names = new Set(outerNames);
        if (this.take("with")) {
            this.commonTables(names);
        }
        do {
            this.term(names);
        } while (this.takeSetOperator());
    }

    /** Adds the names that WITH defines; each is known to those after it, and with RECURSIVE to itself. */
    private commonTables(names: Set<string>): void {
        const recursive = this.take("recursive");
        do {
            const name = this.identifier("a name after WITH");
            if (recursive) {
                names.add(name);
            }
            if (this.is("(")) {
                this.at = this.closing.get(this.at)! + 1;
            }
            this.expect("as");
            this.subquery(names);
            names.add(name);
        } while (this.take(","));
    }

    private subquery(names: ReadonlySet<string>): void {
        this.expect("(");
        this.query(names);
        this.expect(")");
    }

    /** SELECT …, VALUES … or a query in parentheses, with all its clauses. */
    private term(names: ReadonlySet<string>): void {
        const block: Block = { clause: this.word(), relations: [], names };
        if (block.clause === "(") {
            this.subquery(names);
        } else if (!this.take("select") && !this.take("values")) {
            throw this.unexpected("SELECT, VALUES or `(`");
        }
        this.restOfClause(block);
        while (clauses.has(this.word())) {
            block.clause = this.word();
            this.at++;
            if (block.clause === "from") {
                this.from(block);
            }
            this.restOfClause(block);
        }
    }

    /** Keywords inside parentheses say nothing about clauses: EXTRACT(x FROM y), OVER (ORDER BY z). */
    private restOfClause(block: Block): void {
        while (!this.stops()) {
            this.item(block);
        }
    }

    /** What FROM lists. */
    private from(block: Block): void {
        do {
            this.relation(block);
            while (!this.stops() && !this.is(",") && !this.is("join")) {
                this.item(block); // ON, USING, TABLESAMPLE, LEFT and the like
            }
        } while (this.take(",") || this.take("join"));
    }

    private relation(block: Block): void {
        if (this.token()?.kind === "parameter") {
            this.parameter(block);
        } else if (this.startsQuery(this.at)) {
            this.subquery(block.names);
            block.relations.push(named(this.alias()));
        } else if (this.take("(")) {
            this.from(block);
            this.expect(")");
        } else if (this.word(1) === "(") {
            this.tableFunction(block);
        } else {
            this.table(block);
        }
    }

    /** UNNEST (…), LATERAL (…) or TABLE (…). */
    private tableFunction(block: Block): void {
        if (!this.is("unnest")) {
            block.relations.push({});
        }
        this.at++;
        this.item(block);
    }

    private table({ names, relations }: Block): void {
        const parts = [this.identifier("a table")];
        while (this.take(".")) {
            parts.push(this.identifier("a table"));
        }
        const name = parts.at(-1)!;
        if (parts.length > 1) {
            this.report(
                `\`${parts.join(".")}\`: leave out the database, since a pipeline reads the tables of its own only`,
            );
        } else if (names.has(name)) {
            relations.push({ name: this.alias() ?? name });
        } else {
            this.tables.add(name);
            relations.push({ name: this.alias() ?? name, table: name });
        }
    }

    private alias(): string | undefined {
        const explicit = this.take("as");
        const follows =
            this.token()?.kind === "quoted" || (this.token()?.kind === "word" && !notAlias.has(this.word()));
        return explicit || follows ? this.identifier("an alias") : undefined;
    }

    /** One token, or all inside a pair of parentheses. */
    private item(block: Block): void {
        if (this.startsQuery(this.at)) {
            this.subquery(block.names);
        } else if (this.is("(")) {
            const end = this.closing.get(this.at++)!;
            while (this.at < end) {
                this.item(block);
            }
            this.at++;
        } else if (this.token()!.kind === "parameter" && this.tokens[this.at - 1]!.kind !== "string") {
            this.parameter(block);
        } else {
            this.at++; // also the colon of json_object('key':value)
        }
    }

    private parameter({ clause, relations }: Block): void {
        const { text, start } = this.token()!;
        const before = this.tokens[this.at - 1]!.text;
        this.at++;
        if (text !== ":new_data") {
            this.report(
                `unknown parameter \`${text}\`: there is \`:new_data\`, and \`:new_data(alias)\` where tables are joined`,
            );
            return;
        }
        const qualifier = this.parameterAlias();
        const last = this.tokens[this.at - 1]!;
        if (clause !== "where") {
            this.report(
                `\`:new_data\` stands in the ${clause.toUpperCase()} clause: move it to WHERE, since Athena takes ` +
                    "parameters there only",
            );
        } else if (!beforeCondition.has(before.toLowerCase())) {
            this.report(
                `\`:new_data\` stands after \`${before}\`: it is a condition of its own, write \`WHERE :new_data AND …\``,
            );
        }
        this.sites.push({
            start,
            end: last.start + last.text.length,
            relations,
            ...(qualifier && { qualifier: qualifier.text, alias: unquote(qualifier) }),
        });
    }

    /** The identifier in the parentheses after `:new_data`. */
    private parameterAlias(): Token | undefined {
        if (!this.is("(")) {
            return undefined;
        }
        const end = this.closing.get(this.at)!;
        const inner = this.tokens.slice(this.at + 1, end);
        this.at = end + 1;
        if (inner.length !== 1 || !["word", "quoted"].includes(inner[0]!.kind)) {
            this.report("`:new_data(…)` takes one alias of a table: write `:new_data(alias)`");
            return undefined;
        }
        return inner[0];
    }

    /** Whether a clause ends here: before the next one, a set operator, `)` or at the end. */
    private stops(): boolean {
        const next = this.word();
        switch (next) {
            case "from":
                return this.word(-1) !== "distinct"; // IS DISTINCT FROM
            case "window":
                return this.word(2) === "as"; // a column may be called so
            default:
                return next === "" || next === ")" || clauses.has(next) || setOperators.has(next);
        }
    }

    /** Whether the parenthesis at this place holds a query, maybe in further parentheses. */
    private startsQuery(place: number): boolean {
        if (this.textAt(place) !== "(") {
            return false;
        }
        const inner = place + 1;
        if (this.textAt(inner) !== "(") {
            return queryStarts.has(this.textAt(inner));
        }
        return this.startsQuery(inner) && afterQuery.has(this.textAt(this.closing.get(inner)! + 1));
    }

    private takeSetOperator(): boolean {
        const found = setOperators.has(this.word());
        if (found) {
            this.at++;
            this.take("all");
            this.take("distinct");
        }
        return found;
    }

    private identifier(wanted: string): string {
        const found = this.token();
        if (found?.kind === "word" && reserved.has(this.word())) {
            throw new SyntaxProblem(`uses the reserved word \`${found.text}\` as ${wanted}: write \`"${found.text}"\``);
        }
        if (found?.kind !== "word" && found?.kind !== "quoted") {
            throw this.unexpected(wanted);
        }
        this.at++;
        return unquote(found);
    }

    private token(): Token | undefined {
        return this.tokens[this.at];
    }

    /** The token's text in lower case, `""` beyond the ends. */
    private word(offset = 0): string {
        return this.textAt(this.at + offset);
    }

    private textAt(place: number): string {
        return this.tokens[place]?.text.toLowerCase() ?? "";
    }

    private is(text: string): boolean {
        return this.word() === text;
    }

    private take(text: string): boolean {
        const found = this.is(text);
        this.at += found ? 1 : 0;
        return found;
    }

    private expect(text: string): void {
        if (!this.take(text)) {
            throw this.unexpected(`\`${text.toUpperCase()}\``);
        }
    }

    private unexpected(wanted: string): SyntaxProblem {
        const found = this.token() === undefined ? "the end" : `\`${this.token()!.text}\``;
        return new SyntaxProblem(`cannot be read: expected ${wanted}, found ${found}`);
    }
}

function named(name: string | undefined): Relation {
    return name === undefined ? {} : { name };
}

function unquote({ kind, text }: Token): string {
    return (kind === "quoted" ? text.slice(1, -1).replaceAll('""', '"') : text).toLowerCase();
}
