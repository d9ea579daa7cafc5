"""Puts newline-delimited JSON from standard input on a delivery stream, as an application does with its own events.

What can't be stored comes out of standard output, to be sent another time.
Usage: python3 examples/web-application/producer.py STREAM < events.ndjson > unsent.ndjson
"""

import random
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# Firehose bills every record as a multiple of 5 KB: small events share one.
SHARED_RECORD = {"items": sys.maxsize, "size": 5 * 1024}
# PutRecordBatch takes 500 records and 4 MiB, in which the base64 of 3 MB and the JSON around it fit.
FULL_BATCH = {"items": 500, "size": 3_000_000}
LARGEST_RECORD = 1000 * 1024

ATTEMPTS = 8
FIRST_BACKOFF = 0.05
LONGEST_BACKOFF = 5


def main(stream):
    """Sends everything, and returns the exit status: 1 if anything is not stored."""
    stored = unsent = 0

    def keep(records):
        nonlocal unsent
        unsent += count_lines(records)
        sys.stdout.buffer.writelines(records)

    # Calls that fail as a whole are sent again by the client.
    client = boto3.client("firehose", config=Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS}))
    records = (b"".join(lines) for lines in grouped(lines_of(sys.stdin.buffer, keep), **SHARED_RECORD))
    for batch in grouped(records, **FULL_BATCH):
        failed = put(client, stream, batch)
        stored += count_lines(batch) - count_lines(failed)
        keep(failed)
    print(f"{stream}: {stored} events stored, {unsent} not", file=sys.stderr)
    return 1 if unsent else 0


# #region put
def put(client, stream, records):
    """Puts records, those that were not stored again, and returns what after all attempts still is not."""
    pending = records
    for attempt in range(ATTEMPTS):
        if attempt > 0:
            time.sleep(random.random() * min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt))
        try:
            answer = client.put_record_batch(
                DeliveryStreamName=stream, Records=[{"Data": record} for record in pending]
            )
        except (BotoCoreError, ClientError) as error:
            reason = error
            break
        # A call that succeeds may have stored some of its records only; the answers stand in their order.
        failures = [response.get("ErrorCode") for response in answer["RequestResponses"]]
        pending = [record for record, failure in zip(pending, failures) if failure]
        if not pending:
            return []
        reason = next(filter(None, failures))
    print(f"{len(pending)} of {len(records)} records are not stored: {reason}", file=sys.stderr)
    return pending
# #endregion


def lines_of(file, keep):
    """The file's lines, each ended by its newline: Firehose joins records as they are."""
    for line in file:
        if not line.strip():
            continue
        line = line.rstrip(b"\n") + b"\n"
        if len(line) <= LARGEST_RECORD:
            yield line
        else:
            print(f"an event of {len(line)} bytes is more than Firehose takes", file=sys.stderr)
            keep([line])


def grouped(all_items, items, size):
    """Groups items in their order, each group as full as it may be; what is too large for any group is one alone."""
    group, used = [], 0
    for item in all_items:
        if len(group) == items or (group and used + len(item) > size):
            yield group
            group, used = [], 0
        group.append(item)
        used += len(item)
    if group:
        yield group


def count_lines(records):
    return sum(record.count(b"\n") for record in records)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 producer.py STREAM < events.ndjson > unsent.ndjson")
    sys.exit(main(sys.argv[1]))
