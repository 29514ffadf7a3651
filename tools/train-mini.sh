#!/usr/bin/env bash
# Trains the pack mini's networks, one after the other: tools/train-mini.sh PHOTOS RUNS [OPTIONS OF diffbir-train]
# Where TILES is set, the pack's stage 1 and its generator learn from the whole photos in that folder (diffbir-train photos --tile 512).
# Where RUNS/teachers/realesr-general-x4v3.safetensors is not there, turbo is left out, and with it the generator.
# Started again, it goes on where it was stopped. PHOTOS is what tools/photos/fetch.sh made.
set -euo pipefail
[ $# -ge 2 ] || { echo "Usage: $0 PHOTOS RUNS [options of diffbir-train, such as --threads 1]" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
photos=$1 runs=$2
shift 2

dotnet build "$root/src/DiffBir.Training" -c Release --nologo -v quiet
program() { dotnet "$root/src/DiffBir.Training/bin/Release/net10.0/diffbir-train.dll" "$@"; }

# The diffusion was trained behind the first stage 1; stage1-unet and turbo are what a photo goes through.
runs_in_order=(stage1 stage1-longer vae prior stage2 stage1-unet)
[ -f "$runs/teachers/realesr-general-x4v3.safetensors" ] && runs_in_order+=(turbo)
for run in "${runs_in_order[@]}"; do
  resume=()
  case $run in
    stage1-unet | turbo) data=${TILES:-$photos} ;;
    *) data=$photos ;;
  esac
  [ -f "$runs/$run/state.safetensors" ] && resume=(--resume)
  program "${run%%-*}" --config "$root/configs/mini/$run.json" --data "$data" --out "$runs/$run" "${resume[@]}" "$@"
done
