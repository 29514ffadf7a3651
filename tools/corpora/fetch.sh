#!/usr/bin/env bash
# Gets the pictures that image libraries test themselves with, sound and hostile ones, from Debian's source packages:
# PngSuite (libpng), libtiff, libjpeg-turbo, libwebp, Pillow, gdk-pixbuf. Nothing of it belongs to this repository.
#   tools/corpora/fetch.sh FOLDER
# Needs apt-get and tar (Debian 12 or later) and 400 MB. The machine's own lists of packages stay as they are.
set -euo pipefail
[ $# -eq 1 ] || { echo "Usage: $0 FOLDER" >&2; exit 2; }
folder=$(realpath -m "$1")
down=$(mktemp -d)
trap 'rm -rf "$down"' EXIT
mkdir -p "$folder" "$down/lists/partial" "$down/unpacked"
chmod -R a+rwX "$down"

# The machine's own archives, asked for sources.
mkdir "$down/sources"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
  [ -f "$list" ] || continue
  sed -E 's/^deb /deb-src /; s/^Types:.*/Types: deb-src/' "$list" > "$down/sources/$(basename "$list")"
done
options=(-q -o Dir::Etc::SourceList=- -o Dir::Etc::SourceParts="$down/sources" -o Dir::State::Lists="$down/lists")
apt-get "${options[@]}" update >&2

for package in libpng1.6 tiff libjpeg-turbo libwebp pillow gdk-pixbuf; do
  [ -d "$folder/$package" ] && continue
  if ! (cd "$down" && apt-get "${options[@]}" source --tar-only --download-only --only-source "$package" >&2); then
    echo "The source of $package cannot be had; its pictures are left out." >&2
    continue
  fi
  rm -rf "$down/unpacked" && mkdir "$down/unpacked"
  tar -xf "$(ls "$down/${package}_"*.orig.tar.* | grep -v '\.asc$' | head -n 1)" -C "$down/unpacked" --strip-components 1
  # Files that are named like pictures, and only those: sources are no test of a picture's reader.
  mkdir "$folder/$package.partial"
  (cd "$down/unpacked" && find . -type f -regextype posix-extended \
    -iregex '.*\.(png|jpe?g|webp|tiff?|gif|bmp|jp2|j2k|heic|avif|ico|tga|ppm|pgm|psd|icns|xbm|dds|pcx|sgi|fli)' -print0 \
    | xargs -0 cp --parents -t "$folder/$package.partial")
  mv "$folder/$package.partial" "$folder/$package"
done
find "$folder" -type f | wc -l | xargs -I N echo "N files in $folder" >&2
