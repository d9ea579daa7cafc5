/** Environment of the `run-processor` function. */
export interface RunProcessorEnvironment {
    /** Name of the processor. */
    PROCESSOR: string;
    /** ARN of the user's function. */
    FUNCTION_ARN: string;
    /** Seconds that the user's function may take. */
    FUNCTION_TIMEOUT: string;
    LEDGER_TABLE: string;
    BUCKET: string;
    /** Start of the keys of the objects that it is called for, ending in `/`. */
    TRIGGER: string;
}
