"""Runs a Python function as Lambda's runtime does: loads the handler, then fetches invocations over the Runtime API and
answers them, one at a time. It stands alone: only the standard library, started as a process of its own."""

import datetime
import http.client
import importlib
import importlib.metadata
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback

RUNTIME_HOST, _, RUNTIME_PATH = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")

real_time = time.time
real_time_ns = time.time_ns
#: The pipeline's time minus this machine's, in seconds.
time_offset = 0.0
request_id = "-"


def main():
    end_with_parent()
    shift_time()
    set_up_logging()
    lend_boto3()
    connection = http.client.HTTPConnection(RUNTIME_HOST)
    try:
        handler = load_handler(os.environ["LAMBDA_TASK_ROOT"], os.environ["_HANDLER"])
    except BaseException as error:
        log_error(error)
        call(connection, "POST", "init/error", json.dumps(describe(error)))
        sys.exit(1)
    while True:
        headers, body = call(connection, "GET", "invocation/next")
        answer(connection, handler, headers, body)


def answer(connection, handler, headers, body):
    global time_offset, request_id
    request_id = headers["lambda-runtime-aws-request-id"]
    time_offset = int(headers["eventpipeline-time-ms"]) / 1000 - real_time()
    try:
        result = handler(json.loads(body), Context(headers))
        payload = marshal(result)
        operation = "response"
    except Exception as error:
        log_error(error)
        payload = json.dumps(describe(error))
        operation = "error"
    sys.stderr.flush()
    print(f"END RequestId: {request_id}", flush=True)
    call(connection, "POST", f"invocation/{request_id}/{operation}", payload)


class Context:
    """What a handler is told about its invocation."""

    identity = None
    client_context = None

    def __init__(self, headers):
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


class RuntimeFailure(Exception):
    """An error with the name that Lambda gives it."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


def load_handler(root, name):
    module_path, _, function_name = name.rpartition(".")
    if not module_path:
        raise RuntimeFailure("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack")
    sys.path.insert(0, root)
    module_name = module_path.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise RuntimeFailure("Runtime.UserCodeSyntaxError", message) from error
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise RuntimeFailure("Runtime.ImportModuleError", message) from error
    if not hasattr(module, function_name):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise RuntimeFailure("Runtime.HandlerNotFound", message)
    return getattr(module, function_name)


def marshal(result):
    try:
        return json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RuntimeFailure("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def describe(error):
    return {
        "errorType": getattr(error, "name", None) if isinstance(error, RuntimeFailure) else type(error).__name__,
        "errorMessage": str(error),
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def log_error(error):
    description = describe(error)
    print(f"[ERROR] {description['errorType']}: {description['errorMessage']}", flush=True)
    print("".join(description["stackTrace"]), end="", flush=True)


def call(connection, method, operation, body=None):
    path = f"/{RUNTIME_PATH}/2018-06-01/runtime/{operation}"
    connection.request(method, path, body.encode() if body is not None else None)
    response = connection.getresponse()
    return response.headers, response.read().decode()


def end_with_parent():
    """The pipeline's process holds the other end of standard input: when it dies, so does this one."""

    def watch():
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def set_up_logging():
    """Lambda's format, with the request id."""
    handler = logging.StreamHandler(sys.stdout)

    class Formatter(logging.Formatter):
        converter = staticmethod(time.gmtime)

        def format(self, record):
            record.aws_request_id = request_id
            return super().format(record)

    layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler.setFormatter(Formatter(layout, "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(handler)


def lend_boto3():
    """Lambda's runtime brings boto3. Where this machine has none that knows AWS_ENDPOINT_URL, a stand-in serves S3."""
    try:
        version = tuple(int(part) for part in importlib.metadata.version("boto3").split(".")[:2])
    except importlib.metadata.PackageNotFoundError:
        version = (0, 0)
    if version < (1, 28):
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))


def shift_time():
    """`time` and `datetime` tell the pipeline's time."""
    real_gmtime, real_localtime = time.gmtime, time.localtime
    real_ctime, real_strftime = time.ctime, time.strftime
    real_date, real_datetime = datetime.date, datetime.datetime

    def now():
        return real_time() + time_offset

    time.time = now
    time.time_ns = lambda: real_time_ns() + int(time_offset * 1e9)
    time.gmtime = lambda seconds=None: real_gmtime(now() if seconds is None else seconds)
    time.localtime = lambda seconds=None: real_localtime(now() if seconds is None else seconds)
    time.ctime = lambda seconds=None: real_ctime(now() if seconds is None else seconds)
    time.strftime = lambda layout, moment=None: real_strftime(layout, moment or time.localtime())

    class LikeDate(type(real_date)):
        """Values of the real class count as values of the shifted one."""

        def __instancecheck__(cls, value):
            return isinstance(value, real_date)

        def __subclasscheck__(cls, subclass):
            return issubclass(subclass, real_date)

    class LikeDatetime(type(real_datetime)):
        def __instancecheck__(cls, value):
            return isinstance(value, real_datetime)

        def __subclasscheck__(cls, subclass):
            return issubclass(subclass, real_datetime)

    class date(real_date, metaclass=LikeDate):
        @classmethod
        def today(cls):
            return cls.fromtimestamp(now())

    class shifted_datetime(real_datetime, metaclass=LikeDatetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(now(), tz)

        @classmethod
        def today(cls):
            return cls.fromtimestamp(now())

        @classmethod
        def utcnow(cls):
            return cls.fromtimestamp(now(), datetime.timezone.utc).replace(tzinfo=None)

    for shifted, name in ((date, "date"), (shifted_datetime, "datetime")):
        shifted.__name__ = shifted.__qualname__ = name
        shifted.__module__ = "datetime"
        setattr(datetime, name, shifted)


if __name__ == "__main__":
    main()
