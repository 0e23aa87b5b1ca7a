// Prints the current embeddings as they come: node consume.mjs [--count N] [--json]
// Starts at the beginning of the compacted topic, so that every image is seen at least once.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';

const { values: options } = parseArgs({
  options: {
    broker: { type: 'string', default: 'localhost:9092' },
    registry: { type: 'string', default: 'http://localhost:8081/apis/ccompat/v7' },
    prefix: { type: 'string', default: '' },
    count: { type: 'string', default: 'Infinity' }, // leave after so many distinct ids
    json: { type: 'boolean', default: false }, // one object a line, with the whole vector
  },
});
const count = Number(options.count);
if (!(count >= 1)) {
  console.error(`--count=${options.count} must be a number of 1 or more`);
  process.exit(2);
}

const registry = new SchemaRegistry({ host: options.registry });
const kafka = new Kafka({
  clientId: 'adasim-example',
  brokers: options.broker.split(','),
  logLevel: logLevel.WARN,
});
// A group of its own, so that each run sees everything.
const consumer = kafka.consumer({ groupId: `adasim-example-${randomUUID()}` });
const seen = new Set();
const enough = deferred();

consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) enough.reject(payload.error);
});
await consumer.connect();
await consumer.subscribe({ topic: `${options.prefix}embeddings`, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    if (seen.size >= count) return;
    const id = message.key.toString();
    const embedding = message.value === null ? null : await registry.decode(message.value);
    print(id, embedding);
    seen.add(id);
    if (seen.size >= count) enough.resolve();
  },
});
try {
  await enough.promise;
} finally {
  await consumer.disconnect();
}

function print(id, embedding) {
  if (options.json) {
    console.log(JSON.stringify({ id, embedding }));
  } else if (embedding === null) {
    console.log(`${id}  deleted`);
  } else {
    // Compare vectors of the same modelId and modelVersion only.
    const first = embedding.vector.slice(0, 4).map((x) => x.toFixed(4));
    console.log(
      `${id}  model ${embedding.modelId} v${embedding.modelVersion}  ` +
        `[${first.join(', ')}, ...] of ${embedding.dimension}`,
    );
  }
}

function deferred() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}
