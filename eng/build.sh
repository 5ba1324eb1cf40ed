#!/usr/bin/env bash
# usage: eng/build.sh [--if-stale] PROJECT|SOLUTION
# Builds Release. One build runs at a time; one that is good says nothing.
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
if_stale=false
if [[ $1 == --if-stale ]]; then
    if_stale=true
    shift
fi

check_sdk() {
    local version
    # dotnet itself refuses when no SDK fits global.json.
    if ! version=$(dotnet --version 2>/dev/null) || ((${version%%.*} < 10)); then
        echo "barnabas: needs the .NET 10 SDK (https://dotnet.microsoft.com/download); found:" >&2
        dotnet --list-sdks | sed 's/^/  /' >&2
        exit 1
    fi
}

build() {
    touch artifacts/building    # a source that changes while the build runs is newer than the build
    # One compiler for all projects is several times as fast as one for each. It is ours alone and ends with the build:
    # servers that outlive it would hold on to our lock and to the caller's pipes.
    local compiler="barnabas-$$" good=true
    dotnet build "$1" -c Release --nologo -v minimal -nodeReuse:false \
        -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" </dev/null >artifacts/build.log 2>&1 9>&- \
        || good=false
    pkill -f -- "-pipename:$compiler" || true
    if ! $good; then
        { grep -E ': (error|warning) ' artifacts/build.log || tail -n 20 artifacts/build.log; } | sort -u | head -n 40 >&2
        echo "barnabas: the build failed; its whole output is in $PWD/artifacts/build.log" >&2
        exit 1
    fi
    mv artifacts/building artifacts/built
}

mkdir -p artifacts
exec 9>artifacts/build.lock
flock 9
# Whoever held the lock before may have built what we were called for.
if ! $if_stale || eng/stale.sh; then
    check_sdk
    [[ -e artifacts/built ]] || echo "barnabas: the first run builds, about a minute" >&2
    build "$1"
fi
