/** A page view, as its page would tell of it. */
export interface PageView {
    path: string;
    visitor: string;
    load_ms: number;
}

const paths = ["/", "/pricing", "/docs/first steps", "/søg?q=pixel&lang=da", '/say "hi"'];

/** Page views, always the same; visitors' numbers are beyond what JavaScript counts exactly. */
export function pageViews(count: number): PageView[] {
    return Array.from({ length: count }, (_, index) => ({
        path: paths[(index * 3 + Math.floor(index / 7)) % paths.length]!,
        visitor: String(9_007_199_254_740_993n + BigInt(index % 17)),
        load_ms: 80 + ((index * 7919) % 4000),
    }));
}

/** The query string that stands for a page view. */
export function queryString({ path, visitor, load_ms }: PageView): string {
    return new URLSearchParams({ path, visitor, load_ms: String(load_ms) }).toString();
}
