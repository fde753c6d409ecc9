// Compares the code that generators make of the fake's schemas with that of the recorded ones: see run.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import * as types from '@graphql-codegen/typescript';
import { buildClientSchema, buildSchema, getIntrospectionQuery, parse, printSchema } from 'graphql';
import OpenAPI from 'openapi-typescript-codegen';

const [recorded, work] = process.argv.slice(2);
const { TWENTY_URL: url, TWENTY_TOKEN: token } = process.env;
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

// recordedSchema reads a recorded introspection: a line for each type, then one for each of its members.
function recordedSchema() {
  const keywords = { OBJECT: 'type', INPUT_OBJECT: 'input', ENUM: 'enum', SCALAR: 'scalar' };
  const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);
  const lines = zlib.gunzipSync(fs.readFileSync(path.join(recorded, 'graphql-schema.txt.gz'))).toString().split('\n');
  let sdl = '';
  let members = [];
  const close = () => {
    if (members.length > 0) sdl += ` {\n${members.join('\n')}\n}`;
    members = [];
  };
  let skipped = false;
  for (const line of lines.filter(Boolean)) {
    if (line.startsWith('\t')) {
      const [name, type, ...args] = line.trim().split(' ');
      const list = args.length > 0 ? `(${args.map((a) => a.replace(':', ': ')).join(', ')})` : '';
      if (!skipped) members.push(type ? `${name}${list}: ${type}` : name);
      continue;
    }
    close();
    const [kind, name] = line.split(' ');
    skipped = builtIn.has(name) || name.startsWith('__');
    if (!skipped) sdl += `\n${keywords[kind]} ${name}`;
  }
  close();
  return buildSchema(sdl);
}

async function servedSchema() {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST', headers, body: JSON.stringify({ query: getIntrospectionQuery() }),
  });
  return buildClientSchema((await answer.json()).data);
}

// documents use each kind of root field once.
const documents = [{
  location: 'documents.graphql',
  document: parse(`
    query Companies($filter: CompanyFilterInput, $orderBy: [CompanyOrderByInput]) {
      companies(filter: $filter, orderBy: $orderBy, first: 2) { totalCount edges { cursor node { id name people { edges { node { name { firstName } } } } } } }
    }
    query Person($filter: PersonFilterInput!) { person(filter: $filter) { emails { primaryEmail } company { name } } }
    query Groups($groupBy: [OpportunityGroupByInput!]!) { opportunitiesGroupBy(groupBy: $groupBy) { groupByDimensionValues totalCount } }
    mutation CreateTask($data: TaskCreateInput!) { createTask(data: $data) { id status dueAt } }
    mutation MergePeople($ids: [UUID!]!) { mergePeople(ids: $ids, conflictPriorityIndex: 0) { id } }`),
}];

async function generated(schema) {
  const text = await codegen({
    filename: 'generated.ts', schema: parse(printSchema(schema)), documents, config: {},
    plugins: [{ types: {} }, { operations: {} }], pluginMap: { types, operations },
  });
  return withoutComments(text);
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').split('\n').map((l) => l.trimEnd()).filter(Boolean);

// compare counts the lines that only one side has, and shows the first.
function compare(what, want, got) {
  const [a, b] = [new Set(want), new Set(got)];
  const missing = want.filter((line) => !b.has(line));
  const extra = got.filter((line) => !a.has(line));
  console.log(`${what}: ${want.length} lines of generated code, ${missing.length} missing, ${extra.length} extra`);
  for (const line of missing.slice(0, 10)) console.log(`  - ${line}`);
  for (const line of extra.slice(0, 10)) console.log(`  + ${line}`);
  return missing.length + extra.length === 0;
}

// client generates a client of a document, and returns its files but those that are the generator's own.
async function client(document, name) {
  const output = path.join(work, name);
  await OpenAPI.generate({ input: document, output, httpClient: 'fetch' });
  const lines = [];
  for (const file of fs.readdirSync(output, { recursive: true }).sort()) {
    if (!file.endsWith('.ts') || file.startsWith('core')) continue;
    for (const line of withoutComments(fs.readFileSync(path.join(output, file), 'utf8'))) lines.push(`${file}: ${line}`);
  }
  return lines;
}

let good = compare('graphql-codegen', await generated(recordedSchema()), await generated(await servedSchema()));
for (const name of ['core', 'metadata']) {
  const served = await (await fetch(`${url}/rest/open-api/${name}`, { headers })).json();
  const want = JSON.parse(fs.readFileSync(path.join(recorded, `openapi-${name}.json`), 'utf8'));
  good = compare(`openapi-typescript-codegen, ${name}`, await client(want, `${name}-recorded`),
    await client(served, `${name}-served`)) && good;
}
process.exit(good ? 0 : 1);
