/** Refuses inputs that are neither modelled nor known to change nothing on this machine; switched-off ones pass. */
export function refuseOthers(path: string, inputs: object, known: string[]): void {
    for (const [name, value] of Object.entries(inputs)) {
        if (known.includes(name) || isOff(value)) continue;
        throw new Error(`${path}${name} is not modelled on this machine: leave it out`);
    }
}

function isOff(value: unknown): boolean {
    return (
        value === undefined || value === null || value === false || (value as { enabled?: unknown }).enabled === false
    );
}
