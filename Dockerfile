# A static binary and the certificates of public authorities, run by nobody in particular.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/lobby ./cmd/lobby \
 && mkdir -m 700 /out/data /out/files

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/lobby /lobby
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/files /files
USER 65532:65532
ENV LOBBY_DATA=/data
VOLUME ["/data", "/files"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/lobby", "healthcheck"]
ENTRYPOINT ["/lobby"]
CMD ["serve"]
