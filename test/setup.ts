/** A rejection that nobody handled means that something was dropped: the run fails. */
process.on("unhandledRejection", (reason) => {
    throw reason;
});

const cleanups: (() => unknown)[] = [];

/** Does something when the running test is over; the last registered comes first. */
export function afterTest(action: () => unknown): void {
    cleanups.push(action);
}

/** Hooks of all test files, in whichever process they run. */
export const mochaHooks = {
    async afterEach(): Promise<void> {
        for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
};
