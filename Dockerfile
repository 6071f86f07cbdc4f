FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package asoca

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 asoca && install -d -o asoca /data
COPY --from=build /src/target/release/asoca /usr/local/bin/asoca
USER asoca
ENV ASOCA_DATA=/data ASOCA_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
CMD ["asoca", "serve"]
