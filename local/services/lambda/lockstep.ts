/**
 * Lets a function's process be the same again in a run with faults: its own time passes only while it sleeps, chance and
 * ids follow from the invocation, its calls to services are numbered, and it reports when it can't go on before one of
 * them is answered. The other half is `local/faults/turns.ts`. Only Node's own modules: it is part of the process.
 */
import { createHook } from "node:async_hooks";
import crypto, { createHash } from "node:crypto";
import { access } from "node:fs";
import http, { type IncomingMessage, type RequestOptions } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { TimerOptions } from "node:timers";
import timers from "node:timers/promises";
import { promisify } from "node:util";

/** Header with the number of a call. */
export const callHeader = "eventpipeline-call";

/** Turns of the event loop in which nothing happens, after which a process has nothing left to do but wait. */
const quietTurns = 10;

interface Sleep {
    due: number;
    order: number;
    /** Set when this machine's time has passed, too. */
    over?: () => void;
}

/** What a process tells and is told. */
export class Lockstep {
    /** Milliseconds that it has slept. */
    private slept = 0;
    /** Calls that are not answered yet. */
    private readonly open = new Set<number>();
    /** Answers that are not read to their end. */
    private readonly answers = new Set<IncomingMessage>();
    private made = 0;
    private reported = "[]";
    /** How often something called back: a socket, a timer, a piece of work of the thread pool. */
    private happened = 0;
    private watching = false;
    private sleeps: Sleep[] = [];
    private order = 0;
    private seed = "";
    private drawn = 0;

    /** `endpoint` is the address of the services, `report` sends the numbers of the calls that are waited for. */
    constructor(
        private readonly endpoint: URL,
        private readonly report: (calls: string) => void,
    ) {
        createHook({ before: () => void this.happened++ }).enable();
        this.numberCalls();
        this.orderSleeps();
        this.drawFromSeed();
        syncBuiltinESMExports();
    }

    /** An invocation begins. Returns the function that tells the time. */
    begin(id: string, time: number): () => number {
        this.seed = id;
        this.drawn = 0;
        const begun = this.slept;
        return () => time + this.slept - begun;
    }

    private numberCalls(): void {
        const { request } = http;
        const numbered = (...given: unknown[]) => {
            const args = [...given] as Parameters<typeof request>;
            const options = args.find(isOptions);
            if (!this.isCall(args[0], options)) return request(...args);
            const call = ++this.made;
            const headers = { ...(options?.headers as object), [callHeader]: String(call) };
            const at = options ? args.indexOf(options as never) : 1;
            args.splice(at, options ? 1 : 0, { ...options, headers } as never);
            this.open.add(call);
            this.stir();
            const sent = request(...args);
            const over = () => {
                this.open.delete(call);
                this.stir();
            };
            sent.once("response", (answer) => {
                this.answers.add(answer);
                answer.once("close", () => this.answers.delete(answer));
                over();
            });
            return sent.once("close", over);
        };
        const get = (...args: unknown[]) => {
            const sent = numbered(...args);
            sent.end();
            return sent;
        };
        Object.assign(http, { request: numbered, get });
    }

    private isCall(first: unknown, options: RequestOptions | undefined): boolean {
        const url = typeof first === "string" || first instanceof URL ? new URL(first) : undefined;
        const host = options?.hostname ?? options?.host ?? url?.hostname;
        const port = options?.port ?? url?.port;
        return host === this.endpoint.hostname && String(port) === this.endpoint.port;
    }

    /** A sleep ends when nothing else is left to do, and those that are due before it have ended. */
    private orderSleeps(): void {
        const { setTimeout: sleep } = timers;
        const { setTimeout: start, clearTimeout: cancel } = globalThis;
        const sleeping = new Map<unknown, Sleep>();
        const startInOrder = (action: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) => {
            const each = this.sleep(milliseconds);
            const timer = start(() => {
                each.over = () => {
                    sleeping.delete(timer);
                    action(...args);
                };
                this.stir();
            }, milliseconds);
            sleeping.set(timer, each);
            return timer;
        };
        const sleepInOrder = async <T>(milliseconds = 0, value?: T, options?: TimerOptions) => {
            const each = this.sleep(milliseconds);
            try {
                await sleep(milliseconds, undefined, options);
            } catch (error) {
                this.forget(each);
                throw error;
            }
            await new Promise<void>((resolve) => {
                each.over = resolve;
                this.stir();
            });
            return value;
        };
        globalThis.setTimeout = Object.assign(startInOrder, { [promisify.custom]: sleepInOrder }) as never;
        globalThis.clearTimeout = (timer) => {
            cancel(timer);
            const found = sleeping.get(timer);
            sleeping.delete(timer);
            if (found) this.forget(found);
        };
        Object.assign(timers, { setTimeout: sleepInOrder });
    }

    private sleep(milliseconds: number): Sleep {
        const each = { due: this.slept + Math.max(0, milliseconds || 0), order: this.order++ };
        this.sleeps.push(each);
        return each;
    }

    private forget(each: Sleep): void {
        this.sleeps = this.sleeps.filter((other) => other !== each);
        this.stir();
    }

    private drawFromSeed(): void {
        const draw = () =>
            createHash("sha256")
                .update(`${this.seed} ${++this.drawn}`)
                .digest();
        Math.random = () => draw().readUIntBE(0, 6) / 2 ** 48;
        const randomUUID = () => {
            const bytes = draw();
            bytes[6] = (bytes[6]! & 0x0f) | 0x40;
            bytes[8] = (bytes[8]! & 0x3f) | 0x80;
            const hex = bytes.toString("hex");
            return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
        };
        for (const source of [crypto, globalThis.crypto]) Object.assign(source, { randomUUID });
    }

    /** Something has happened, and more may follow from it. */
    private stir(): void {
        if (this.watching) return;
        this.watching = true;
        this.watch(0);
    }

    /** Goes on until the event loop has had nothing to do for some turns, and the thread pool, which has one thread, neither. */
    private watch(quiet: number): void {
        const happened = this.happened;
        const look = () => {
            this.happened--; // what has called this
            if (this.happened !== happened || this.isReading()) this.watch(0);
            else if (quiet < quietTurns) this.watch(quiet + 1);
            else {
                this.watching = false;
                this.settle();
            }
        };
        if (quiet < quietTurns) setImmediate(look);
        else access(__filename, look);
    }

    /** Whether more of an answer is to come, and would be taken. */
    private isReading(): boolean {
        return [...this.answers].some(({ complete, readableLength }) => !complete && readableLength === 0);
    }

    private settle(): void {
        if (this.open.size > 0) this.reportOpen();
        else this.wake();
    }

    private reportOpen(): void {
        const calls = JSON.stringify([...this.open]);
        if (calls === this.reported) return;
        this.reported = calls;
        this.report(calls);
    }

    private wake(): void {
        const [first] = this.sleeps.sort((a, b) => a.due - b.due || a.order - b.order);
        if (!first?.over) return;
        this.sleeps.shift();
        this.slept = Math.max(this.slept, first.due);
        first.over();
        this.stir();
    }
}

function isOptions(arg: unknown): arg is RequestOptions {
    return typeof arg === "object" && arg !== null && !(arg instanceof URL);
}
