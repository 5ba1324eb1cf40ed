#!/usr/bin/env bash
# Installs what the suites ensemble, interop and nemesis test with, if it is missing: clients that none of us wrote,
# ZooKeeper, and what makes disks, clocks and networks fail. With the argument bench also what 'barnabas bench suite'
# holds a node against: servers of other makes, and librdkafka to compile with.
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# Debian's Python packages belong to Debian's interpreter, /usr/bin/python3, and to no other.
packages=(
    kcat python3 python3-confluent-kafka python3-kafka          # clients
    python3-snappy python3-lz4 python3-zstandard                # codecs of python3-kafka and of our decoder
    python3-prometheus-client                                   # a reader of metrics
    strace gcc libc6-dev                                        # disks that fail, clocks that jump
    iproute2 nftables                                           # networks that are cut
    zookeeper                                                   # servers of an ensemble, which the tests start
)

if [[ ${1:-} == bench ]]; then
    packages+=(nats-server redis-server librdkafka-dev)
fi

missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "installing ${missing[*]}"
    as_root=()
    if ((EUID != 0)); then as_root=(sudo); fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

node=tests/Interop/node
if [[ ! -e $node/node_modules/.package-lock.json ||
    $node/package-lock.json -nt $node/node_modules/.package-lock.json ]]; then
    echo "installing the packages of $node"
    (cd "$node" && npm ci --no-audit --no-fund --loglevel=error)
    touch "$node/node_modules/.package-lock.json"
fi
