/** What a line is. */
export enum Reading {
    /** Something that has to be looked at more closely. */
    Odd,
    Event,
    /** The others are requests that are none. */
    Connections,
    HealthChecks,
    OtherMethods,
    OtherPaths,
    Refused,
}
