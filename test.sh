#!/usr/bin/env bash
# Runs every fast test and ends with one line: N passed, N failed, N skipped. Further arguments go to `dotnet test`.
# The tests in a real browser come last, with nothing else beside: how soon a browser shows something depends on what the machine does.
set -uo pipefail
cd "$(dirname "$0")"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

run() { # FOLDER TARGET FILTER [OPTIONS]
  # A test that waits for ever is named and fails.
  dotnet test "$2" -c Release --nologo --logger trx --results-directory "$results/$1" --filter "$3" \
    --blame-hang-timeout 5m --blame-hang-dump-type none "${@:4}"
}
run fast DiffBir.slnx "Category!=Slow&FullyQualifiedName!~DiffBir.Server.Tests.Browser" "$@"
status=$?
run browser tests/DiffBir.Server.Tests.Browser "Category!=Slow" "$@" || status=1

count() { grep -hos "<Counters [^>]*" $1 | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }
all="$results/*/*.trx"
total=$(count "$all" total)
skipped=$((total - $(count "$all" executed)))
failed=0
for kind in failed error timeout aborted; do failed=$((failed + $(count "$all" $kind))); done
[ "$total" -gt 0 ] || { echo "No test ran." >&2; status=1; }
echo "$((total - skipped - failed)) passed, $failed failed, $skipped skipped"
exit $status
