#!/bin/sh
# Puts the zip of the pinned release where it is wanted, after checking its SHA-256. BUILD=1 builds it from these sources instead.
set -eu
cd "$(dirname "$0")/../.."
target=${1:?usage: infra/release/fetch.sh FILE}
mkdir -p "$(dirname "$target")"
# shellcheck source=infra/release/pin.env
. infra/release/pin.env

file="heartbeat-dns-$VERSION-linux-x86_64.zip"
if [ "${BUILD:-0}" = 1 ]; then
    cargo xtask package --out dist
    cp "dist/$file" "$target"
    exit 0
fi

if [ -z "${RELEASES:-}" ]; then
    origin=$(git config --get remote.origin.url 2>/dev/null || true)
    case $origin in
        https://*) RELEASES="${origin%.git}/releases/download" ;;
        git@*:*)
            path=${origin#git@}
            path=${path%.git}
            RELEASES="https://${path%%:*}/${path#*:}/releases/download"
            ;;
        *)
            echo "where the releases are is not known: this is no clone of a repository on the web." >&2
            echo "Set RELEASES=https://…/releases/download, or BUILD=1 to build from source (needs Rust)." >&2
            exit 2
            ;;
    esac
fi
part="$target.part"
curl --fail --silent --show-error --location --proto '=https,file' --output "$part" "$RELEASES/v$VERSION/$file" || {
    echo "cannot fetch $RELEASES/v$VERSION/$file: set RELEASES to where it is, or BUILD=1 to build from source." >&2
    exit 1
}
sum=$(sha256sum "$part" | cut -d ' ' -f 1)
if [ "$sum" != "$SHA256" ]; then
    rm -f "$part"
    echo "$file has SHA-256 $sum, infra/release/pin.env says $SHA256: it is not what was released, and is not deployed." >&2
    exit 1
fi
mv "$part" "$target"
echo "$file: SHA-256 is right" >&2
