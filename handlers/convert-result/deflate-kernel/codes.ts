/** Huffman codes: the more often a symbol, the fewer bits it takes, and none more than there may be. */

const mostSymbols: i32 = 288;
const mostBits: i32 = 15;
/** For each symbol that there is, by how often it is: how often, and itself in the lowest bits. */
const order = memory.data(4 * mostSymbols);
const symbolBits: u32 = 9;
/** Of a leaf or node, its weight, then where its parent is, then its depth. */
const nodes = memory.data(4 * mostSymbols);
/** By number of bits, how many codes there are, and the next of them. */
const codesOf = memory.data(4 * (mostBits + 1));
const nextOf = memory.data(4 * (mostBits + 1));

/**
 * Makes codes of at most so many bits for the symbols that there are, and for two at least: not all readers know fewer. By
 * symbol: the number of bits in the lowest eight, above them the code as it is written. 0 if it has none.
 */
export function makeCodes(counts: usize, symbols: i32, codes: usize, longest: u32): void {
    const used = sortSymbols(counts, symbols);
    linkNodes(used);
    countDepths(used, longest);
    shorten(longest);
    memory.fill(codes, 0, 4 * symbols);
    for (let bits = longest, index = 0; bits > 0; bits--) {
        for (let left = load<u32>(codesOf + 4 * bits); left > 0; left--, index++) {
            const symbol = load<u32>(order + 4 * index) & ((1 << symbolBits) - 1);
            store<u32>(codes + 4 * symbol, bits);
        }
    }
    assignCodes(codes, symbols, longest);
}

/** Puts them in order, the rarest first; how many. */
function sortSymbols(counts: usize, symbols: i32): i32 {
    let used = 0;
    for (let symbol = 0; symbol < symbols; symbol++) {
        const count = load<u32>(counts + 4 * symbol);
        if (count > 0) store<u32>(order + 4 * used++, (count << symbolBits) | symbol);
    }
    for (let symbol = 0; used < 2; symbol++) {
        if (load<u32>(counts + 4 * symbol) === 0) store<u32>(order + 4 * used++, (1 << symbolBits) | symbol);
    }
    for (let gap = 132; gap > 0; gap = (gap * 4) / 9) insertionSort(used, gap);
    return used;
}

/** A pass of Shell's sort. */
function insertionSort(length: i32, gap: i32): void {
    for (let index = gap; index < length; index++) {
        const entry = load<u32>(order + 4 * index);
        let place = index;
        for (; place >= gap && load<u32>(order + 4 * (place - gap)) > entry; place -= gap) {
            store<u32>(order + 4 * place, load<u32>(order + 4 * (place - gap)));
        }
        store<u32>(order + 4 * place, entry);
    }
}

/** Joins the two lightest until one is left, in place (Moffat and Katajainen): leaves say their parents, as nodes do. */
function linkNodes(leaves: i32): void {
    for (let leaf = 0; leaf < leaves; leaf++) store<u32>(nodes + 4 * leaf, load<u32>(order + 4 * leaf) >> symbolBits);
    let leaf = 0;
    let root = 0;
    for (let node = 0; node < leaves - 1; node++) {
        let weight: u32 = 0;
        for (let child = 0; child < 2; child++) {
            if (leaf >= leaves || (root < node && load<u32>(nodes + 4 * root) < load<u32>(nodes + 4 * leaf))) {
                weight += load<u32>(nodes + 4 * root);
                store<u32>(nodes + 4 * root++, node);
            } else {
                weight += load<u32>(nodes + 4 * leaf++);
            }
        }
        store<u32>(nodes + 4 * node, weight);
    }
}

/** Counts the leaves of each depth. What is deeper than it may be counts as the deepest that there may be. */
function countDepths(leaves: i32, longest: u32): void {
    memory.fill(codesOf, 0, 4 * (mostBits + 1));
    let node = leaves - 2;
    store<u32>(nodes + 4 * node, 0);
    for (let inner = node - 1; inner >= 0; inner--) {
        store<u32>(nodes + 4 * inner, load<u32>(nodes + 4 * load<u32>(nodes + 4 * inner)) + 1);
    }
    let places = 1;
    for (let depth: u32 = 0; places > 0; depth++) {
        let inner = 0;
        for (; node >= 0 && load<u32>(nodes + 4 * node) === depth; node--) inner++;
        const bits = codesOf + 4 * min(depth, longest);
        store<u32>(bits, load<u32>(bits) + places - inner);
        places = 2 * inner;
    }
}

/** Makes codes of the longest there may be where they are too many to be told apart: each time one shorter becomes two. */
function shorten(longest: u32): void {
    let taken: u32 = 0;
    for (let bits: u32 = 1; bits <= longest; bits++) taken += load<u32>(codesOf + 4 * bits) << (longest - bits);
    for (; taken > (<u32>1) << longest; taken--) {
        let bits = longest - 1;
        while (load<u32>(codesOf + 4 * bits) === 0) bits--;
        add(bits, -1);
        add(bits + 1, 2);
        add(longest, -1);
    }
}

function add(bits: u32, more: i32): void {
    store<i32>(codesOf + 4 * bits, load<i32>(codesOf + 4 * bits) + more);
}

/** By the number of their bits and then by symbol, as RFC 1951 has it. */
function assignCodes(codes: usize, symbols: i32, longest: u32): void {
    let code: u32 = 0;
    for (let bits: u32 = 1; bits <= longest; bits++) {
        store<u32>(nextOf + 4 * bits, code);
        code = (code + load<u32>(codesOf + 4 * bits)) << 1;
    }
    for (let symbol = 0; symbol < symbols; symbol++) {
        const bits = load<u32>(codes + 4 * symbol);
        if (bits === 0) continue;
        const next = load<u32>(nextOf + 4 * bits);
        store<u32>(nextOf + 4 * bits, next + 1);
        store<u32>(codes + 4 * symbol, ((reversed(next) >> (32 - bits)) << 8) | bits);
    }
}

function reversed(bits: u32): u32 {
    const pairs = ((bits & 0x55555555) << 1) | ((bits >> 1) & 0x55555555);
    const nibbles = ((pairs & 0x33333333) << 2) | ((pairs >> 2) & 0x33333333);
    return bswap(((nibbles & 0x0f0f0f0f) << 4) | ((nibbles >> 4) & 0x0f0f0f0f));
}
