#!/usr/bin/env bash
# Tries the ways out of the sandbox in a container with docker's default profile, a read-only
# root and a /tmp in memory: as root, as root without capabilities, and as another user. Needs docker and Go.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
image=muster-escape:$$
tests='^(TestNoWayLeadsOut|TestPrograms|TestNothingIsLeft)$'

# The tests as one static program, with a shell and what the tests call.
mkdir -p "$root"/{bin,dev,proc,sys,etc,var,home,root,run,usr/lib}
mkdir -m 1777 "$root/tmp"
CGO_ENABLED=0 go test -c -o "$root/bin/escape" ./sandbox
for program in sh true sleep cat head pwd setsid mkdir chmod; do
	program=$(command -v "$program" || true)
	[ -x "$program" ] || continue
	install -D "$(realpath "$program")" "$root/bin/$(basename "$program")"
	ldd "$program" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		install -D "$library" "$root$library"
	done
done
tar -C "$root" -c . | docker import - "$image" >/dev/null
trap 'docker image rm "$image" >/dev/null; rm -rf "$root"' EXIT

try() {
	printf 'escape: %s\n' "$*"
	docker run --rm --network none --read-only --tmpfs /tmp:exec,mode=1777 --env PATH=/bin --env TMPDIR=/tmp "$@" "$image" /bin/escape -test.run "$tests" -test.v |
		grep -v '^=== RUN'
}

try --user 0
try --user 65534
try --user 65534 --cap-drop ALL --security-opt no-new-privileges
