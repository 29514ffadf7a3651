#!/usr/bin/env bash
# Tries the image of deploy/Dockerfile: with docker where there is one, else by replaying its steps in a folder with the same system
# (debootstrap, as root). Usage: tools/try-container.sh CONTEXT     the folder "container" of tools/release.sh
set -euo pipefail
context=$(realpath "$1")
cd "$(dirname "$0")/.."
max_megabytes=300
fail() { echo "$1" >&2; exit 1; }
export DIFFBIR_API_KEY=only-to-try-the-container

if docker info >/dev/null 2>&1; then
  docker build -q -t diffbir-try -f deploy/Dockerfile "$context"
  size=$(($(docker image inspect -f '{{.Size}}' diffbir-try) / 1000000))
  container=$(docker run -d -e DIFFBIR_API_KEY diffbir-try)
  trap 'docker rm -f "$container" >/dev/null' EXIT
  in_container() { docker exec "$container" "$@"; }
else
  echo "There is no docker: the steps of deploy/Dockerfile are replayed in a folder."
  root=$(mktemp -d)
  server=
  trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; umount "$root/proc" 2>/dev/null || true; rm -rf "$root"' EXIT
  chmod 755 "$root"
  debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || fail "debootstrap failed: $(tail -1 "$root.log")"
  # As the slim image has it, and keeps it behind each step.
  clean() { rm -rf "$root.log" "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/usr/share/{doc,info,locale,man}/*; }
  clean
  mount -t proc proc "$root/proc"
  environment=(PATH=/usr/local/bin:/usr/bin:/bin HOME=/var/lib/diffbir DIFFBIR_API_KEY="$DIFFBIR_API_KEY")
  user=root entry= command= health=
  words() { grep -o '"[^"]*"' <<<"$1" | tr -d '"'; }
  while read -r step arguments; do
    case $step in
      RUN) chroot "$root" /bin/sh -c "$arguments" >/dev/null 2>"$root.log" || fail "$arguments: $(tail -1 "$root.log")"; clean ;;
      COPY) cp -r "$context/${arguments% *}" "$root${arguments#* }" ;;
      ENV) environment+=("$arguments") ;;
      USER) user=$arguments ;;
      ENTRYPOINT) mapfile -t entry < <(words "$arguments") ;;
      CMD) mapfile -t command < <(words "$arguments") ;;
      HEALTHCHECK) health=${arguments#*CMD } ;;
      FROM | WORKDIR | VOLUME | EXPOSE | '#'* | '') ;;
      *) fail "The step $step is not known here." ;;
    esac
  done <deploy/Dockerfile
  size=$(($(du -s --apparent-size --block-size=1 --exclude="$root/proc" "$root" | cut -f1) / 1000000))
  in_container() { env -i "${environment[@]}" /usr/sbin/chroot --userspec="$user" "$root" "$@"; }
  in_container "${entry[@]}" "${command[@]}" >/dev/null 2>&1 &
  server=$!
fi

[ "$(in_container id -u)" = 1654 ] || fail "It does not run as its own user."
[ "$size" -le $max_megabytes ] || fail "It takes $size MB, more than $max_megabytes."
end=$((SECONDS + 60))
until in_container /opt/diffbir/healthy.sh 2>/dev/null; do [ $SECONDS -lt $end ] || fail "It is not healthy after a minute."; sleep 0.5; done
echo "The container takes $size MB, runs as user $(in_container id -un), and is healthy."
