#!/usr/bin/env bash
# Gets the free photos that the pack mini was trained on and cuts them: crops.tsv says which, README.md whose they are.
#   tools/photos/fetch.sh PHOTOS [ORIGINALS]
# Needs apt-get with its lists (apt-get update) and dpkg (Debian 12 has all packages), git, the .NET SDK, and 4 GB. What cannot be had is said and left out.
set -euo pipefail
[ $# -ge 1 ] || { echo "Usage: $0 PHOTOS [ORIGINALS]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
photos=$(realpath -m "$1")
originals=$(realpath -m "${2:-$photos/originals}")
mkdir -p "$photos" "$originals"

say() { echo "$*" >&2; }
collections() { tail -n +2 "$here/crops.tsv" | cut -f 2 | sort -u; }
blobs() { awk -F '\t' -v of="$1" '$2 == of { print $4 }' "$here/crops.tsv" | sort -u; }

# A Debian package, unpacked.
package() {
  local folder=$originals/$1
  [ -d "$folder" ] && return
  local down
  down=$(mktemp -d)
  if (cd "$down" && apt-get download -q "$1" >&2) && dpkg -x "$down"/*.deb "$folder.partial"; then
    mv "$folder.partial" "$folder"
  else
    say "The package $1 cannot be had; its photos are left out."
  fi
  rm -rf "$down" "$folder.partial"
}

# The photos of a repository on GitHub; only the versions that are needed are transferred.
repository() {
  local folder=$originals/$1 clone
  clone=$(mktemp -d)
  mkdir -p "$folder"
  if git clone -q --bare --filter=blob:none "https://github.com/$1.git" "$clone"; then
    for blob in $(blobs "$1"); do
      [ -f "$folder/$blob" ] && continue
      git -C "$clone" -c gc.auto=0 cat-file blob "$blob" > "$folder/$blob.partial" && mv "$folder/$blob.partial" "$folder/$blob" \
        || { rm -f "$folder/$blob.partial"; say "$1 has no photo $blob any more."; }
    done
  else
    say "The repository $1 cannot be had; its photos are left out."
  fi
  rm -rf "$clone"
  rmdir "$folder" 2>/dev/null || true
}

for collection in $(collections); do
  say "$collection"
  case $collection in
    */*) repository "$collection" ;;
    *) package "$collection" ;;
  esac
done

dotnet run --project "$here/../../src/DiffBir.Training" -c Release -- \
  photos --crops "$here/crops.tsv" --originals "$originals" --out "$photos"
