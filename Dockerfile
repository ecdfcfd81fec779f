# Both commands in one image without a shell: docker-compose.yml says which one a
# container runs. The caches of modules and of compiled packages outlive a build, which
# needs BuildKit: it is what `docker build` uses from Docker 23 on, and before with
# DOCKER_BUILDKIT=1.
FROM golang:1.26 AS build
WORKDIR /out/reports
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=unreleased
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=${VERSION}" -o /out/bin/ ./cmd/enqueue ./cmd/worker

FROM scratch
ARG VERSION=unreleased
LABEL org.opencontainers.image.title=muster org.opencontainers.image.version=${VERSION}
# For rediss:// addresses.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/bin/ /usr/local/bin/
# Where reports may be written to: a new volume takes over whose folder this is.
COPY --from=build --chown=65532:65532 /out/reports/ /reports/
USER 65532:65532
CMD ["enqueue", "--help"]
