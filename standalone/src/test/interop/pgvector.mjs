// Runs the example pgvector as a user would, against a PostgreSQL with pgvector in this process, and prints what the
// table holds after each group as JSON: node pgvector.mjs FOLDER GROUP,... QUERY-VECTOR [the example's options...]
import { spawn } from 'node:child_process';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const [folder, groups, query, ...options] = process.argv.slice(2);
const database = await PGlite.create({ dataDir: folder, extensions: { vector } });
const server = new PGLiteSocketServer({ db: database, port: 0, host: '127.0.0.1' });
await server.start();
const port = server.getServerConn().split(':').pop();
const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
const runs = [];
for (const group of groups.split(',')) {
  const command = ['follow.mjs', '--database', url, '--group', group, ...options];
  const example = spawn('node', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  example.stdout.on('data', (data) => (said += data));
  const exit = await new Promise((resolve) => example.on('close', resolve));
  runs.push({ group, exit, said: said.trim(), ...(await table()) });
}
await server.stop();
await database.close();
console.log(JSON.stringify(runs));
process.exit(0);

async function table() {
  const { rows } = await database.query(
    `SELECT id, embedding::text AS vector, model_id, model_version, label, source, captured_at, embedded_at
     FROM adasim_embeddings ORDER BY id`,
  );
  const nearest = await database.query(
    'SELECT id FROM adasim_embeddings WHERE model_id = $2 ORDER BY embedding <=> $1::vector LIMIT 5',
    [query, 'model'],
  );
  return { rows, nearest: nearest.rows.map((row) => row.id) };
}
