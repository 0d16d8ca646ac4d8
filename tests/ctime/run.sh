#!/bin/sh
# run.sh VALGRIND EXPECTED_EXIT PROGRAM [ARGUMENT...]
# Runs PROGRAM under memcheck, where 9 means that something depends on a secret, and passes when the exit is the expected one.
set -eu
valgrind=$1
expected=$2
shift 2
status=0
"$valgrind" --quiet --error-exitcode=9 --num-callers=20 --leak-check=no "$@" || status=$?
if [ "$status" -ne "$expected" ]; then
  echo "ctime: exit $status instead of $expected" >&2
  exit 1
fi
