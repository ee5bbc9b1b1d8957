#!/bin/sh
# Builds one container image for both architectures out of the static binaries of a release, and pushes it; prints its digest.
#
#   infra/release/image.sh DIST docker://REGISTRY/NAME:TAG
#
# DIST is the folder of `cargo xtask package` for both Linux targets. Nothing is compiled and nothing is run in the image, so no
# emulator is needed. Needs buildah. SOURCE is the address of the repository, for the image's label;
# CERTIFICATES the authorities that TLS trusts, where they lie elsewhere than on Debian.
set -euf
cd "$(dirname "$0")/../.."
[ $# = 2 ] || {
    echo "usage: infra/release/image.sh DIST DESTINATION" >&2
    exit 2
}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/etc/ssl/certs"
cp "${CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}" "$stage/etc/ssl/certs/ca-certificates.crt"
cp "$1/heartbeat-dns-$version-linux-x86_64" "$stage/heartbeat-dns-amd64"
cp "$1/heartbeat-dns-$version-linux-aarch64" "$stage/heartbeat-dns-arm64"
list=heartbeat-dns-release-$$
# The time of the build is none of its contents: equal binaries are an equal image.
buildah build --manifest "$list" --platform linux/amd64,linux/arm64 --build-context "build=$stage" --timestamp 0 \
    --label "org.opencontainers.image.version=$version" --label "org.opencontainers.image.source=${SOURCE:-}" \
    --label "org.opencontainers.image.licenses=MIT OR Apache-2.0" --file Containerfile . >&2
buildah manifest push --all --digestfile "$stage/digest" "$list" "$2" >&2
buildah manifest rm "$list" > /dev/null
cat "$stage/digest"
echo
