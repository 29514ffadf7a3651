#!/usr/bin/env bash
# Makes the packages of the library and of the command line for this platform, and uses them as their users do, from a local feed:
# the examples are built and run, the tool is installed and run. Everything lies in a temporary folder. Usage: tools/try-packages.sh
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
rid=$(dotnet --info | awk '$1 == "RID:" { print $2; exit }')
work=$(mktemp -d)
background=()
trap 'for process in "${background[@]}"; do kill "$process" 2>/dev/null || true; done; rm -rf "$work"' EXIT

fail() { echo "$1" >&2; exit 1; }
expect_width() { # FILE PIXELS: the width in a PNG's header
  [ "$(od -An -t u1 -j16 -N4 "$1" | awk '{ print ($1 * 256 + $2) * 65536 + $3 * 256 + $4 }')" = "$2" ] || fail "$1 is not $2 pixels wide."
}
wait_for() { # SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@" 2>/dev/null; do [ $SECONDS -lt $end ] || fail "Not so in time: $*"; sleep 0.2; done
}

# Other packages are those of the solution; ours must not be one that an earlier restore has unpacked beside them.
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
feed=$work/feed
: "${NUGET_PACKAGES:=$HOME/.nuget/packages}"
[ ! -e "$NUGET_PACKAGES/diffbir/$version" ] || fail "Delete $NUGET_PACKAGES/diffbir/$version, which would be used instead of the new package."
from_feed=(-p:RestoreAdditionalProjectSources="$feed" -p:RestorePackagesPath="$work/packages" -p:RestoreFallbackFolders="$NUGET_PACKAGES" -p:DiffBirVersion="$version")

echo "Packing $version"
dotnet pack src/DiffBir -c Release -o "$feed" -v q --nologo
# A release compiles the tool's code ahead (tools/release.sh), which takes minutes and changes nothing that is tried here.
dotnet pack src/DiffBir.Cli -c Release -o "$feed" -p:ToolPlatforms="$rid" -p:PublishReadyToRun=false -v q --nologo
for package in "$feed"/*.nupkg; do
  [ "$(stat -c %s "$package")" -lt 80000000 ] || fail "$package is larger than 80 MB."
  contents=$(unzip -Z1 "$package")
  for file in README.md LICENSE icon.png; do grep -qx "$file" <<<"$contents" || fail "$package lacks $file."; done
  ! grep -iE "runtimes/(ios|android)|\.aar$|xcframework" <<<"$contents" || fail "$package has files for phones."
done

echo "Building the examples against the package"
cp -r examples "$work/examples"
dotnet build "$work/examples/Examples.slnx" -v q --nologo "${from_feed[@]}"
program() { echo "$work/examples/$1/bin/Debug/net10.0/$1"; }

echo "The console program"
said=$("$(program ConsoleApp)" samples/portrait.png "$work/console.png" 2>/dev/null)
[[ $said == "$work/console.png: "* ]] || fail "The console program said: $said"
[ "$("$(program ConsoleApp)" nothing.png "$work/none.png" 2>&1 >/dev/null | wc -l)" = 1 ] || fail "A missing photo is not told in one sentence."

echo "The web API"
ASPNETCORE_URLS=http://127.0.0.1:0 "$(program WebApi)" >"$work/api.log" 2>&1 &
background+=($!)
wait_for 30 grep -q "Now listening on" "$work/api.log"
api=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/api.log" | head -1)
curl -sS --fail --data-binary @samples/portrait.png "$api/restore?upscale=1" -o "$work/api.png"
[ "$(curl -sS --data-binary @README.md "$api/restore" -o /dev/null -w '%{http_code}')" = 400 ] || fail "What is no photo is not refused."

echo "The service that watches a folder"
mkdir "$work/in"
"$(program FolderWorker)" --in "$work/in" --out "$work/out" >"$work/worker.log" 2>&1 &
worker=$!
background+=($worker)
cp samples/portrait.png "$work/in/photo.png"
wait_for 60 test -f "$work/out/photo.png"
kill -TERM $worker
wait $worker || fail "The service did not end in order."

echo "The tool"
dotnet tool install DiffBir.Tool --tool-path "$work/tool" --source "$feed" --version $version >/dev/null
cd "$work"
said=$("$work/tool/diffbir" --version)
[[ $said == "$version"* ]] || fail "The tool's version is $said."
"$work/tool/diffbir" restore "$here/samples/portrait.png" -o "$work/tool.png" --upscale 1 >/dev/null 2>&1
for result in console api out/photo tool; do test -s "$work/$result.png"; done
width=$(od -An -t u1 -j16 -N4 "$here/samples/portrait.png" | awk '{ print $3 * 256 + $4 }')
for result in api out/photo tool; do expect_width "$work/$result.png" "$width"; done
echo "The packages of $rid work."
