"""S3 over http.client, against the loopback server in AWS_ENDPOINT_URL."""

import email.utils
import http.client
import io
import os
import urllib.parse
import xml.etree.ElementTree

from botocore.exceptions import ClientError

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"

#: Parameters of the operations, and the headers they become.
CONDITIONS = {"IfMatch": "if-match", "IfNoneMatch": "if-none-match"}
READ_HEADERS = {**CONDITIONS, "Range": "range"}
WRITE_HEADERS = {**CONDITIONS, "ContentType": "content-type", "ContentEncoding": "content-encoding"}
LIST_QUERY = {
    "Prefix": "prefix",
    "Delimiter": "delimiter",
    "MaxKeys": "max-keys",
    "StartAfter": "start-after",
    "ContinuationToken": "continuation-token",
}


class S3Client:
    """The operations that move objects, with boto3's names and answers."""

    def get_object(self, *, Bucket, Key, VersionId=None, **others):
        headers = take("get_object", others, READ_HEADERS)
        status, answered, body = send("GetObject", "GET", Bucket, Key, version(VersionId), headers)
        return {**describe(status, answered), "Body": StreamingBody(body)}

    def head_object(self, *, Bucket, Key, VersionId=None, **others):
        headers = take("head_object", others, READ_HEADERS)
        status, answered, _ = send("HeadObject", "HEAD", Bucket, Key, version(VersionId), headers)
        return describe(status, answered)

    def put_object(self, *, Bucket, Key, Body=b"", Metadata=None, **others):
        headers = take("put_object", others, WRITE_HEADERS)
        headers.update({f"x-amz-meta-{name.lower()}": value for name, value in (Metadata or {}).items()})
        status, answered, _ = send("PutObject", "PUT", Bucket, Key, {}, headers, as_bytes(Body))
        return {"ETag": answered["etag"], "ResponseMetadata": metadata(status, answered), **version_of(answered)}

    def list_objects_v2(self, *, Bucket, **others):
        query = {"list-type": "2", **take("list_objects_v2", others, LIST_QUERY)}
        status, answered, body = send("ListObjectsV2", "GET", Bucket, "", query, {})
        root = xml.etree.ElementTree.fromstring(body)
        listed = {
            "Name": Bucket,
            "KeyCount": int(root.findtext(f"{NAMESPACE}KeyCount")),
            "IsTruncated": root.findtext(f"{NAMESPACE}IsTruncated") == "true",
            "ResponseMetadata": metadata(status, answered),
        }
        contents = [listed_object(element) for element in root.iter(f"{NAMESPACE}Contents")]
        prefixes = [{"Prefix": element.findtext(f"{NAMESPACE}Prefix")} for element in root.iter(f"{NAMESPACE}CommonPrefixes")]
        token = root.findtext(f"{NAMESPACE}NextContinuationToken")
        if contents:
            listed["Contents"] = contents
        if prefixes:
            listed["CommonPrefixes"] = prefixes
        if token:
            listed["NextContinuationToken"] = token
        return listed

    def get_paginator(self, operation_name):
        if operation_name != "list_objects_v2":
            raise NotImplementedError(f"the paginator {operation_name!r} needs the real boto3: pip install boto3")
        return ListPaginator(self)

    def __getattr__(self, name):
        raise NotImplementedError(f"the S3 client's {name} needs the real boto3: pip install boto3")


class ListPaginator:
    """All pages of a listing."""

    def __init__(self, client):
        self.client = client

    def paginate(self, **parameters):
        while True:
            page = self.client.list_objects_v2(**parameters)
            yield page
            if not page["IsTruncated"]:
                return
            parameters["ContinuationToken"] = page["NextContinuationToken"]


class StreamingBody(io.BytesIO):
    """An object's bytes, with botocore's two ways to go through them."""

    def iter_lines(self, chunk_size=1024, keepends=False):
        for line in self.read().splitlines(keepends):
            yield line

    def iter_chunks(self, chunk_size=1024):
        while chunk := self.read(chunk_size):
            yield chunk


def send(operation, method, bucket, key, query, headers, body=None):
    path = "/" + "/".join(urllib.parse.quote(part, safe="/~") for part in (bucket, key) if part)
    if query:
        path += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
    scope = f"{os.environ['AWS_ACCESS_KEY_ID']}/00000000/{os.environ['AWS_REGION']}/s3/aws4_request"
    signed = {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=local", **headers}
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
    try:
        connection.request(method, path, body, signed)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status >= 300:
        raise ClientError(error_of(response.status, response.reason, content), operation)
    return response.status, response.headers, content


def take(operation, parameters, known):
    """Renames the parameters; one that is not known is refused."""
    for name in parameters:
        if name not in known:
            raise NotImplementedError(f"{operation}({name}=…) needs the real boto3: pip install boto3")
    return {known[name]: str(value) for name, value in parameters.items()}


def version(version_id):
    return {"versionId": version_id} if version_id else {}


def version_of(headers):
    return {"VersionId": headers["x-amz-version-id"]} if "x-amz-version-id" in headers else {}


def as_bytes(body):
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body)


def describe(status, headers):
    return {
        "ContentLength": int(headers.get("content-length", 0)),
        "ContentType": headers.get("content-type", ""),
        "ETag": headers["etag"],
        "LastModified": email.utils.parsedate_to_datetime(headers["last-modified"]),
        "Metadata": {name[11:]: value for name, value in headers.items() if name.startswith("x-amz-meta-")},
        "ResponseMetadata": metadata(status, headers),
        **version_of(headers),
        **({"ContentEncoding": headers["content-encoding"]} if "content-encoding" in headers else {}),
    }


def metadata(status, headers):
    return {"HTTPStatusCode": status, "HTTPHeaders": dict(headers.items()), "RetryAttempts": 0}


def listed_object(element):
    # Imported here: by now the runtime has put the pipeline's time into datetime.
    from datetime import datetime

    return {
        "Key": element.findtext(f"{NAMESPACE}Key"),
        "Size": int(element.findtext(f"{NAMESPACE}Size")),
        "ETag": element.findtext(f"{NAMESPACE}ETag"),
        "LastModified": datetime.fromisoformat(element.findtext(f"{NAMESPACE}LastModified").replace("Z", "+00:00")),
        "StorageClass": element.findtext(f"{NAMESPACE}StorageClass"),
    }


def error_of(status, reason, content):
    code, message = str(status), reason
    if content:
        root = xml.etree.ElementTree.fromstring(content)
        code, message = root.findtext("Code"), root.findtext("Message")
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
