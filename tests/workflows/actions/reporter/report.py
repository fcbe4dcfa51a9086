"""What the reporter does with the results: two notices, and a failure where any runner's status is fail or error."""

import base64
import json
import os
import sys


def main():
    results = [
        json.loads(base64.b64decode(os.environ[f"{runner.strip().upper()}_RESULTS"], validate=True))
        for runner in os.environ["RUNNERS"].split(",")
    ]
    for result in results:
        for test in result["tests"]:
            print(f"{test['status']}: {test['name']} {test['message']}")
    total = sum(test["score"] for result in results for test in result["tests"])
    most = sum(result["max_score"] for result in results)
    print(f"::notice title=Autograding complete::Points {total}/{most}")
    print(f"::notice title=Autograding report::{json.dumps({'totalPoints': total, 'maxPoints': most})}")
    return int(any(result["status"] != "pass" for result in results))


if __name__ == "__main__":
    sys.exit(main())
