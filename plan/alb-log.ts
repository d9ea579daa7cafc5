import { column, parseColumnType } from "./column-types";

/*
 * The table that AWS documents for the access logs of Application Load Balancers. A line that the expression does not
 * match as a whole is a row of nulls; fields that AWS adds at the end of a line are matched by its last group, for which
 * there is no column.
 */

const declarations = [
    ...["type string", "time string", "elb string", "client_ip string", "client_port int", "target_ip string"],
    ...["target_port int", "request_processing_time double", "target_processing_time double"],
    ...["response_processing_time double", "elb_status_code int", "target_status_code string"],
    ...["received_bytes bigint", "sent_bytes bigint", "request_verb string", "request_url string"],
    ...["request_proto string", "user_agent string", "ssl_cipher string", "ssl_protocol string"],
    ...["target_group_arn string", "trace_id string", "domain_name string", "chosen_cert_arn string"],
    ...["matched_rule_priority string", "request_creation_time string", "actions_executed string"],
    ...["redirect_url string", "lambda_error_reason string", "target_port_list string"],
    ...["target_status_code_list string", "classification string", "classification_reason string"],
    "conn_trace_id string",
];

/** Columns of a load balancer's access log. */
export const albLogColumns = declarations.map((declaration) => {
    const [name, type] = declaration.split(" ");
    return column(name!, parseColumnType(type!));
});

/** Regular expression for a line of the log: a group for each column, and one for what comes behind. */
export const albLogPattern = [
    "([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*)",
    "([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*) (-|[-0-9]*) ([-0-9]*) ([-0-9]*)",
    '"([^ ]*) (.*) (- |[^ ]*)" "([^"]*)" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) ([^ ]*)',
    '"([^"]*)" "([^"]*)" "([^"]*)" ([-.0-9]*) ([^ ]*)',
    '"([^"]*)" "([^"]*)" "([^ ]*)" "([^\\s]+?)" "([^\\s]+)" "([^ ]*)" "([^ ]*)" ?([^ ]*)?( .*)?',
].join(" ");
