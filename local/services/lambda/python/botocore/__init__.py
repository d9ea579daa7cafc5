"""The part of botocore that goes with the stand-in for boto3: its exceptions."""
