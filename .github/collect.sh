#!/usr/bin/env bash
# What grade.yml collects: of classroom/assignments.csv (assignment,deadline,address) each assignment whose deadline has
# passed, or the one that $ASSIGNMENT names. Leaves it in collected/submitted/. docs/github.md says what stands in the file.
set -euo pipefail

now=$(date +%s)
worst=0
names=0

nabla release > /dev/null # locked cells are compared with what was handed out
# What a student has called a file must not be read as a command by the log.
token=$(python -c 'import uuid; print(uuid.uuid4().hex)')
echo "::stop-commands::$token"
while IFS=, read -r assignment deadline address; do
  [ -n "$assignment" ] || continue
  if [ -n "${ASSIGNMENT:-}" ]; then
    [ "$assignment" = "$ASSIGNMENT" ] || continue
  elif [ "$(date -d "$deadline" +%s)" -gt "$now" ]; then
    echo "$assignment: due $deadline, not collected yet"
    continue
  fi
  names=$((names + 1))
  status=0
  nabla classroom collect "$assignment" --deadline "$deadline" \
    --roster classroom/roster.csv ${address:+--address "$address"} || status=$?
  [ "$status" -le "$worst" ] || worst=$status
done < <(tail -n +2 classroom/assignments.csv | tr -d '\r'; echo)
echo "::$token::"

if [ "$names" -eq 0 ] && [ -n "${ASSIGNMENT:-}" ]; then
  echo "::error::The assignment that was asked for isn't in classroom/assignments.csv."
  exit 1
fi
# 1: some couldn't be collected, each named above; anything else is a fault of the set-up.
[ "$worst" -le 1 ]

found=false
mkdir -p collected
if [ -n "$(find submitted -name '*.ipynb' -print -quit 2>/dev/null)" ]; then
  mv submitted collected/
  found=true
fi
{
  echo "found=$found"
  echo "status=$worst"
} >> "$GITHUB_OUTPUT"
