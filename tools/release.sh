#!/usr/bin/env bash
# Makes everything of a release from a tag: packages, programs for each platform, the container's context, checksums.
# Usage: tools/release.sh TAG FOLDER [PLATFORM...]     for example: tools/release.sh v0.1.0 artifacts/release
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
tag=$1 folder=$(realpath -m "$2")
shift 2
platforms=("$@")
[ $# -gt 0 ] || platforms=(linux-x64 linux-arm64 osx-arm64 win-x64 win-arm64)
cd "$(dirname "$0")/.."
repository=$PWD
fail() { echo "$1" >&2; exit 1; }

git rev-parse -q --verify "refs/tags/$tag" >/dev/null || fail "There is no tag $tag."
[ ! -e "$folder" ] || [ -z "$(ls -A "$folder")" ] || fail "$folder is not empty. Name another folder."
mkdir -p "$folder"

# What is released is what the tag holds, whatever lies in this working copy.
work=$(mktemp -d)
trap 'git -C "$repository" worktree remove --force "$work/source" 2>/dev/null || true; rm -rf "$work"' EXIT
git worktree add -q --detach "$work/source" "$tag"
cd "$work/source"
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
[ "$tag" = "v$version" ] || fail "The tag is $tag, but Directory.Build.props says $version."

dotnet pack src/DiffBir -c Release -o "$folder" -v q --nologo
dotnet pack src/DiffBir.Cli -c Release -o "$folder" -p:ToolPlatforms="\"$(IFS=';'; echo "${platforms[*]}")\"" -v q --nologo

notices=$(find "${NUGET_PACKAGES:-$HOME/.nuget/packages}" -path '*netvips.native*' -name 'THIRD-PARTY-NOTICES.md' | sort | tail -1)
publish() { # PLATFORM FOLDER OPTIONS...
  dotnet publish src/DiffBir.Cli -c Release -r "$1" --self-contained -o "$2" -v q --nologo "${@:3}"
  cp LICENSE README.md "$2"
  [ -z "$notices" ] || cp "$notices" "$2"
}
for platform in "${platforms[@]}"; do
  name=diffbir-$version-$platform
  publish "$platform" "$work/$name" -p:PublishSingleFile=true
  case $platform in
    win-*) (cd "$work" && zip -qr "$folder/$name.zip" "$name") ;;
    *) tar -C "$work" -czf "$folder/$name.tar.gz" "$name" ;;
  esac
done

if [[ " ${platforms[*]} " == *" linux-x64 "* ]]; then
  publish linux-x64 "$folder/container/diffbir"
  install -m 755 deploy/healthy.sh "$folder/container/healthy.sh"
fi

cd "$folder"
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | sort | xargs sha256sum >SHA256SUMS
cat SHA256SUMS
