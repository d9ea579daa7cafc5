/** How much data there is: `short` is for a quick look, and for what has to be looked at often. */
export type Size = "full" | "short";

/** Something that several contestants do, each in a process of its own. */
export interface Case {
    /** Lower case with hyphens. */
    name: string;
    /** What is done, for a heading. */
    about: string;
    /** Makes the data, or finds it where it was made before; returns the folder that it is in. */
    data(size: Size): Promise<string>;
    /** The first is ours, which the others are compared to. */
    contestants: Contestant[];
    /** How an output differs from what it should be, a phrase for each way. Absent where there is nothing to compare. */
    differences?(data: string, output: string): Promise<string[]>;
    /** How often each contestant runs. @default 3, and once where it takes long */
    rounds?: number | Record<Size, number>;
    /** Processes that a contestant starts do a part of its work: they count, too. */
    countsChildren?: true;
    /** What a user asks for beside ratios, such as events a second: from what one thing took. */
    figure?(each: Pick<Measure, "seconds" | "cpuSeconds">, size: Size): string;
}

export interface Contestant {
    name: string;
    /** How many times as fast ours must be. */
    atLeast?: number;
    /** Does only a part of the work, which nobody can do without: its output is not compared. */
    isLimit?: true;
    /** Its processors' time differs too much from run to run to be recorded, as of threads that wait for each other. */
    isUnsteady?: true;
    /** Of a function: its memory in MB. The heap has the limits that Lambda sets then. */
    functionMemory?: number;
    /** How many things it does, where others do another number of them: then the time of one is what is compared. */
    things?: number;
    /**
     * Gets ready, which is not measured. What it returns does the work, and is: the output is a file. What imports an AWS
     * client is imported here, so that processes that measure such imports are without.
     */
    load(data: string, output: string): Promise<() => unknown>;
}

/** What the operating system says that the work took. */
export interface Measure {
    seconds: number;
    /** User and system, all threads. */
    cpuSeconds: number;
    /** Most memory that the process had, in bytes. */
    memory: number;
    /** The most that the processes had together that it started, where they count. */
    childrenMemory?: number;
}

/** What a process of a contestant is told, in this order. */
export type ContestantArguments = [caseName: string, contestant: string, data: string, output: string];
