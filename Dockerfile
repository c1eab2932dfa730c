# Sequencer and miner in one image: `docker build -t heurist .`, then `docker run heurist sequencer` or `... miner`.
FROM node:24-slim AS build
WORKDIR /source
COPY . .
RUN npm run -s pnpm -- install --frozen-lockfile \
 && npm run -s pnpm -- exec turbo run build --filter=@heurist/cli... \
 && node deploy/assemble.mjs /app

FROM node:24-slim
ENV NODE_ENV=production HEURIST_HOST=0.0.0.0 HEURIST_DATA_DIR=/data HEURIST_LOG_FORMAT=json
COPY --from=build /app /app
# the only place that is written to; the rest of the file system can be read-only
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
WORKDIR /data
EXPOSE 8787
# `docker stop` sends SIGTERM: what is in flight has eight of the ten seconds to end
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["sequencer"]
