import { XMLBuilder, XMLParser } from "fast-xml-parser";

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressEmptyNode: true });
const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true,
    isArray: (name) => ["Part", "Object", "Tag"].includes(name),
});

/** An S3 answer: one root element in S3's namespace. */
export function s3Xml(root: string, content: object): string {
    const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    return `<?xml version="1.0" encoding="UTF-8"?>${builder.build({ [root]: { "@xmlns": namespace, ...content } })}`;
}

/** An S3 error document. */
export function errorXml(code: string, message: string, resource: string): string {
    const error = { Code: code, Message: message, Resource: resource, RequestId: "local" };
    return `<?xml version="1.0" encoding="UTF-8"?>${builder.build({ Error: error })}`;
}

/** The content of a request's root element. */
export function parseXml<T>(body: Buffer, root: string): T {
    return ((parser.parse(body.toString()) as Record<string, unknown>)[root] ?? {}) as T;
}
