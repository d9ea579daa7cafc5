import { scalarType, type Type } from "../types";
import type { IntervalField } from "./ast";
import { Cursor } from "./cursor";

const intervalFields = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

/** Parses the names of types. */
export class TypeParser extends Cursor {
    protected type(): Type {
        const token = this.next();
        if (token.kind !== "word") throw this.unexpected(token);
        const name = token.text.toLowerCase();
        switch (name) {
            case "array":
                return { kind: "array", element: this.typeArguments(1)[0]! };
            case "map": {
                const [key, value] = this.typeArguments(2);
                return { kind: "map", key: key!, value: value! };
            }
            case "row":
                return this.rowType();
            case "interval": {
                const from = this.intervalField();
                this.expect("TO");
                const to = this.intervalField();
                return scalarType(`interval ${from} to ${to}`.toLowerCase(), [], token.at);
            }
            case "double":
                this.accept("PRECISION");
                return scalarType(name, [], token.at);
            default:
                return this.scalarType(name, token.at);
        }
    }

    protected scalarType(name: string, at: number): Type {
        const numbers: number[] = [];
        if (this.acceptSymbol("(")) {
            numbers.push(...this.list(() => this.count()));
            this.expectSymbol(")");
        }
        if ((name === "timestamp" || name === "time") && (this.is("WITH") || this.is("WITHOUT"))) {
            const zoned = this.next().text.toUpperCase() === "WITH";
            this.expect("TIME");
            this.expect("ZONE");
            return scalarType(zoned ? `${name} with time zone` : name, numbers, at);
        }
        return scalarType(name, numbers, at);
    }

    protected typeArguments(count: number): Type[] {
        const close = this.next();
        if (close.text !== "(" && close.text !== "<") throw this.unexpected(close);
        const types = this.list(() => this.type());
        this.expectSymbol(close.text === "(" ? ")" : ">");
        if (types.length !== count) throw this.unexpected(close);
        return types;
    }

    protected rowType(): Type {
        this.expectSymbol("(");
        const fields = this.list(() => {
            const named =
                this.isIdentifier() &&
                ["word", "quoted"].includes(this.peek(1).kind) &&
                !this.is("PRECISION", 1) &&
                !this.is("WITH", 1);
            return named ? { name: this.identifier().name, type: this.type() } : { type: this.type() };
        });
        this.expectSymbol(")");
        return { kind: "row", fields };
    }

    protected intervalField(): IntervalField {
        const token = this.next();
        const field = intervalFields.find((name) => token.kind === "word" && name === token.text.toUpperCase());
        if (!field) throw this.unexpected(token);
        return field as IntervalField;
    }
}
