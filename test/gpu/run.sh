#!/usr/bin/env bash
# The proving ground, for a host with an NVIDIA GPU, Python and PyTorch; no Node and no network needed:
#   run.sh part1|part2|part3|facts|all RESULTS [more flags of run.py]
# Each of the four takes at most 10 minutes: run.py leaves runs out when a part's time is over, and timeout ends what hangs.
# Changes no setting of the card.
# GPUCOST names the standalone executable (default: standalone/gpucost of this clone), PYTHON the Python that has PyTorch.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
part=${1:?part1, part2, part3, facts or all}
results=${2:?the folder that takes the results}
shift 2
gpucost=$(realpath "${GPUCOST:-$here/../../standalone/gpucost}")
python=${PYTHON:-python3}
mkdir -p "$results"
results=$(realpath "$results")
# Files that storage and checkpoint workloads write go to a disk, not to a memory file system.
export GPUCOST_PROVING_SCRATCH=${GPUCOST_PROVING_SCRATCH:-$results}

facts() { timeout --kill-after=10 580 "$python" "$here/driver_facts.py" "$results" --python "$python"; }
part() { timeout --kill-after=10 590 "$python" "$here/run.py" "$@" --gpucost "$gpucost"; }

case $part in
  facts) facts ;;
  part1 | part2 | part3) part "$part" "$results" "$@" ;;
  all) status=0; for one in part1 part2 part3; do part "$one" "$results" "$@" || status=$?; done; facts; exit $status ;;
  *) echo "run.sh: unknown part $part; expected part1, part2, part3, facts or all" >&2; exit 2 ;;
esac
