#!/usr/bin/env bash
# Runs every fast test and ends with one line: N passed, N failed, N skipped. Further arguments go to `dotnet test`.
set -uo pipefail
cd "$(dirname "$0")"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

dotnet test DiffBir.slnx -c Release --nologo --logger trx --results-directory "$results" --filter "Category!=Slow" "$@"
status=$?

count() { grep -ho "<Counters [^>]*" "$results"/*.trx 2>/dev/null | grep -o "$1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(count total)
passed=$(count passed)
failed=$(($(count failed) + $(count error) + $(count timeout) + $(count aborted)))
[ "$total" -gt 0 ] || { echo "No test ran." >&2; status=1; }
echo "$passed passed, $failed failed, $((total - passed - failed)) skipped"
exit $status
