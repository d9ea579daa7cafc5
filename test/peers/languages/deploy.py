"""Does to the stack of the program in this folder what it is told: deploy.py preview|up|destroy PROGRAM FOLDER."""

import json
import runpy
import sys

from pulumi import automation

operation, program, folder = sys.argv[1:]

stack = automation.create_or_select_stack(
    "dev",
    project_name="shop",
    program=lambda: runpy.run_path(program) and None,
    opts=automation.LocalWorkspaceOptions(work_dir=folder),
)
if operation == "preview":
    answer = {"changes": stack.preview().change_summary}
elif operation == "up":
    done = stack.up()
    answer = {"changes": done.summary.resource_changes, "urls": done.outputs["urls"].value}
else:
    answer = {"changes": stack.destroy().summary.resource_changes}
print(json.dumps(answer))
