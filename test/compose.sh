#!/usr/bin/env bash
# compose.sh [SERVICES]: runs docker-compose.yml for real, with three workers, a
# fleet of 10,000 services, and one worker killed in the middle of the run. The run
# must end complete, with the same errs as a run that nobody disturbs. Everything
# it starts is taken down.
#
# Needs docker with compose, and the two base images: `bash test/images.sh` makes
# them where no registry can be reached. Takes a few minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

services=${1:-10000}
bad=0.01
kill_after=200 # services decided

work=$(mktemp -d)
fleet=$work/fleet
export COMPOSE_PROJECT_NAME=muster-test-$$ MUSTER_TAG=compose-test-$$ MUSTER_REPO=$fleet MUSTER_VERSION=v0.0.0-compose

if docker compose version >/dev/null 2>&1; then
	compose() { docker compose --profile enqueue "$@"; }
else
	compose() { docker-compose --profile enqueue "$@"; }
fi

say() { printf 'compose: %s\n' "$*"; }

fail() {
	say "FAILED: $*" >&2
	compose logs --tail 20 worker >&2 || true
	exit 1
}

take_down() {
	compose down --volumes --remove-orphans --timeout 5 >/dev/null 2>&1 || true
	docker image rm "muster:$MUSTER_TAG" >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap take_down EXIT

enqueue() { compose run --rm -T enqueue "$@" </dev/null; }

workers() { docker ps --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter label=com.docker.compose.service=worker; }

# decided RUN is how many services have a verdict so far.
decided() { enqueue runs 2>/dev/null | awk -v run="$1" '$1 == run { print $5 + $6 }'; }

# errs keeps of a report what must not depend on who worked when: all but how long
# the run took, which ends the last line.
errs() { sed '$ s/ in [^ ]*$//' "$1" >"$1.errs"; }

say "writing a fleet of $services services"
go run ./test/genfleet/cmd/genfleet -n "$services" -bad "$bad" -out "$fleet"
chmod 755 "$work" # mktemp keeps others out, and the container is another user

# build makes the image. Where docker has no BuildKit it goes without its caches.
build() {
	if docker buildx version >/dev/null 2>&1; then
		compose build worker
	else
		sed 's/--mount=[^ ]* //g' Dockerfile | docker build --build-arg VERSION="$MUSTER_VERSION" --tag "muster:$MUSTER_TAG" --file - .
	fi
}

say 'building the image, starting redis and 3 workers'
build >"$work/build.log" 2>&1 || { cat "$work/build.log"; fail 'docker build'; }
compose up --detach --no-build --scale worker=3 worker >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail 'compose up'; }
[ "$(workers | wc -l)" = 3 ] || fail "$(workers | wc -l) workers are up, not 3"

enqueue --version | grep -qF "$MUSTER_VERSION" || fail "the image is not of $MUSTER_VERSION: $(enqueue --version)"

say 'the undisturbed run'
status=0
enqueue run --run-id calm --repo /repo --quiet >"$work/calm" 2>"$work/calm.log" || status=$?
[ "$status" = 1 ] || { cat "$work/calm" "$work/calm.log"; fail "enqueue run exited $status, not 1"; }
tail -n 3 "$work/calm"

say "the run that loses a worker after $kill_after services"
enqueue run --run-id disturbed --repo /repo --quiet >"$work/disturbed" 2>"$work/disturbed.log" &
run=$!
until seen=$(decided disturbed) && [ "${seen:-0}" -ge "$kill_after" ]; do
	kill -0 "$run" 2>/dev/null || fail "the run ended before a worker could be killed"
done
victim=$(workers | head -n 1)
docker kill "$victim" >/dev/null
say "killed worker $victim with $seen of $services services decided"
[ "$seen" -lt "$services" ] || fail "the kill came too late: this machine needs a larger fleet, such as $0 $((services * 5))"

status=0
wait "$run" || status=$?
[ "$status" = 1 ] || { cat "$work/disturbed" "$work/disturbed.log"; fail "enqueue run exited $status, not 1"; }
[ "$(workers | wc -l)" = 2 ] || fail 'the killed worker came back'
tail -n 3 "$work/disturbed"

errs "$work/calm"
errs "$work/disturbed"
diff "$work/calm.errs" "$work/disturbed.errs" || fail 'the errs differ'
say 'a report in the volume'
status=0
enqueue run --quiet --format json=/reports/report.json >/dev/null || status=$?
[ "$status" = 1 ] || fail "enqueue run with a report under /reports exited $status, not 1"
container=$(docker create --volume "${COMPOSE_PROJECT_NAME}_reports:/reports" "muster:$MUSTER_TAG")
docker cp "$container:/reports/report.json" "$work/report.json" >/dev/null || fail 'the report is not in the volume'
docker rm "$container" >/dev/null
grep -q '"schema": "muster.report/v1"' "$work/report.json" || fail 'the report in the volume is none'

say "complete, with the same errs"
