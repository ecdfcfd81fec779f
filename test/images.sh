#!/usr/bin/env bash
# Makes the two base images of Dockerfile and docker-compose.yml from what this
# machine has installed, under the names that the files use, for a machine that
# can reach no registry. An image that is there already is left alone.
#
#   golang:1.26  the Go toolchain, a shell, certificates, and the modules of
#                go.sum as a module proxy in a folder
#   redis:7      redis-server and redis-cli with their libraries, and a shell
#
# Needs docker, Go, and redis-server 7.
set -euo pipefail
cd "$(dirname "$0")/.."

roots=$(mktemp -d)
trap 'chmod -R u+w "$roots"; rm -rf "$roots"' EXIT

say() { printf 'images: %s\n' "$*"; }

have() { docker image inspect "$1" >/dev/null 2>&1; }

# programs ROOT PROGRAM... copies programs and the libraries they are linked with.
programs() {
	local root=$1 program library
	shift
	for program in "$@"; do
		install -D "$(realpath "$program")" "$root$program"
		while read -r library; do
			[ -e "$root$library" ] || install -D "$library" "$root$library"
		done < <(ldd "$program" | grep -o '/[^ ]*')
	done
}

# import ROOT IMAGE CHANGE... makes an image of a folder.
import() {
	local root=$1 image=$2 change changes=()
	shift 2
	for change in "$@"; do
		changes+=(--change "$change")
	done
	tar -C "$root" -c . | docker import "${changes[@]}" - "$image" >/dev/null
	say "$image made from this machine"
}

golang() {
	local root=$roots/golang modules=$roots/modules goroot
	goroot=$(go env GOROOT)
	mkdir -p "$root"/{bin,go,root,usr/local/go,usr/share/go-proxy}
	mkdir -m 1777 "$root/tmp"
	programs "$root" /bin/sh
	install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
	cp -a "$goroot"/{VERSION,go.env,bin,lib,pkg,src} "$root/usr/local/go/"
	# What this machine has downloaded already is not downloaded again.
	GOMODCACHE=$modules GOPROXY="file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)" go mod download
	cp -a "$modules/cache/download/." "$root/usr/share/go-proxy/"
	import "$root" golang:1.26 \
		'ENV PATH=/usr/local/go/bin:/usr/bin:/bin' \
		'ENV GOPATH=/go' \
		'ENV GOTOOLCHAIN=local' \
		'ENV GOPROXY=file:///usr/share/go-proxy,https://proxy.golang.org' \
		'WORKDIR /go'
}

redis() {
	local root=$roots/redis
	case "$(redis-server --version)" in
	*v=7.*) ;;
	*)
		say "redis:7 needs redis-server 7, and this is $(redis-server --version)" >&2
		return 1
		;;
	esac
	mkdir -p "$root"/{data,tmp}
	programs "$root" /bin/sh /usr/bin/redis-server /usr/bin/redis-cli
	import "$root" redis:7 'ENV PATH=/usr/bin:/bin' 'WORKDIR /data' 'VOLUME /data' 'CMD ["redis-server"]'
}

for image in golang:1.26 redis:7; do
	if have "$image"; then
		say "$image is there"
	else
		"${image%%:*}"
	fi
done
