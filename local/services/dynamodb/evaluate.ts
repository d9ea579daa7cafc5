import type { Assigned, Condition, Operand, Path, Update } from "./expression";
import { add, subtract } from "./numbers";
import { bytesOf, contentOf, equal, type Item, identity, invalid, order, sizeOf, type Value } from "./values";

/** Whether an item meets a condition. What is not there is equal to nothing, and neither less nor more. */
export function holds(condition: Condition, item: Item): boolean {
    switch (condition.kind) {
        case "and":
            return holds(condition.left, item) && holds(condition.right, item);
        case "or":
            return holds(condition.left, item) || holds(condition.right, item);
        case "not":
            return !holds(condition.condition, item);
        case "exists":
            return (at(item, condition.path) !== undefined) === condition.exists;
        case "type": {
            const value = at(item, condition.path);
            const type = operandValue(condition.type, item) as { S: string };
            return value !== undefined && contentOf(value)[0] === type.S;
        }
        case "compare":
            return compared(
                condition.comparator,
                operandValue(condition.left, item),
                operandValue(condition.right, item),
            );
        case "between": {
            const [value, low, high] = [condition.operand, condition.low, condition.high].map((each) =>
                operandValue(each, item),
            );
            return compared(">=", value, low) && compared("<=", value, high);
        }
        case "in": {
            const value = operandValue(condition.operand, item);
            return condition.candidates.some((each) => compared("=", value, operandValue(each, item)));
        }
        case "begins_with":
            return beginsWith(operandValue(condition.path, item), operandValue(condition.operand, item));
        case "contains":
            return contains(operandValue(condition.path, item), operandValue(condition.operand, item));
    }
}

/** The item after an update; every value of the expression is of before. */
export function updated(update: Update, before: Item): Item {
    const after = structuredCopy(before);
    const assigned = update.set.map(({ path, value }) => ({ path, value: computed(value, before) }));
    const added = update.add.map(({ path, value }) => ({ path, value: increased(at(before, path), value) }));
    const reduced = update.delete.map(({ path, value }) => ({ path, value: reducedSet(at(before, path), value) }));
    for (const { path, value } of [...assigned, ...added]) put(after, path, value);
    for (const { path, value } of reduced) {
        if (value) put(after, path, value);
        else remove(after, path);
    }
    // Positions in lists are of before the update: the last go first.
    for (const path of [...update.remove].sort(lastFirst)) remove(after, path);
    return after;
}

/** The parts of an item that paths lead to, as an item. */
export function projected(item: Item, paths: Path[]): Item {
    const result = Object.create(null) as Item;
    const byStart = Map.groupBy(paths, ([name]) => name);
    for (const [name, group] of byStart) {
        const value =
            item[name] &&
            projectedValue(
                item[name],
                group.map((path) => path.slice(1)),
            );
        if (value) result[name] = value;
    }
    return result;
}

/** The value at the end of a path. */
export function at(item: Item, path: Path): Value | undefined {
    return path.slice(1).reduce<Value | undefined>(step, own(item, path[0]));
}

function step(value: Value | undefined, part: string | number): Value | undefined {
    if (value === undefined) return undefined;
    if (typeof part === "number") return "L" in value ? value.L[part] : undefined;
    return "M" in value ? own(value.M, part) : undefined;
}

function own(item: Item, name: string): Value | undefined {
    return Object.hasOwn(item, name) ? item[name] : undefined;
}

function projectedValue(value: Value, paths: (string | number)[][]): Value | undefined {
    if (paths.some((path) => path.length === 0)) return value;
    const groups = [...Map.groupBy(paths, ([part]) => part!)].flatMap(([part, group]) => {
        const inner = step(value, part);
        const found =
            inner &&
            projectedValue(
                inner,
                group.map((path) => path.slice(1)),
            );
        return found ? [[part, found] as const] : [];
    });
    if (groups.length === 0) return undefined;
    if ("M" in value) return { M: Object.fromEntries(groups) };
    return { L: groups.sort(([a], [b]) => Number(a) - Number(b)).map(([, found]) => found) };
}

function operandValue(operand: Operand, item: Item): Value | undefined {
    if (operand.kind === "value") return operand.value;
    const value = at(item, operand.path);
    return operand.kind === "path" ? value : lengthOf(value);
}

/** What `size` says: characters, bytes, or members. */
function lengthOf(value: Value | undefined): Value | undefined {
    if (value === undefined) return undefined;
    if ("S" in value) return { N: String(value.S.length) };
    if ("B" in value) return { N: String(sizeOf(value)) };
    const [, content] = contentOf(value);
    if (Array.isArray(content)) return { N: String(content.length) };
    return "M" in value ? { N: String(Object.keys(value.M).length) } : undefined;
}

function compared(comparator: string, left: Value | undefined, right: Value | undefined): boolean {
    if (comparator === "<>") return !(left && right && equal(left, right));
    if (!left || !right) return false;
    if (comparator === "=") return equal(left, right);
    const difference = order(left, right);
    if (difference === undefined) return false;
    if (comparator === "<") return difference < 0;
    if (comparator === "<=") return difference <= 0;
    return comparator === ">" ? difference > 0 : difference >= 0;
}

function beginsWith(value: Value | undefined, start: Value | undefined): boolean {
    if (!value || !start) return false;
    if ("S" in value && "S" in start) return value.S.startsWith(start.S);
    if (!("B" in value && "B" in start)) return false;
    const beginning = bytesOf(start.B);
    return bytesOf(value.B).subarray(0, beginning.length).equals(beginning);
}

function contains(value: Value | undefined, part: Value | undefined): boolean {
    if (!value || !part) return false;
    if ("S" in value) return "S" in part && value.S.includes(part.S);
    if ("B" in value) return "B" in part && bytesOf(value.B).includes(bytesOf(part.B));
    if ("L" in value) return value.L.some((each) => equal(each, part));
    const [type, content] = contentOf(value);
    const [partType, partContent] = contentOf(part);
    return type === `${partType}S` && (content as unknown[]).includes(partContent);
}

function computed(value: Assigned, before: Item): Value {
    switch (value.kind) {
        case "if_not_exists":
            return at(before, value.path) ?? computed(value.otherwise, before);
        case "list_append": {
            const [first, second] = [computed(value.first, before), computed(value.second, before)];
            if ("L" in first && "L" in second) return { L: [...first.L, ...second.L] };
            throw operandType("list_append", "L" in first ? second : first);
        }
        case "+":
        case "-": {
            const [left, right] = [computed(value.left, before), computed(value.right, before)];
            if (!("N" in left)) throw operandType(value.kind, left);
            if (!("N" in right)) throw operandType(value.kind, right);
            return { N: value.kind === "+" ? add(left.N, right.N) : subtract(left.N, right.N) };
        }
        default: {
            const found = operandValue(value, before);
            if (found) return found;
            throw invalid("The provided expression refers to an attribute that does not exist in the item");
        }
    }
}

/** ADD: to a number, or to a set; what is not there counts as zero or empty. */
function increased(value: Value | undefined, by: Value): Value {
    if (!value) return by;
    if ("N" in by && "N" in value) return { N: add(value.N, by.N) };
    const [type, members] = contentOf(by);
    if (type.length === 2 && type in value) {
        return {
            [type]: [...new Set([...(contentOf(value)[1] as string[]), ...(members as string[])])],
        } as unknown as Value;
    }
    throw invalid("An operand in the update expression has an incorrect data type");
}

/** DELETE from a set; undefined where nothing is left of it. */
function reducedSet(value: Value | undefined, by: Value): Value | undefined {
    if (!value) return undefined;
    const [type, members] = contentOf(by);
    if (!(type in value)) throw invalid("An operand in the update expression has an incorrect data type");
    const rest = (contentOf(value)[1] as string[]).filter((member) => !(members as string[]).includes(member));
    return rest.length > 0 ? ({ [type]: rest } as unknown as Value) : undefined;
}

function put(item: Item, path: Path, value: Value): void {
    const last = path.at(-1)!;
    if (path.length === 1) {
        item[last] = value;
        return;
    }
    const parent = at(item, path.slice(0, -1) as Path);
    if (parent && "M" in parent && typeof last === "string") parent.M[last] = value;
    else if (parent && "L" in parent && typeof last === "number") parent.L[Math.min(last, parent.L.length)] = value;
    else throw invalid("The document path provided in the update expression is invalid for update");
}

function remove(item: Item, path: Path): void {
    const last = path.at(-1)!;
    if (path.length === 1) {
        delete item[last];
        return;
    }
    const parent = at(item, path.slice(0, -1) as Path);
    if (parent && "M" in parent && typeof last === "string") delete parent.M[last];
    else if (parent && "L" in parent && typeof last === "number") parent.L.splice(last, 1);
    else throw invalid("The document path provided in the update expression is invalid for update");
}

function lastFirst(a: Path, b: Path): number {
    const [x, y] = [a.at(-1)!, b.at(-1)!];
    return typeof x === "number" && typeof y === "number" ? y - x : 0;
}

function structuredCopy(item: Item): Item {
    return Object.assign(Object.create(null), structuredClone({ ...item }));
}

function operandType(operator: string, value: Value) {
    return invalid(
        `An operand in the update expression has an incorrect data type: ${operator} of ${identity(value).slice(2, 4).replace('"', "")}`,
    );
}
