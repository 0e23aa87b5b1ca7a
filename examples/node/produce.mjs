// Sends image files to the topic images: node produce.mjs cats/tom.jpg dogs/rex.png
// The id of an image is its path; the name of its folder goes along as the label.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { parseArgs } from 'node:util';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    broker: { type: 'string', default: 'localhost:9092' },
    registry: { type: 'string', default: 'http://localhost:8081/apis/ccompat/v7' },
    prefix: { type: 'string', default: '' },
  },
});
if (files.length === 0) {
  console.error('usage: node produce.mjs [--broker HOST:PORT] [--registry URL] [--prefix P] FILE...');
  process.exit(2);
}

const MEDIA_TYPES = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.bmp': 'image/bmp',
};
// Files are read and sent in batches of about this size, so that any number of them fits in memory.
const BATCH_BYTES = 4 << 20;

const topic = `${options.prefix}images`;
const registry = new SchemaRegistry({ host: options.registry });
const kafka = new Kafka({
  clientId: 'adasim-example',
  brokers: options.broker.split(','),
  logLevel: logLevel.WARN,
});
// kafkajs' default partitioner agrees with Java's: an id has the same partition whoever sends it.
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

const schemaId = await imageSchema(`${topic}-value`);
await producer.connect();
try {
  let batch = [];
  let bytes = 0;
  for (const file of files) {
    const message = await record(file);
    batch.push(message);
    bytes += message.value.length;
    if (bytes >= BATCH_BYTES) {
      await producer.send({ topic, messages: batch });
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) {
    await producer.send({ topic, messages: batch });
  }
  console.log(`sent ${files.length} images to ${topic}`);
} finally {
  await producer.disconnect();
}

/** The id of the schema that the registry has for this subject; registers ours where it has none. */
async function imageSchema(subject) {
  try {
    return await registry.getLatestSchemaId(subject);
  } catch (error) {
    if (error.status !== 404) throw error;
    const avsc = new URL('../../schemas/src/main/avro/Image.avsc', import.meta.url);
    const schema = { type: SchemaType.AVRO, schema: await readFile(avsc, 'utf8') };
    const settings = { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
    return (await registry.register(schema, settings)).id;
  }
}

async function record(file) {
  const folder = basename(dirname(file));
  const image = {
    bytes: await readFile(file),
    mediaType: MEDIA_TYPES[extname(file).toLowerCase()] ?? '',
    capturedAt: Math.floor((await stat(file)).mtimeMs), // timestamp-millis
    source: dirname(file),
    label: folder === '' || folder === '.' ? null : folder,
    attributes: {},
  };
  return { key: file, value: await registry.encode(schemaId, image) };
}
