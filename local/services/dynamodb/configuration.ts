import { type CapturedProgram, type CapturedResource, ofType } from "../../program";
import { refuseOthers } from "../refusal";

/** An attribute of a key. */
export interface KeyAttribute {
    name: string;
    type: "S" | "N" | "B";
}

/** A table as far as it is modelled. */
export interface TableConfiguration {
    /** Logical name in the program. */
    logicalName: string;
    name: string;
    arn: string;
    partitionKey: KeyAttribute;
    sortKey?: KeyAttribute;
    /** The attribute that says when an item expires, in seconds since 1970. */
    expiry?: string;
}

const known = [
    ...[
        "name",
        "attributes",
        "hashKey",
        "rangeKey",
        "ttl",
        "billingMode",
        "readCapacity",
        "writeCapacity",
        "tableClass",
    ],
    ...[
        "pointInTimeRecovery",
        "serverSideEncryption",
        "deletionProtectionEnabled",
        "onDemandThroughput",
        "tags",
        "region",
    ],
];

/** The tables that a program registers. */
export function readTables(program: CapturedProgram): TableConfiguration[] {
    return ofType(program, "aws:dynamodb/table:Table").map(readTable);
}

function readTable({ name: logicalName, inputs, outputs }: CapturedResource): TableConfiguration {
    const path = `DynamoDB table "${logicalName}": `;
    refuseOthers(path, inputs, known);
    const attributes = (inputs.attributes ?? []) as KeyAttribute[];
    const { enabled = false, attributeName } = (inputs.ttl ?? {}) as { enabled?: boolean; attributeName?: string };
    const keys = [inputs.hashKey, inputs.rangeKey].filter((each) => each !== undefined).map(String);
    const stray = attributes.find(({ name }) => !keys.includes(name));
    if (stray)
        throw new Error(`${path}attribute "${stray.name}" is in no key: declare the attributes of the keys only`);
    const [partitionKey, sortKey] = keys.map((key) => {
        const found = attributes.find(({ name }) => name === key);
        if (found && ["S", "N", "B"].includes(found.type)) return found;
        throw new Error(`${path}key "${key}" has no type: declare it in attributes as S, N or B`);
    });
    if (!partitionKey) throw new Error(`${path}hashKey is missing`);
    return {
        logicalName,
        name: String(outputs.name),
        arn: String(outputs.arn),
        partitionKey,
        ...(sortKey && { sortKey }),
        ...(enabled && attributeName && { expiry: attributeName }),
    };
}
