// Prints what each HTTP client of Node says of a host that is not intercepted, and what a socket of another protocol
// says, which no proxy concerns. A server of the test's own is reached.
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';

const failure = (name, error) => console.log(name, error.cause?.message || error.message || error);
const emitter = (name, started) => new Promise((done) => {
  started.on('error', (error) => { failure(name, error); done(); });
  started.on('response', async (answer) => {
    let body = '';
    for await (const part of answer) body += part;
    failure(name, body);
    done();
  });
});
const fetched = (name, url) => fetch(url).then((answer) => answer.text(), (error) => ({error}))
  .then((body) => failure(name, body.error || body));

await emitter('http', http.get('http://http.invalid:8080/'));
await emitter('http-without-agent', http.get({host: 'agent.invalid', path: '/', agent: false}));
await emitter('https', https.get('https://https.invalid:8443/'));
await emitter('http2', http2.connect('https://http2.invalid:8443'));
await fetched('fetch', 'https://fetch.invalid/');
await fetched('fetch-plain', 'http://plain.invalid:8000/');
const {Agent, request} = await import('undici');
await request('https://undici.invalid/', {dispatcher: new Agent()}).catch((error) => failure('undici', error));
await emitter('database', net.connect(5432, 'database.invalid'));

const server = http.createServer((_, response) => response.end('reached'));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
await fetched('this-machine', `http://127.0.0.1:${server.address().port}`);
await fetched('localhost', `http://localhost:${server.address().port}`);
server.close();
