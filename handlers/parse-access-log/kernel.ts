import type { Column } from "../shared/columns";
import { type Kind, kernelType } from "../shared/kernel-types";
import { type Constant, kernelModule } from "../shared/web-assembly";
import { healthCheckers, methodsOf, type ReadEvent, requestTypes } from "./event";
import bytes from "./kernel-bytes";
import { schemes } from "./request";

/** Why reading stopped; as in `kernel/index.ts`. */
export enum Stop {
    End,
    Odd,
    Full,
}

/** What a line is; as in `kernel/reading.ts`. */
export enum Reading {
    Odd,
    Event,
    Connections,
    HealthChecks,
    OtherMethods,
    OtherPaths,
    Refused,
}

/** What a text stands for; as in `kernel/texts.ts`. */
enum Role {
    Type,
    Method,
    Scheme,
    Path,
    HealthCheck,
    Root,
}

/** What is kept of addresses; as in `kernel/address.ts`. */
const kept = ["keep", "truncate", "drop"];
/** Columns that the log fills, in the kernel's order. */
const filled: [name: string, kind: string][] = [
    ["request_time", "timestamp"],
    ["client_address", "string"],
    ["user_agent", "string"],
    ["event_id", "string"],
    ["received_at", "timestamp"],
];
const texts = new Set(["string", "date", "timestamp"]);

/** What the WebAssembly module exports. The numbers are addresses in its memory, but for lengths and what is enumerated. */
export interface Kernel {
    memory: { buffer: ArrayBuffer };
    /** Where lines are put, and how many bytes there is room for. */
    input: Constant;
    inputBytes: Constant;
    /** Where events are written. */
    output: Constant;
    outputEnd(): number;
    clearOutput(): void;
    addColumn(
        name: number,
        nameLength: number,
        keyLength: number,
        kind: Kind,
        limit: number,
        fractionLimit: number,
    ): number;
    addText(role: Role, start: number, length: number): number;
    setKept(what: number): void;
    read(start: number, end: number): Stop;
    stoppedAt(): number;
    /** How many lines were that since it was asked last. */
    takeCount(reading: Reading): number;
}

const newKernel = kernelModule<Kernel>(bytes);
/** Kernels that nobody reads with: to make another one, and to take its memory away, costs more than a short log. */
const idle = new WeakMap<ReadEvent, Kernel>();

/** A kernel that reads plain lines as the reader does; undefined if there is none for such columns. */
export function takeKernel(readEvent: ReadEvent): Kernel | undefined {
    const kernel = idle.get(readEvent);
    idle.delete(readEvent);
    return kernel ?? makeKernel(readEvent);
}

/** Gives back a kernel that all was taken from. */
export function giveBack(readEvent: ReadEvent, kernel: Kernel): void {
    idle.set(readEvent, kernel);
}

function makeKernel({ columns, settings }: ReadEvent): Kernel | undefined {
    const own = filled.map(([name, kind]) => columns.find((each) => each.name === name && each.type.kind === kind));
    if (own.some((column) => !column)) return undefined;
    const others = columns.filter((column) => !own.includes(column));
    const kernel = newKernel();
    const { input, inputBytes } = kernel;
    const given = Buffer.from(kernel.memory.buffer, input.value, inputBytes.value);
    kernel.setKept(kept.indexOf(settings.clientAddress));
    const hasRoom = [
        ...requestTypes.map((type) => addText(Role.Type, `${type} `)),
        ...methodsOf(settings).map((method) => addText(Role.Method, `${method} `)),
        ...schemes.map((scheme) => addText(Role.Scheme, scheme)),
        addText(Role.Path, settings.path),
        ...healthCheckers.map((name) => addText(Role.HealthCheck, name)),
        addText(Role.Root, "Root="),
        ...[...own, ...others].map((column) => addColumn(column!)),
    ];
    return hasRoom.every(Boolean) ? kernel : undefined;

    function addText(role: Role, text: string): boolean {
        return kernel.addText(role, input.value, given.write(text)) !== 0;
    }

    function addColumn({ name, type }: Column): boolean {
        const nameLength = given.write(name);
        const keyLength = given.write(`${JSON.stringify(name)}:${texts.has(type.kind) ? '"' : ""}`, nameLength);
        return kernel.addColumn(input.value, nameLength, keyLength, ...kernelType(type)) !== 0;
    }
}
