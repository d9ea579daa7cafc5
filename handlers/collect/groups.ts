/** How much a group holds at most. */
export interface GroupLimit {
    items: number;
    bytes: number;
}

/** Groups items in their order, each group as full as it may be; what is too large for any group is one alone. */
export function groups(items: Buffer[], limit: GroupLimit): Buffer[][] {
    const found: Buffer[][] = [];
    let bytes = 0;
    for (const item of items) {
        const group = found.at(-1);
        if (group && group.length < limit.items && bytes + item.length <= limit.bytes) {
            group.push(item);
            bytes += item.length;
        } else {
            found.push([item]);
            bytes = item.length;
        }
    }
    return found;
}
