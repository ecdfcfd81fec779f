#!/usr/bin/env bash
# The whole test suite with the race detector, against a real redis-server.
#
# What is missing (redis-server, prometheus, a C compiler for the race detector) is installed
# with apt where that is possible: as root, on Debian. Elsewhere the suite runs
# without it and says at its end what was not tested. With MUSTER_REQUIRE_REDIS=1,
# or in CI (CI=true), going without is a failure. Arguments go to `go test`.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${CI:-}" = true ]; then
	export MUSTER_REQUIRE_REDIS=1
fi
required=${MUSTER_REQUIRE_REDIS:-}
skipped=()

say() { printf 'test: %s\n' "$*"; }

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

policy=/usr/sbin/policy-rc.d
kept_policy=

# no_services keeps Debian's package scripts from starting what they install.
no_services() {
	if [ -e "$policy" ]; then
		kept_policy=$policy.before-muster
		mv "$policy" "$kept_policy"
	fi
	trap services_as_before EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}

services_as_before() {
	rm -f "$policy"
	if [ -n "$kept_policy" ]; then
		mv "$kept_policy" "$policy"
	fi
	trap - EXIT
}

install() {
	say "installing $* with apt"
	export DEBIAN_FRONTEND=noninteractive
	no_services
	local status=0
	{ apt-get -qq update && apt-get -qq install --yes --no-install-recommends "$@"; } >&2 </dev/null || status=$?
	services_as_before
	return "$status"
}

compiles_c() {
	printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' |
		"${CC:-gcc}" -x c -o /dev/null - 2>/dev/null
}

# need TEST PACKAGE... makes a condition true, by installing when it may.
need() {
	local condition=$1
	shift
	"$condition" && return
	may_install && install "$@" && "$condition"
}

has_redis() { command -v redis-server >/dev/null; }

if ! need has_redis redis-server; then
	skipped+=('every test that needs a real redis-server: there is none on PATH and it could not be installed')
fi

has_linters() {
	local program
	for program in shellcheck yamllint promtool; do
		command -v "$program" >/dev/null || return
	done
}

if ! need has_linters shellcheck yamllint prometheus; then
	skipped+=('the definitions of docs/commands: of shellcheck, yamllint and promtool one is not on PATH, and could not be installed')
fi

has_prometheus() { command -v prometheus >/dev/null && command -v promtool >/dev/null; }

if need has_prometheus prometheus; then
	export MUSTER_REQUIRE_PROMETHEUS=1
else
	skipped+=('the alerts, and a scrape by Prometheus: there is none on PATH and it could not be installed')
fi

race=(-race)
# The detector would sleep for a second at the end of each of the many processes.
export GORACE="atexit_sleep_ms=0${GORACE:+ $GORACE}"
if need compiles_c gcc libc6-dev; then
	export CGO_ENABLED=1
else
	race=()
	skipped+=('data races: the race detector needs a C compiler, and none could be installed')
fi

if [ -n "$required" ] && [ "${#skipped[@]}" -gt 0 ]; then
	say 'MUSTER_REQUIRE_REDIS or CI is set, so nothing may be skipped:' >&2
	printf 'test:   %s\n' "${skipped[@]}" >&2
	exit 1
fi

suite=(go test "${race[@]}" -timeout 10m "$@" ./...)
say "${suite[*]}, $(redis-server --version 2>/dev/null || echo 'no redis-server')"
status=0
"${suite[@]}" || status=$?

# Programs of others read what ours writes. They are a module of their own, which go test does not
# know the files of: nothing of it is cached.
formats=(go test -count=1 -timeout 10m ./...)
say "test/formats: ${formats[*]}"
(cd test/formats && "${formats[@]}") || status=$?

# So do those of docs/commands, which enqueue runs.
if has_linters; then
	say "test/commands: ${formats[*]}"
	(cd test/commands && "${formats[@]}") || status=$?
fi

for what in "${skipped[@]}"; do
	say "NOT TESTED: $what"
done
exit "$status"
