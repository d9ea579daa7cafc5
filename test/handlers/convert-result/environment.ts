export const environment = {
    PIPELINE: "fleet",
    BUCKET: "lake",
    WORKGROUP_PREFIX: "fleet-dev-",
    LEDGER_TABLE: "ledger",
    FAILURES_TOPIC: "arn:aws:sns:eu-west-1:123456789012:failures",
};
