#!/usr/bin/env bash
# fuzz.sh TIME: runs every fuzz target for that long (go's -fuzztime), one after
# the other: go test takes one target at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
fuzztime=${1:?usage: fuzz.sh TIME, such as 30s}

found=0
while IFS= read -r package; do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		found=1
		printf 'fuzz: %s %s for %s\n' "$package" "$target" "$fuzztime"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package" </dev/null
	done
done < <(go list ./...)

if [ "$found" = 0 ]; then
	echo 'fuzz: there is no fuzz target in any package' >&2
	exit 1
fi
