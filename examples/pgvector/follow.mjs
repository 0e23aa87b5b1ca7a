// Keeps the table adasim_embeddings of a PostgreSQL with pgvector equal to the topic embeddings:
// node follow.mjs [--database URL] [--idle SECONDS]
//
// A batch is written in one transaction, and its offsets are committed to Kafka afterwards. If this dies in between,
// the batch comes again and leaves the same rows. Started again, it goes on where it was; with a new --group it reads
// the whole topic again.
import { parseArgs } from 'node:util';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

const { values: options } = parseArgs({
  options: {
    broker: { type: 'string', default: 'localhost:9092' },
    registry: { type: 'string', default: 'http://localhost:8081/apis/ccompat/v7' },
    prefix: { type: 'string', default: '' },
    database: { type: 'string', default: 'postgres://postgres@localhost:5432/postgres' },
    group: { type: 'string', default: 'adasim-pgvector' },
    idle: { type: 'string', default: 'Infinity' }, // leave when nothing came for so many seconds
  },
});
const idle = Number(options.idle);
if (!(idle > 0)) {
  console.error(`--idle=${options.idle} must be a number of seconds above 0`);
  process.exit(2);
}

// The type vector without a dimension takes those of every model. There is no index: a query reads all rows of its
// model and is exact. From some 100,000 rows on build one for the model that is queried (README.md shows how).
const TABLE = `CREATE EXTENSION IF NOT EXISTS vector;
  CREATE TABLE IF NOT EXISTS adasim_embeddings (
    id text PRIMARY KEY, embedding vector NOT NULL, model_id text NOT NULL, model_version bigint NOT NULL,
    label text, source text NOT NULL, captured_at timestamptz NOT NULL, embedded_at timestamptz NOT NULL)`;
const UPSERT = `INSERT INTO adasim_embeddings
  SELECT * FROM unnest($1::text[], $2::vector[], $3::text[], $4::bigint[], $5::text[], $6::text[],
    $7::timestamptz[], $8::timestamptz[])
  ON CONFLICT (id) DO UPDATE SET (embedding, model_id, model_version, label, source, captured_at, embedded_at) =
    (EXCLUDED.embedding, EXCLUDED.model_id, EXCLUDED.model_version, EXCLUDED.label, EXCLUDED.source,
     EXCLUDED.captured_at, EXCLUDED.embedded_at)`;
const DELETE = 'DELETE FROM adasim_embeddings WHERE id = ANY($1::text[])';

const registry = new SchemaRegistry({ host: options.registry });
const kafka = new Kafka({ clientId: 'adasim-pgvector', brokers: options.broker.split(','), logLevel: logLevel.WARN });
const consumer = kafka.consumer({ groupId: options.group });
const database = new pg.Client({ connectionString: options.database });
let [upserted, deleted, lastMessage] = [0, 0, Infinity];

await database.connect();
await database.query(TABLE);
const end = new Promise((resolve, reject) => {
  database.on('error', reject);
  consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
  consumer.on(consumer.events.GROUP_JOIN, () => (lastMessage = Date.now()));
  setInterval(() => Date.now() - lastMessage > idle * 1000 && resolve(), 100);
  ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, resolve));
});
await consumer.connect();
await consumer.subscribe({ topic: `${options.prefix}embeddings`, fromBeginning: true });
// Several partitions take turns, as there is one connection; offsets are committed when a batch's write has returned.
await consumer.run({ eachBatchAutoResolve: true, eachBatch: ({ batch }) => write(batch.messages) });
await end.finally(() => consumer.disconnect()).finally(() => database.end());
console.log(`upserted ${upserted}, deleted ${deleted}`);
process.exit(0);

async function write(messages) {
  // The newest of each id: one statement must not write a row twice.
  const newest = new Map(messages.map(({ key, value }) => [key.toString(), value]));
  const deletions = [...newest].filter(([, value]) => value === null).map(([id]) => id);
  const rows = [];
  for (const [id, value] of newest) {
    if (value === null) continue;
    const e = await registry.decode(value);
    rows.push([
      id, `[${e.vector}]`, e.modelId, e.modelVersion, e.label, e.source, new Date(e.capturedAt), new Date(e.embeddedAt),
    ]);
  }
  try {
    await database.query('BEGIN');
    await database.query(UPSERT, [0, 1, 2, 3, 4, 5, 6, 7].map((column) => rows.map((row) => row[column])));
    await database.query(DELETE, [deletions]);
    await database.query('COMMIT');
  } catch (error) {
    await database.query('ROLLBACK').catch(() => {}); // the first error tells more
    throw error;
  }
  upserted += rows.length;
  deleted += deletions.length;
  lastMessage = Date.now();
}
