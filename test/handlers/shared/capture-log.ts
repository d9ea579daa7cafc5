/** Runs the act and returns what it logged beside its result; nothing of it reaches the test runner's output. */
export async function captureLog<T>(act: () => Promise<T>): Promise<{ result: T; lines: Record<string, unknown>[] }> {
    const { write } = process.stdout;
    const lines: Record<string, unknown>[] = [];
    process.stdout.write = ((text: string) => lines.push(JSON.parse(text)) > 0) as typeof write;
    try {
        return { result: await act(), lines };
    } finally {
        process.stdout.write = write;
    }
}
