// Run with: mockserver exec -- npm test
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Companies } from './companies.js';

const admin = process.env.MOCKSERVER_ADMIN_URL;
const headers = { Authorization: `Bearer ${process.env.MOCKSERVER_ADMIN_TOKEN ?? ''}` };
let world; // of this file alone: its rows are nobody else's
let companies;

before(async () => {
  assert.ok(admin, 'no fakes; run: mockserver exec -- npm test');
  const made = await fetch(`${admin}/worlds`, { method: 'POST', headers, body: '{"seed":{"twenty":"empty"}}' });
  world = await made.json();
  companies = new Companies(world.urls.twenty, world.credentials.twenty[0].value);
});

after(() => fetch(`${admin}/worlds/${world.name}`, { method: 'DELETE', headers }));

test('a company is found by its name', async () => {
  const made = await companies.create('Analytical Engines');
  const found = await companies.named('Analytical Engines');
  assert.deepEqual(found.map((c) => c.id), [made.id]);
});

test('a failure of the server is an error', async () => {
  const rule = JSON.stringify({ fake: 'twenty', times: 1, fault: { status: 500 } });
  await fetch(`${admin}/worlds/${world.name}/faults`, { method: 'POST', headers, body: rule });
  await assert.rejects(companies.named('x'), /500/);
  assert.deepEqual(await companies.named('x'), []);
});
