#!/usr/bin/env bash
# Everything that reads the code without running it. Stops at the first finding.
set -euo pipefail
cd "$(dirname "$0")/.."

linter() { go tool -modfile=tools/go.mod "$@"; }

step() { printf 'lint: %s\n' "$*"; }

step 'gofmt'
unformatted=$("$(go env GOROOT)/bin/gofmt" -l .)
if [ -n "$unformatted" ]; then
	printf 'lint: not formatted, run gofmt -w on:\n%s\n' "$unformatted" >&2
	exit 1
fi

step 'go vet'
go vet ./...
(cd test/formats && go vet ./...)
(cd test/commands && go vet ./...)
(cd test/browser && go vet ./...)

step 'staticcheck'
linter staticcheck ./...
(cd test/formats && go tool -modfile=../../tools/go.mod staticcheck ./...)
(cd test/commands && go tool -modfile=../../tools/go.mod staticcheck ./...)
(cd test/browser && go tool -modfile=../../tools/go.mod staticcheck ./...)

step 'go mod tidy'
go mod tidy -diff
(cd tools && go mod tidy -diff)
(cd test/formats && go mod tidy -diff)
(cd test/commands && go mod tidy -diff)
(cd test/browser && go mod tidy -diff)

step 'bash -n'
for script in test/*.sh .ci/run; do
	bash -n "$script"
done

# The recipes for GitHub stand in docs/ci.md alone: each block whose fence names a workflow is
# one. What is in their scripts is not ours to install checkers for.
step 'actionlint'
recipes=$(mktemp -d)
trap 'rm -rf "$recipes"' EXIT
awk -v to="$recipes" '
	/^```yaml \.github\/workflows\// { file = to "/" substr($2, 19); next }
	/^```$/ { file = "" }
	file != "" { print > file }
' docs/ci.md
linter actionlint -shellcheck= -pyflakes= "$recipes"/*.yml

# The vulnerability database is asked for on the network. Only its absence, told
# by a bounded look before the run, lets the step pass without a result.
step 'govulncheck'
if timeout 120 go tool -modfile=tools/go.mod govulncheck -version | grep -q '^DB updated:'; then
	linter govulncheck ./...
else
	step 'govulncheck did not run: its database is out of reach (GOVULNDB names another one)'
fi
step 'ok'
