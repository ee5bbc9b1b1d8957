#!/bin/sh
# Prints where the zip is that is to be deployed: that of the pinned release, fetched after checking its SHA-256; with
# RELEASE_ZIP=FILE that one, after looking into it; with BUILD=1 one that is built from these sources. DIST is the folder for both.
set -euf
cd "$(dirname "$0")/../.."
# shellcheck source=infra/release/pin.env
. infra/release/pin.env

# need TOOL WHY
need() {
    command -v "$1" > /dev/null || {
        echo "$1 is needed and not there: $2" >&2
        exit 2
    }
}

if [ -n "${RELEASE_ZIP:-}" ]; then
    [ -f "$RELEASE_ZIP" ] || {
        echo "RELEASE_ZIP: there is no file $RELEASE_ZIP" >&2
        exit 2
    }
    need unzip "it looks into $RELEASE_ZIP"
    program=$(sed -n 's/.*"defaultExecutablePath": "\(.*\)".*/\1/p' host.json)
    for entry in host.json "$program" function-collector/function.json function-remediate/function.json; do
        unzip -tqq "$RELEASE_ZIP" "$entry" > /dev/null 2>&1 || {
            echo "RELEASE_ZIP: $RELEASE_ZIP is no whole zip of this program: $entry cannot be read in it" >&2
            exit 2
        }
    done
    printf '%s\n' "$RELEASE_ZIP"
    exit 0
fi

target=${DIST:-dist}/function.zip
mkdir -p "${DIST:-dist}"
file="heartbeat-dns-$VERSION-linux-x86_64.zip"
if [ "${BUILD:-0}" = 1 ]; then
    need cargo "BUILD=1 builds the program (https://rustup.rs)"
    cargo xtask package --zip-only --out "${DIST:-dist}" >&2
    cp "${DIST:-dist}/$file" "$target"
    echo "$target"
    exit 0
fi

# sum_of FILE: its SHA-256, by the tool of Linux or by that of macOS.
if command -v sha256sum > /dev/null; then
    sum_of() { sha256sum "$1" | cut -d ' ' -f 1; }
else
    need shasum "without it or sha256sum nobody knows what is deployed"
    sum_of() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
fi
if [ -f "$target" ] && [ "$(sum_of "$target")" = "$SHA256" ]; then
    echo "$file: there already, SHA-256 is right" >&2
    echo "$target"
    exit 0
fi

need curl "it fetches the release"
if [ -z "${RELEASES:-}" ]; then
    origin=$(git config --get remote.origin.url 2> /dev/null || true)
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
part="$target.$$"
trap 'rm -f "$part"' EXIT
curl --fail --silent --show-error --location --proto '=https,file' --output "$part" "$RELEASES/v$VERSION/$file" || {
    echo "cannot fetch $RELEASES/v$VERSION/$file: set RELEASES to where it is, or BUILD=1 to build from source." >&2
    exit 1
}
sum=$(sum_of "$part")
if [ "$sum" != "$SHA256" ]; then
    echo "$file has SHA-256 $sum, infra/release/pin.env says $SHA256: it is not what was released, and is not deployed." >&2
    exit 1
fi
mv "$part" "$target"
echo "$file: SHA-256 is right" >&2
echo "$target"
