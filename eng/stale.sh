#!/usr/bin/env bash
# Succeeds when the sources are newer than the last build. Takes some ten milliseconds.
set -euo pipefail

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..
stamp=$root/artifacts/built
[[ ! -e $stamp ]] ||
    [[ -n $(find "$root"/{src,schema,eng/*.txt,Directory.*,global.json} -newer "$stamp" -print -quit) ]]
