#!/usr/bin/env bash
# oracle.sh install          fetches what package-lock.json names into node_modules, once
# oracle.sh run DECIDE ...   the differential oracle; further arguments as in run.mjs
set -euo pipefail
command=${1:-}
if [ "$command" = run ]; then decide=$(realpath "${2:?the program oracle_decide}"); shift 2; fi
cd "$(dirname "$0")"
for program in node npm; do
  command -v "$program" > /dev/null || { echo "oracle: $program is not installed. Next: scripts/setup" >&2; exit 1; }
done
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 18 ] || { echo "oracle: node $major is older than 18. Next: scripts/setup" >&2; exit 1; }
case "$command" in
  install)
    # npm writes this copy of the lock file last, so an unfinished install is done again.
    wanted=$(node -p 'require("./package.json").dependencies["@cedar-policy/cedar-wasm"]')
    found=$(node -p 'require("./node_modules/.package-lock.json").packages["node_modules/@cedar-policy/cedar-wasm"].version' 2> /dev/null || true)
    if [ "$found" = "$wanted" ]; then echo "oracle: $wanted is there"; exit 0; fi
    npm ci --no-audit --no-fund --ignore-scripts || {
      echo "oracle: npm cannot fetch @cedar-policy/cedar-wasm $wanted. Next: look at the registry that npm is configured for." >&2
      exit 1
    } ;;
  run) exec node run.mjs "$decide" "$@" ;;
  *) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
