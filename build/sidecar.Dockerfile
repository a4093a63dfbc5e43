# The sidecar. What a pod sets of NODE_OPTIONS replaces what is here.
# The bases come by digest and have no default: a release workflow looks them up and writes them into
# the release's notes.
ARG NODE_IMAGE
ARG RUNTIME_IMAGE

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund && node node_modules/esbuild/install.js
COPY . .
RUN node build/bundle.ts sidecar && mkdir -p /empty

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.source="https://github.com/frostgate/frostgate" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=0:0 /src/dist/images/sidecar /app
# Owned by the user, so that a new volume there is too.
COPY --from=build --chown=65532:65532 /empty /var/lib/frostgate
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=8 --max-old-space-size=192" \
    PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
USER 65532:65532
WORKDIR /app
ENTRYPOINT ["/nodejs/bin/node", "/app/main.mjs"]
