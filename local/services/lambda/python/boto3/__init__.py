"""A stand-in for the boto3 that Lambda's Python runtime brings, lent where this machine has none: an S3 client with the
operations that move objects. Anything else is refused by name; `pip install boto3` serves it all."""

from ._s3 import S3Client


def client(service_name, *args, **kwargs):
    if service_name == "s3" and not args and not kwargs:
        return S3Client()
    raise NotImplementedError(f"boto3.client({service_name!r}, …) needs the real boto3: pip install boto3")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise NotImplementedError(f"boto3.{name} needs the real boto3: pip install boto3")
