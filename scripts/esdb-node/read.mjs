// Reads and follows an event log with EventStoreDB's Node client, and prints
// each event as a line of JSON.
//
//   node read.mjs URL [--stream NAME] [--prefix NAME-PREFIX] [--follow COUNT]
//
// It reads $all forwards, or the one stream, then the newest event backwards.
// With --follow it subscribes from the start, to the streams with the prefix if
// there is one, and goes on until it has heard of COUNT events. It says when the
// client hears that it is level with the log, which may be a few lines early: the
// client hands events over when they are asked for.
import { parseArgs } from "node:util";
import {
  BACKWARDS, END, EventStoreDBClient, FORWARDS, START, isCommandError, streamNameFilter,
} from "@eventstore/db-client";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { stream: { type: "string" }, prefix: { type: "string" }, follow: { type: "string" } },
});

const say = (what) =>
  console.log(JSON.stringify(what, (_, value) => (typeof value === "bigint" ? value.toString() : value)));

const sayEvent = (how, { event }) =>
  say({
    how, id: event.id, stream: event.streamId, revision: event.revision, type: event.type, created: event.created,
    commit: event.position.commit, prepare: event.position.prepare, data: event.data, metadata: event.metadata,
  });

async function read(client, stream) {
  const from = (options) => (stream ? client.readStream(stream, options) : client.readAll(options));
  const place = (at) => (stream ? { fromRevision: at } : { fromPosition: at });
  for await (const event of from({ direction: FORWARDS, ...place(START) })) sayEvent("read", event);
  for await (const event of from({ direction: BACKWARDS, maxCount: 1, ...place(END) })) sayEvent("newest", event);
}

async function follow(client, stream, prefix, count) {
  const checkpointReached = async (_, position) => say({ how: "checkpoint", ...position });
  const filter = prefix && streamNameFilter({ prefixes: [prefix], checkpointReached });
  const subscription = stream
    ? client.subscribeToStream(stream, { fromRevision: START })
    : client.subscribeToAll({ fromPosition: START, filter });
  subscription.on("caughtUp", () => say({ how: "caught up" }));
  for await (const event of subscription) {
    sayEvent("followed", event);
    if (--count === 0) break;
  }
  await subscription.unsubscribe();
}

const client = EventStoreDBClient.connectionString(positionals[0]);
try {
  await read(client, values.stream);
  if (values.follow) await follow(client, values.stream, values.prefix, Number(values.follow));
} catch (error) {
  if (!isCommandError(error)) throw error;
  say({ how: "failed", type: error.type });
} finally {
  await client.dispose();
}
