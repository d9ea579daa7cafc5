import { randomUUID } from "node:crypto";
import { formatTime } from "../time-format";
import type { Message } from "./evaluate";

/** What may stand between `${` and `}`. */
const expressions: [RegExp, (message: Message, ...groups: string[]) => string][] = [
    [/^topic\(\)$/, ({ topic }) => topic],
    [/^timestamp\(\)$/, ({ time }) => String(time)],
    [/^newuuid\(\)$/, () => randomUUID()],
    [/^parse_time\('([^']*)', timestamp\(\), 'UTC'\)$/, ({ time }, pattern) => formatTime(pattern!, time, "UTC")],
];
const substitution = /\$\{([^}]*)\}/g;

/** Refuses a template with expressions that are not modelled. */
export function checkTemplate(template: string): void {
    for (const [text, expression] of template.matchAll(substitution)) {
        if (!expressions.some(([pattern]) => pattern.test(expression!))) {
            throw new Error(`${text} is not modelled on this machine, in "${template}"`);
        }
    }
}

/** The text of a template that was checked, for a message. */
export function fillTemplate(template: string, message: Message): string {
    return template.replace(substitution, (_text, expression: string) => {
        const [pattern, fill] = expressions.find(([each]) => each.test(expression))!;
        return fill(message, ...pattern.exec(expression)!.slice(1));
    });
}
