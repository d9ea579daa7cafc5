"""Forecasts when each device's battery is empty: one line per device and battery report.

An average device loses its charge evenly over ten days, so a device with a share `battery` left is empty in
`battery` x ten days. Shows how a processor in Python reads the object that started it and writes one of its own.
"""

import gzip
import json
import os
from datetime import datetime, timedelta

import boto3

LIFETIME = timedelta(days=10)
s3 = boto3.client("s3")


# #region handler
def handler(event, context):
    """Takes new battery reports; names those that failed, which come again."""
    failed = []
    for report in event["objects"]:
        try:
            forecast(report["bucket"], report["key"])
        except Exception as error:
            failed.append({"key": report["key"], "reason": f"{type(error).__name__}: {error}"})
    return {"failed": failed}
# #endregion


def forecast(bucket, key):
    """Writes the forecast for one battery report under a name made from the report's: a retry writes the same object."""
    report = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    lines = [json.dumps(empty_at(json.loads(line))) + "\n" for line in report.splitlines()]
    name = key.rsplit("/", 1)[-1]
    body = gzip.compress("".join(lines).encode(), mtime=0)
    s3.put_object(Bucket=bucket, Key=os.environ["OUTPUT_PREFIX"] + name, Body=body)


def empty_at(device):
    """Adds the forecast to one device's row."""
    if device["battery"] is None or device["sent_at"] is None:
        return {"device_id": device["device_id"], "battery": device["battery"], "empty_at": None}
    empty = datetime.fromisoformat(device["sent_at"]) + device["battery"] * LIFETIME
    return {
        "device_id": device["device_id"],
        "battery": device["battery"],
        "empty_at": empty.isoformat(sep=" ", timespec="milliseconds"),
    }
