/** The columns of a result, one behind the other. */

/** How a cell's text becomes JSON. */
export enum Kind {
    Text,
    Number,
    Boolean,
    Json,
}

/** Bytes of columns that there is room for. */
const columnsBytes: usize = 128 * 1024;
/**
 * Of each column: the length of its key, its kind, how many bytes it takes here, all three in 32 bits, four unused bytes, the
 * key and a null such as `,"name":null`, and what makes that a multiple of 16.
 */
export const columns = memory.data(128 * 1024 + 32, 16);
const keyStart: usize = 16;
/** Of a null. */
export const nullBytes: usize = 4;
export let columnsEnd: usize = columns;

/** Adds a column; returns where its key and null belong, or 0 if there is no room for it. */
export function addColumn(keyLength: u32, kind: Kind): usize {
    const column = columnsEnd;
    const size = (keyStart + keyLength + nullBytes + 15) & ~15;
    if (column + size > columns + columnsBytes) return 0;
    store<u32>(column, keyLength);
    store<u32>(column, kind, 4);
    store<u32>(column, <u32>size, 8);
    columnsEnd = column + size;
    return column + keyStart;
}

/** More than a line takes of keys, of cells that are short, and of what stands around them. */
export function roomOfLine(): usize {
    return 3 * (columnsEnd - columns);
}

export function nextColumn(column: usize): usize {
    return column + load<u32>(column, 8);
}

export function kindOf(column: usize): Kind {
    return load<u32>(column, 4);
}

/** Writes the column's key, and behind it a null; returns where the key ends. */
export function copyKey(column: usize, to: usize): usize {
    const key = column + keyStart;
    const length = load<u32>(column);
    v128.store(to, v128.load(key));
    v128.store(to, v128.load(key, 16), 16);
    for (let copied: usize = 32; copied < length + nullBytes; copied += 16) {
        v128.store(to + copied, v128.load(key + copied));
    }
    return to + length;
}
