const pulumi = require("@pulumi/pulumi");

const types = [];
pulumi.runtime.setMocks({
    newResource({ type, inputs, name }) {
        types.push(type);
        return { id: name, state: { ...inputs, arn: `arn:aws:::${name}`, name: inputs.name ?? name } };
    },
    call: ({ inputs }) => ({ ...inputs, accountId: "123456789012", partition: "aws", region: "us-east-1" }),
});
const { EventPipeline } = require("eventpipeline");
const shop = new EventPipeline("shop", { ingest: { click: { columns: [{ name: "page", type: "string" }] } } });
shop.bucketName.apply(() => setTimeout(() => process.stdout.write(JSON.stringify([...new Set(types)])), 1000));
