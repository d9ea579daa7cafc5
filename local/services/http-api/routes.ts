/** A route and the function behind it. */
export interface Route {
    /** As written: `POST /events/{name}`, `ANY /{proxy+}` or `$default`. */
    key: string;
    /** An HTTP method or `ANY`. */
    method: string;
    /** Parts of the path; absent for `$default`. */
    segments?: Segment[];
    functionArn: string;
    /** How long a request waits for the function, in milliseconds. */
    timeout: number;
}

/** The part of a route that requests are matched with. */
export type RoutePattern = Pick<Route, "key" | "method" | "segments">;

interface Segment {
    kind: "literal" | "variable" | "greedy";
    /** The text, or the variable's name. */
    name: string;
}

/** A route that takes a request, and its path variables. */
export interface Match<Of extends RoutePattern = Route> {
    route: Of;
    pathParameters: Record<string, string>;
}

const ranks = { literal: 0, variable: 1, greedy: 2 };

/** Takes a route key apart. */
export function parseRouteKey(key: string): RoutePattern {
    if (key === "$default") return { key, method: "ANY" };
    const [, method, path] = /^([A-Z]+) (\/.*)$/.exec(key) ?? [];
    if (!method || !path) throw new Error(`routeKey "${key}" is neither "METHOD /path" nor "$default"`);
    const segments = path.slice(1).split("/").map(parseSegment);
    if (segments.slice(0, -1).some(({ kind }) => kind === "greedy")) {
        throw new Error(`routeKey "${key}": a greedy variable stands at the end`);
    }
    return { key, method, segments };
}

/**
 * The best route for a request, as API Gateway chooses: a full match of the path before a greedy variable before
 * `$default`, text before variables, and the method itself before `ANY`.
 */
export function matchRoute<Of extends RoutePattern>(routes: Of[], method: string, path: string): Match<Of> | undefined {
    const parts = path.slice(1).split("/").map(decodeURIComponent);
    const matches = routes.flatMap((route) => {
        if (route.method !== method && route.method !== "ANY") return [];
        const pathParameters = matchSegments(route.segments, parts);
        return pathParameters ? [{ route, pathParameters }] : [];
    });
    return matches.sort((a, b) => compare(rank(a.route), rank(b.route)))[0];
}

function parseSegment(text: string): Segment {
    const [, name, plus] = /^\{([^{}+]+)(\+?)\}$/.exec(text) ?? [];
    if (!name) return { kind: "literal", name: text };
    return { kind: plus ? "greedy" : "variable", name };
}

function matchSegments(segments: Segment[] | undefined, parts: string[]): Record<string, string> | undefined {
    const pathParameters: Record<string, string> = {};
    if (!segments) return pathParameters;
    const greedy = segments.at(-1)!.kind === "greedy";
    if (greedy ? parts.length < segments.length : parts.length !== segments.length) return undefined;
    for (const [index, { kind, name }] of segments.entries()) {
        const part = kind === "greedy" ? parts.slice(index).join("/") : parts[index]!;
        if (kind === "literal" ? part !== name : part === "") return undefined;
        if (kind !== "literal") pathParameters[name] = part;
    }
    return pathParameters;
}

/** Smaller is better, compared number by number. */
function rank({ segments, method }: RoutePattern): number[] {
    const kinds = segments?.map(({ kind }) => ranks[kind]) ?? [];
    const whole = !segments ? 2 : kinds.includes(ranks.greedy) ? 1 : 0;
    return [whole, ...kinds, method === "ANY" ? 1 : 0];
}

function compare(a: number[], b: number[]): number {
    const different = a.findIndex((value, index) => value !== b[index]);
    return different < 0 ? 0 : a[different]! - b[different]!;
}
