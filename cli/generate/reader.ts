import { inside, type Report } from "../../plan";
import { isRecord } from "../../plan/shapes";
import { suggestion } from "../../plan/suggestion";
import { parseDuration, parseTime } from "../events";

/** What a number has to be. */
export interface NumberRule {
    from?: number;
    to?: number;
    integer?: boolean;
}

/** Reads an object of a spec, member by member. What is wrong is reported, and something harmless takes its place. */
export class Reader {
    private readonly names: string[] = [];

    private constructor(
        private readonly members: Record<string, unknown>,
        readonly path: string,
        private readonly tell: Report,
    ) {}

    /** A reader of the value, or undefined after reporting that it is no object. */
    static of(value: unknown, path: string, report: Report): Reader | undefined {
        if (isRecord(value)) return new Reader(value, path, report);
        report(path, value === undefined ? "is missing" : "must be an object");
        return undefined;
    }

    has(name: string): boolean {
        return this.value(name) !== undefined;
    }

    value(name: string): unknown {
        this.names.push(name);
        return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
    }

    pathOf(name: string): string {
        return inside(this.path, name);
    }

    report(name: string, message: string): void {
        this.tell(this.pathOf(name), message);
    }

    object(name: string): Reader | undefined {
        return Reader.of(this.value(name), this.pathOf(name), this.tell);
    }

    /** Names and values of an object's members, at least one. */
    entries(name: string): [string, unknown][] {
        const value = this.value(name);
        if (isRecord(value) && Object.keys(value).length > 0) return Object.entries(value);
        this.report(name, value === undefined ? "is missing" : "must be an object with at least one member");
        return [];
    }

    list(name: string): unknown[] {
        const value = this.value(name);
        if (Array.isArray(value) && value.length > 0) return value;
        this.report(name, value === undefined ? "is missing" : "must be a list with at least one entry");
        return [];
    }

    number(name: string, rule: NumberRule = {}, otherwise?: number): number {
        const value = this.value(name);
        if (value === undefined && otherwise !== undefined) return otherwise;
        if (isNumber(value, rule)) return value;
        this.report(name, value === undefined ? "is missing" : `must be ${described(rule)}`);
        // Comparisons with NaN are false: a bound that is none makes no second problem.
        return rule.integer ? 0 : Number.NaN;
    }

    numbers(name: string, rule: NumberRule): number[] {
        const list = this.list(name);
        list.forEach((value, index) => {
            if (!isNumber(value, rule)) this.tell(inside(this.pathOf(name), index), `must be ${described(rule)}`);
        });
        return list.map((value) => (isNumber(value, rule) ? value : 0));
    }

    /** A probability; absent, 0. */
    share(name: string): number {
        return this.number(name, { from: 0, to: 1 }, 0);
    }

    text(name: string): string {
        const value = this.value(name);
        if (typeof value === "string" && value !== "") return value;
        this.report(name, value === undefined ? "is missing" : "must be a text");
        return "";
    }

    /** One of the words; absent, the first. Undefined after reporting another. */
    word<W extends string>(name: string, words: readonly W[]): W | undefined {
        if (!this.has(name)) return words[0];
        const text = this.text(name);
        const word = words.find((candidate) => candidate === text);
        if (word === undefined && text !== "") this.report(name, `unknown: \`${text}\`: ${suggestion(text, words)}`);
        return word;
    }

    /** In milliseconds. */
    duration(name: string): number {
        const text = this.text(name);
        const milliseconds = parseDuration(text);
        if (milliseconds === undefined && text !== "")
            this.report(name, "must be a number and s, m, h or d, such as `0.5s` or `6h`");
        return milliseconds ?? 1;
    }

    /** In milliseconds since 1970; `now` is the time of reading. */
    time(name: string): number {
        const text = this.text(name);
        const time = text === "now" ? Date.now() : parseTime(text);
        if (time === undefined && text !== "")
            this.report(name, "must be a time such as `2026-11-21T04:00:00Z`, or `now`");
        return time ?? 0;
    }

    /** Reports the members that nothing has asked for. */
    end(): void {
        for (const name of Object.keys(this.members))
            if (!this.names.includes(name))
                this.report(name, `is not known here: ${suggestion(name, [...new Set(this.names)])}`);
    }
}

function isNumber(value: unknown, { from = -Infinity, to = Infinity, integer }: NumberRule): value is number {
    if (typeof value !== "number" || value < from || value > to) return false;
    return integer ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function described({ from, to, integer }: NumberRule): string {
    const kind = integer ? "an integer" : "a number";
    if (from !== undefined && to !== undefined) return `${kind} from ${from} to ${to}`;
    return from === undefined ? kind : `${kind}, at least ${from}`;
}
