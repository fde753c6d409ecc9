// Makes the same calls with two clients from npm against the server at a URL and prints one line per call: its name and
// what came of it. What differs between two runs of one server, like identifiers, is left out.
import captain from 'wiremock-captain';
import rest from 'wiremock-rest-client';

const base = process.argv[2];
process.exit = (code) => { throw new EvalError(`exit ${code}`); }; // what wiremock-rest-client does with a refusal

const sorted = (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v);
const plain = (v) => JSON.stringify(v === undefined ? 'done' : v, sorted)
  .replaceAll(base, 'BASE').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID');

// late ends a call whose client neither answers nor throws.
const late = () => new Promise((_, fail) => setTimeout(fail, 2000, new RangeError('no answer')));

async function call(name, what) {
  let result;
  try {
    result = plain(await Promise.race([what(), late()]));
  } catch (e) {
    result = `throws ${e.constructor.name}`;
  }
  console.log(`${name}\t${result}`);
}

const keys = (v) => Object.keys(v).sort();
const send = async (path, init) => {
  const a = await fetch(base + path, init);
  const stubbed = a.headers.has('matched-stub-id');
  return [stubbed ? a.status : 0, stubbed ? await a.text() : ''];
};

async function restClient() {
  const { mappings, requests, scenarios, global, recordings } = new rest.WireMockRestClient(base, { logLevel: 'silent' });
  const stub = { request: { method: 'GET', urlPath: '/r1' }, response: { status: 200, jsonBody: { a: 1 }, headers: { 'X-A': 'b' } }, metadata: { owner: 'ada' }, name: 'one' };
  await call('rest: delete mappings', () => mappings.deleteAllMappings());
  await call('rest: delete requests', () => requests.deleteAllRequests());
  let made;
  await call('rest: create', async () => { made = await mappings.createMapping(stub); return made; });
  await call('rest: create an unknown key', () => mappings.createMapping({ request: { urll: '/x' }, response: {} }));
  await call('rest: all', () => mappings.getAllMappings());
  await call('rest: get', () => mappings.getMapping(made.id));
  await call('rest: get none', () => mappings.getMapping('11111111-2222-4333-8444-000000000000'));
  await call('rest: send', () => send('/r1'));
  await call('rest: update', () => mappings.updateMapping(made.id, { ...stub, response: { status: 202, body: 'changed' } }));
  await call('rest: send again', () => send('/r1'));
  await call('rest: find by metadata', async () => (await mappings.findByMetaData({ matchesJsonPath: '$.owner' })).mappings.length);
  await call('rest: count', () => requests.getCount({ method: 'GET', urlPath: '/r1' }));
  await call('rest: find', async () => (await requests.findRequests({ method: 'GET', urlPath: '/r1' })).requests.map((r) => [r.url, r.method, keys(r).filter((k) => k !== 'id')]));
  await call('rest: all requests', async () => (await requests.getAllRequests()).requests.map((e) => [keys(e), keys(e.timing), e.wasMatched, e.stubMapping.name, e.responseDefinition]));
  await call('rest: get request', async () => { const all = await requests.getAllRequests(); return (await requests.getRequest(all.requests[0].id)).request.url; });
  await call('rest: no request', () => requests.getRequest('11111111-2222-4333-8444-000000000000'));
  await call('rest: send an unmatched one', () => send('/r2'));
  await call('rest: unmatched', async () => (await requests.getUnmatchedRequests()).requests.map((r) => r.url));
  await call('rest: unmatched near misses', async () => (await requests.getUnmatchedNearMisses()).nearMisses.map((n) => [n.request.url, n.stubMapping.name, keys(n), keys(n.matchResult)]));
  await call('rest: near misses by request', async () => (await requests.getNearMissesByRequest({ url: '/r3', absoluteUrl: `${base}/r3`, method: 'GET' })).nearMisses.map((n) => [n.request.url, n.stubMapping.name]));
  await call('rest: near misses by pattern', async () => (await requests.getNearMissesByRequestPattern({ urlPath: '/r4', method: 'GET' })).nearMisses.map((n) => [n.request.url, n.requestPattern]));
  await call('rest: remove requests by metadata', async () => (await requests.removeRequestsByMetadata({ matchesJsonPath: '$.owner' })).serveEvents.length);
  await call('rest: remove requests', async () => (await requests.removeRequests({ method: 'ANY' })).serveEvents.map((e) => e.request.url));
  await call('rest: scenario', () => mappings.createMapping({ request: { urlPath: '/r5' }, response: { status: 200 }, scenarioName: 's', requiredScenarioState: 'Started', newScenarioState: 'next' }));
  await call('rest: send scenario', () => send('/r5'));
  await call('rest: scenarios', async () => (await scenarios.getAllScenarios()).scenarios.map((s) => [s.id, s.name, s.state, [...s.possibleStates].sort(), s.mappings.length, keys(s)]));
  await call('rest: set state', () => scenarios.setScenarioState('s', 'next'));
  await call('rest: set an unknown state', () => scenarios.setScenarioState('s', 'no'));
  await call('rest: set an unknown scenario', () => scenarios.setScenarioState('none', 'no'));
  await call('rest: reset scenarios', () => scenarios.resetAllScenarios());
  await call('rest: save', () => mappings.saveAllMappings());
  await call('rest: remove by metadata', () => mappings.removeByMetaData({ matchesJsonPath: '$.owner' }));
  await call('rest: delete', async () => { const all = await mappings.getAllMappings(); return mappings.deleteMapping(all.mappings[0].id); });
  await call('rest: settings', () => global.updateGlobalSettings({ fixedDelay: 1 }));
  await call('rest: recording status', async () => keys(await recordings.getRecordingStatus()));
  await call('rest: reset mappings', () => mappings.resetAllMappings());
  await call('rest: reset', () => global.resetAll());
  await call('rest: left', async () => (await requests.getAllRequests()).requests.length);
  await call('rest: clear', () => mappings.deleteAllMappings());
}

async function captainClient() {
  const mock = new captain.WireMock(base);
  await call('captain: clear', async () => (await mock.clearAll()).length);
  let made;
  await call('captain: register', async () => { made = await mock.register({ method: 'POST', endpoint: '/c1', body: { k: 'v' } }, { status: 201, body: { ok: true } }); return made; });
  await call('captain: send', () => send('/c1', { method: 'POST', body: '{"k":"v"}', headers: { 'Content-Type': 'application/json' } }));
  await call('captain: send another body', () => send('/c1', { method: 'POST', body: '{"k":"w"}' }));
  await call('captain: query and headers', () => mock.register({ method: 'GET', endpoint: '/c2', headers: { 'X-A': 'b' }, queryParameters: { q: '1' } }, { status: 200, body: 'text', headers: { 'X-Own': 'c' } },
    { requestEndpointFeature: captain.EndpointFeature.UrlPath, responseBodyType: captain.BodyType.Body, stubPriority: 2 }));
  await call('captain: send these', () => send('/c2?q=1', { headers: { 'X-A': 'b' } }));
  await call('captain: delayed', () => mock.register({ method: 'GET', endpoint: '/c3' }, { status: 200, body: {} }, { fixedDelayInMilliseconds: 5, responseTransformers: ['response-template'] }));
  await call('captain: send it', () => send('/c3'));
  await call('captain: fault', () => mock.register({ method: 'GET', endpoint: '/c4' }, { status: 200 }, { fault: captain.WireMockFault?.EMPTY_RESPONSE }));
  await call('captain: scenario', () => mock.register({ method: 'GET', endpoint: '/c5' }, { status: 200, body: { n: 1 } }, { scenario: { scenarioName: 's', requiredScenarioState: 'Started', newScenarioState: 'two' } }));
  await call('captain: send scenario', () => send('/c5'));
  await call('captain: scenarios', async () => (await mock.getAllScenarios()).map((s) => [s.name, s.state]));
  await call('captain: all mappings', async () => (await mock.getAllMappings()).map((m) => [m.request, m.response]));
  await call('captain: get mapping', async () => keys(await mock.getMapping(made.id)));
  await call('captain: all requests', async () => (await mock.getAllRequests()).map((e) => [e.request.url, e.wasMatched]));
  await call('captain: requests for', async () => (await mock.getRequestsForAPI('POST', '/c1')).length);
  await call('captain: unmatched', async () => (await mock.getUnmatchedRequests()).map((r) => r.url));
  await call('captain: metadata', async () => { await mock.register({ method: 'GET', endpoint: '/c6', metadata: { a: 'b' } }, { status: 200 }); return (await mock.findMappingByMetadata({ expression: '$.a' }, 'matchesJsonPath')).length; });
  await call('captain: delete', async () => (await mock.deleteMapping(made.id)).status);
  await call('captain: reset scenarios', async () => (await mock.resetAllScenarios()).status);
  await call('captain: reset mappings', async () => (await mock.resetMappings()).status);
  await call('captain: clear requests', async () => (await mock.clearAllRequests()).status);
  await call('captain: clear mappings', async () => (await mock.clearAllMappings()).status);
}

// raw makes a request to the admin API and returns status and body of its answer, texts of errors left out.
async function raw(method, path, body) {
  const a = await fetch(`${base}/__admin${path}`, { method, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const text = await a.text();
  if (a.status >= 400) return [a.status, JSON.parse(text || '{}').errors?.map((e) => [e.code, e.source?.pointer ?? ''])];
  return [a.status, text && (a.headers.get('content-type') ?? '').startsWith('application/json') ? JSON.parse(text) : text];
}

// plainHTTP sends what clients without a library send, and the bodies of go-wiremock.
async function plainHTTP() {
  const id = '22222222-2222-4333-8444-555555555555';
  const stub = (request, response = { status: 200 }) => ({ uuid: id, id, request: { method: 'GET', ...request }, response });
  await call('http: clear', () => raw('DELETE', '/mappings'));
  await call('http: forget', () => raw('DELETE', '/requests'));
  for (const [name, request, path, headers] of [
    ['template', { urlPathTemplate: '/h/{id}', pathParameters: { id: { matches: '[0-9]+' } } }, '/h/12'],
    ['logical', { urlPath: '/h', headers: { 'X-A': { and: [{ contains: 'a' }, { not: { equalTo: 'b' } }] } } }, '/h', { 'X-A': 'ab' }],
    ['or', { urlPath: '/h', queryParameters: { q: { or: [{ equalTo: '1' }, { absent: true }] } } }, '/h'],
    ['bearer token', { urlPath: '/h', headers: { Authorization: { and: [{ matches: '^(?i)Bearer .*' }, { contains: 'abc' }] } } }, '/h', { Authorization: 'Bearer abc' }],
    ['basic auth', { urlPath: '/h', basicAuthCredentials: { username: 'u', password: 'p' } }, '/h', { Authorization: 'Basic dTpw' }],
    ['host', { urlPath: '/h', host: { matches: '.+' }, scheme: 'http' }, '/h'],
    ['has exactly', { urlPath: '/h', queryParameters: { q: { hasExactly: [{ equalTo: '1' }, { contains: '2' }] } } }, '/h?q=1&q=22'],
    ['includes', { urlPath: '/h', queryParameters: { q: { includes: [{ equalTo: '1' }] } } }, '/h?q=1&q=3'],
    ['does not contain', { urlPath: '/h', headers: { 'X-A': { doesNotContain: 'z' } } }, '/h', { 'X-A': 'ab' }],
  ]) {
    await raw('DELETE', `/mappings/${id}`);
    await call(`http: ${name}`, () => raw('POST', '/mappings', stub(request, { status: 200, body: name })));
    await call(`http: ${name}: send`, () => send(path, { headers }));
    await call(`http: ${name}: count`, async () => (await raw('POST', '/requests/count', { method: 'GET', ...request }))[1].count > 0);
  }
  await call('http: the same identifier', () => raw('POST', '/mappings', stub({ urlPath: '/h' })));
  await call('http: delete', () => raw('DELETE', `/mappings/${id}`));
  await call('http: a broken body', () => raw('POST', '/mappings', '{nope'));
  await call('http: an unknown key of a request', () => raw('POST', '/mappings', stub({ foo: 1 })));
  await call('http: an unknown key of a response', () => raw('POST', '/mappings', stub({}, { statuss: 1 })));
  await call('http: an unknown condition', () => raw('POST', '/mappings', stub({ bodyPatterns: [{ foo: 'x' }] })));
  await call('http: an expression that is none', () => raw('POST', '/mappings', stub({ bodyPatterns: [{ matches: '(' }] })));
  await call('http: an identifier that is none', () => raw('GET', '/mappings/xx'));
  await call('http: a request that is none', () => raw('GET', '/requests/xx'));
  await call('http: count an unknown key', () => raw('POST', '/requests/count', { urlPatht: 'x' }));
  await call('http: count all', () => raw('POST', '/requests/count', {}).then((a) => [a[0], keys(a[1])]));
  await call('http: unmatched', () => raw('GET', '/requests/unmatched').then((a) => [a[0], keys(a[1])]));
  await call('http: import', () => raw('POST', '/mappings/import', { mappings: [stub({ urlPath: '/h' })] }));
  await call('http: unmatched stubs', () => raw('GET', '/mappings/unmatched'));
  await call('http: remove unmatched stubs', () => raw('DELETE', '/mappings/unmatched'));
  await call('http: list', () => raw('GET', '/mappings'));
  await call('http: page', () => raw('GET', '/mappings?limit=1&offset=0'));
  await call('http: put a file', () => raw('PUT', '/files/h.txt', 'from a file'));
  await call('http: files', () => raw('GET', '/files'));
  await raw('DELETE', '/mappings');
  await call('http: body from a file', () => raw('POST', '/mappings', stub({ urlPath: '/h' }, { status: 200, bodyFileName: 'h.txt' })));
  await call('http: body from a file: send', () => send('/h'));
  await call('http: delete the file', () => raw('DELETE', '/files/h.txt'));
  await call('http: scenario that is none', () => raw('PUT', '/scenarios/none/state', { state: 'x' }));
  await call('http: health', () => raw('GET', '/health').then((a) => [a[0], keys(a[1])]));
  await call('http: version', () => raw('GET', '/version').then((a) => [a[0], keys(a[1])]));
  await call('http: a path that is none', () => raw('GET', '/nope').then((a) => a[0]));
  await call('http: clear again', () => raw('DELETE', '/mappings'));
}

await restClient();
await captainClient();
await plainHTTP();
process.reallyExit(0);
