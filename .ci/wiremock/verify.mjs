// Verifies requests to a fake with a WireMock client. Run it as
//   npm install --no-save wiremock-captain && mockserver exec -- node verify.mjs
import assert from 'node:assert/strict';
import captain from 'wiremock-captain';

const mock = new captain.WireMock(process.env.MOCKSERVER_URL);
const kickflow = process.env.KICKFLOW_API_BASE_URL;
const headers = { Authorization: `Bearer ${process.env.KICKFLOW_API_CREDENTIAL}` };

await mock.clearAllRequests();
assert.equal((await fetch(`${kickflow}/v1/users?page=1`, { headers })).status, 200);
assert.equal((await fetch(`${kickflow}/v1/uzers`, { headers })).status, 404);

const all = await mock.getAllRequests();
assert.equal(all.length, 2);

const [users, ...more] = await mock.getRequestsForAPI('GET', '/v1/users?page=1');
assert.equal(more.length, 0);
assert.equal(users.request.absoluteUrl, `${kickflow}/v1/users?page=1`);
assert.equal(users.request.headers.Authorization, 'Bearer REDACTED');
assert.equal(users.responseDefinition.status, 200);
assert.equal(users.subEvents[0].data.operation, 'listUsers');

const [unmatched, ...others] = await mock.getUnmatchedRequests();
assert.equal(others.length, 0);
assert.equal(unmatched.url, '/v1/uzers');

await mock.clearAllRequests();
assert.deepEqual(await mock.getAllRequests(), []);
console.log('wiremock-captain reads the journal');
