"""The exception that callers of boto3 catch."""


class ClientError(Exception):
    """An answer of AWS that says no."""

    def __init__(self, error_response, operation_name):
        error = error_response["Error"]
        text = f"An error occurred ({error['Code']}) when calling the {operation_name} operation: {error['Message']}"
        super().__init__(text)
        self.response = error_response
        self.operation_name = operation_name
