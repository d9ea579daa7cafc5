import { type CapturedProgram, ofType } from "../../program";

/** A bucket of the program. */
export interface ProgramBucket {
    name: string;
    versioned: boolean;
    /** Used without being registered: it exists already. */
    adopted: boolean;
}

/** The buckets that a program registers, and those that its resources name by ARN or address. */
export function bucketsOf(program: CapturedProgram): ProgramBucket[] {
    const registered = ofType(program, "aws:s3/bucket:Bucket").map(({ outputs }) => String(outputs.bucket));
    const versioned = ofType(program, "aws:s3/bucketVersioning:BucketVersioning")
        .filter(
            ({ inputs }) => (inputs.versioningConfiguration as { status?: string } | undefined)?.status === "Enabled",
        )
        .map(({ inputs }) => String(inputs.bucket));
    const named = [...JSON.stringify(program.resources.map(({ inputs }) => inputs)).matchAll(reference)];
    const adopted = new Set(named.map(([, name]) => name!).filter((name) => !registered.includes(name)));
    return [
        ...registered.map((name) => ({ name, versioned: versioned.includes(name), adopted: false })),
        ...[...adopted].map((name) => ({ name, versioned: versioned.includes(name), adopted: true })),
    ];
}

const reference = /(?:arn:[\w-]+:s3:::|s3:\/\/)([a-z0-9][a-z0-9.-]*)/g;
