#!/usr/bin/env bash
# Trains the pack mini's networks, one after the other: tools/train-mini.sh PHOTOS RUNS [OPTIONS OF diffbir-train]
# Where TILES is set, stage1-repaired and what goes on from it learn from the whole photos in that folder (diffbir-train photos --tile 512).
# Where RUNS/teachers/realesr-general-x4v3.safetensors is not there, turbo is left out, and with it the generator.
# The pack has stage1-unet-quarter and, as its generator, turbo-enlarged-mean. Started again, it goes on where it was stopped.
# PHOTOS is what tools/photos/fetch.sh made.
set -euo pipefail
[ $# -ge 2 ] || { echo "Usage: $0 PHOTOS RUNS [options of diffbir-train, such as --threads 1]" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
photos=$1 runs=$2
shift 2

dotnet build "$root/src/DiffBir.Training" -c Release --nologo -v quiet
program() { dotnet "$root/src/DiffBir.Training/bin/Release/net10.0/diffbir-train.dll" "$@"; }

# A run, or NAME=ONE+OTHER: the mean of the weights of two, behind the stage 1 and with the defaults of ONE.
runs_in_order=(
  stage1 stage1-longer stage1-repaired stage1-sensor stage1-blur stage1-blurrier stage1-developed stage1-harmless
  stage1-unet stage1-unet-longer stage1-unet-enlarged
  stage1-unet-half=stage1-unet-longer+stage1-unet-enlarged stage1-unet-quarter=stage1-unet-longer+stage1-unet-half
  vae prior stage2
)
[ -f "$runs/teachers/realesr-general-x4v3.safetensors" ] && runs_in_order+=(
  turbo turbo-kept turbo-close turbo-developed
  turbo-mean=turbo-close+turbo-developed turbo-harmless
  turbo-harmless-mean=turbo-mean+turbo-harmless turbo-unet
  turbo-unet-mean=turbo-harmless-mean+turbo-unet turbo-unet-quarter=turbo-harmless-mean+turbo-unet-mean
  turbo-longer turbo-mixed turbo-mixed-mean=turbo-longer+turbo-mixed
  turbo-unet-longer turbo-unet-longer-mean=turbo-unet-longer+turbo-mixed-mean
  turbo-held turbo-held-mean=turbo-held+turbo-unet-longer-mean
  turbo-enlarged turbo-enlarged-mean=turbo-enlarged+turbo-held-mean
)
for run in "${runs_in_order[@]}"; do
  if [[ $run == *=* ]]; then
    name=${run%%=*} of=${run#*=}
    [ -d "$runs/$name" ] || program mean "$runs/${of%+*}" "$runs/${of#*+}" --out "$runs/$name"
    continue
  fi

  resume=()
  case $run in
    stage1 | stage1-longer | vae | prior | stage2) data=$photos ;;
    *) data=${TILES:-$photos} ;;
  esac
  [ -f "$runs/$run/state.safetensors" ] && resume=(--resume)
  program "${run%%-*}" --config "$root/configs/mini/$run.json" --data "$data" --out "$runs/$run" "${resume[@]}" "$@"
done
