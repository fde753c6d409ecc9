// The conversation with axios, recorded by Polly, by nock and, with postman-collection, as saved responses.
import { writeFileSync, readdirSync, readFileSync, rmSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tmpdir } from "node:os";

const require = createRequire(join(process.cwd(), "x.js"));
const axios = require("axios");
const { BASE, OUT, KICKFLOW_ADMIN } = process.env;

async function ask(token, method, path, data) {
  return axios({ method, url: BASE + path, data, headers: { Authorization: "Bearer " + token }, validateStatus: () => true });
}

async function conversation() {
  const all = [];
  all.push(await ask("kickflow-admin-token", "get", "/v1/users?perPage=2&sortBy=email-asc"));
  all.push(await ask("kickflow-admin-token", "post", "/v1/grades", { name: "Recorded", level: 77 }));
  all.push(await ask("kickflow-admin-token", "get", "/v1/grades/" + all[1].data.id));
  all.push(await ask("kickflow-member-token", "post", "/v1/grades", { name: "Refused", level: 78 }));
  all.push(await ask("kickflow-revoked-token", "get", "/v1/users"));
  all.push(await ask("kickflow-admin-token", "get", "/v1/users/none"));
  return all;
}

const reset = () => axios.post(KICKFLOW_ADMIN + "/__admin/reset");

const { Polly } = require("@pollyjs/core");
Polly.register(require("@pollyjs/adapter-node-http"));
Polly.register(require("@pollyjs/persister-fs"));
const dir = mkdtempSync(join(tmpdir(), "polly-"));
const polly = new Polly("session", { adapters: ["node-http"], persister: "fs", persisterOptions: { fs: { recordingsDir: dir } }, recordFailedRequests: true, matchRequestsBy: { order: true } });
await conversation();
await polly.stop();
writeFileSync(join(OUT, "polly.har"), readFileSync(join(dir, readdirSync(dir)[0], "recording.har")));
rmSync(dir, { recursive: true });

await reset();
const nock = require("nock");
nock.recorder.rec({ output_objects: true, dont_print: true, enable_reqheaders_recording: true });
await conversation();
nock.recorder.play();
writeFileSync(join(OUT, "nock.json"), JSON.stringify(nock.recorder.play(), null, 1) + "\n");
nock.recorder.clear();
nock.restore();

await reset();
const sdk = require("postman-collection");
const collection = new sdk.Collection({ info: { name: "kickflow" }, variable: [{ key: "base", value: BASE }] });
for (const res of await conversation()) {
  const header = Object.entries(res.config.headers).filter(([, value]) => value).map(([key, value]) => ({ key, value: String(value) }));
  const request = { url: res.config.url.replace(BASE, "{{base}}"), method: res.config.method.toUpperCase(), header };
  if (res.config.data) request.body = { mode: "raw", raw: res.config.data };
  const body = JSON.stringify(res.data);
  const answer = { name: "saved", originalRequest: request, code: res.status, status: res.statusText, body };
  answer.header = Object.entries(res.headers).map(([key, value]) => ({ key, value: String(value) }));
  collection.items.add(new sdk.Item({ name: request.url, request, response: [answer] }));
}
const json = collection.toJSON();
json.info.schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
writeFileSync(join(OUT, "postman.json"), JSON.stringify(json, null, 1) + "\n");
