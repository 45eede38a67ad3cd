# syntax=docker/dockerfile:1
# One binary in an image without a shell. Runs as nobody, on a read-only root; the only folder that it
# writes to is /var/lib/vestibule (SQLite), and with Redis not even that.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin vestibule \
 && install -D target/release/vestibule /out/vestibule \
 && install -d /out/data

# glibc, certificate authorities, a `nonroot` user, and nothing else.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/vestibule /usr/local/bin/vestibule
COPY --from=build --chown=65532:65532 /out/data /var/lib/vestibule
ENV VESTIBULE_CONFIG=/etc/vestibule/vestibule.toml
USER 65532:65532
VOLUME /var/lib/vestibule
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/usr/local/bin/vestibule", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/vestibule"]
CMD ["serve"]
