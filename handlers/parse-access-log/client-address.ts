import { isIP } from "node:net";

/** What is kept of a client (`address:port`): the address, its network, or `""`; undefined if it is no address. */
export function clientAddress(client: string, kept: string): string | undefined {
    const address = client.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
    const version = isIP(address);
    if (version === 0) return undefined;
    if (kept === "drop") return "";
    if (kept === "keep") return address;
    return version === 4 ? address.replace(/\d+$/, "0") : networkOf(address);
}

/** The first 48 bits of an IPv6 address, a site's share. */
function networkOf(address: string): string {
    const [head, tail] = address.split("::").map((part) => part.split(":").filter((group) => group !== ""));
    const zeros = Array<string>(tail ? Math.max(0, 8 - head!.length - tail.length) : 0).fill("0");
    const groups = [...head!, ...zeros, ...(tail ?? [])];
    return `${groups.slice(0, 3).join(":")}::`;
}

/** A line of the log without the client's address, the fourth field, where the address is not kept. */
export function withoutAddress(line: Buffer, kept: string): Buffer {
    if (kept === "keep") return line;
    return Buffer.from(line.toString("latin1").replace(/^((?:\S+ ){3})\S+/, "$1-"), "latin1");
}
