#!/usr/bin/env bash
# Runs every fast test and ends with one line: N passed, N failed, N skipped. Further arguments go to `dotnet test`.
# The tests in a real browser come last, alone, and get a second chance: how soon a browser shows something depends on what else
# the machine does.
set -uo pipefail
cd "$(dirname "$0")"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

run() { # FOLDER TARGET FILTER [OPTIONS]
  dotnet test "$2" -c Release --nologo --logger trx --results-directory "$results/$1" --filter "$3" "${@:4}"
}
run fast DiffBir.slnx "Category!=Slow&FullyQualifiedName!~DiffBir.Server.Tests.Browser" "$@"
status=$?
if ! run browser tests/DiffBir.Server.Tests.Browser "Category!=Slow" "$@"; then
  echo "Once more, as a browser may have been late:" >&2
  rm -rf "$results/browser"
  run browser tests/DiffBir.Server.Tests.Browser "Category!=Slow" "$@" || status=1
fi

count() { grep -ho "<Counters [^>]*" "$results"/*/*.trx 2>/dev/null | grep -o "$1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(count total)
passed=$(count passed)
failed=$(($(count failed) + $(count error) + $(count timeout) + $(count aborted)))
[ "$total" -gt 0 ] || { echo "No test ran." >&2; status=1; }
echo "$passed passed, $failed failed, $((total - passed - failed)) skipped"
exit $status
