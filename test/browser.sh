#!/usr/bin/env bash
# The HTML report in a browser: test/browser, a module of its own. Arguments go to `go test`.
#
# Where chromium-headless-shell is missing it is installed with apt if that is possible: as root, on
# Debian, within five minutes. Elsewhere nothing is tested, which is said, and is a failure with
# MUSTER_REQUIRE_BROWSER=1. MUSTER_CHROMIUM names another Chromium. MUSTER_SCREENSHOTS names a folder
# for pictures of the page.
set -euo pipefail
cd "$(dirname "$0")/browser"

say() { printf 'browser: %s\n' "$*"; }

has_chromium() { command -v "${MUSTER_CHROMIUM:-chromium-headless-shell}" >/dev/null; }

install() {
	say 'installing chromium-headless-shell with apt'
	export DEBIAN_FRONTEND=noninteractive
	timeout 300 sh -c 'apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium-headless-shell' >&2 </dev/null
}

may_install() { [ -z "${MUSTER_CHROMIUM:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

if ! has_chromium && ! { may_install && install && has_chromium; }; then
	say 'NOT TESTED: the HTML report in a browser: there is no chromium-headless-shell on PATH and it could not be installed'
	[ -z "${MUSTER_REQUIRE_BROWSER:-}" ]
	exit
fi

say "go test, $("${MUSTER_CHROMIUM:-chromium-headless-shell}" --version 2>/dev/null || echo 'a Chromium of no version')"
go test -count=1 -timeout 10m "$@" ./...
