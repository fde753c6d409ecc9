#!/usr/bin/env node
// Runs the binary of mockserver for this platform: downloaded once, checked, and kept in the user's cache.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';

const version = '<<.Version>>';
const sums = {
<<- range $name, $sum := .Sums>>
  '<<$name>>': '<<$sum>>',
<<- end>>
};
const system = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch];
const ending = system === 'windows' ? 'zip' : 'tar.gz';
const downloads = process.env.MOCKSERVER_DOWNLOADS || `https://github.com/afba07b5/mockserver/releases/download/v${version}`;

function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  if (system === 'windows') return process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  return join(homedir(), system === 'darwin' ? 'Library/Caches' : '.cache');
}

async function install(binary) {
  const platform = `${system}_${cpu}.${ending}`;
  const url = `${downloads}/mockserver_${version}_${platform}`;
  if (!sums[platform]) throw new Error(`no release of ${version} for ${process.platform} on ${process.arch}`);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const archive = Buffer.from(await answer.arrayBuffer());
  const sum = createHash('sha256').update(archive).digest('hex');
  if (sum !== sums[platform]) throw new Error(`${url} has the SHA-256 ${sum}, expected ${sums[platform]}`);
  await mkdir(dirname(dirname(binary)), { recursive: true });
  const folder = await mkdtemp(`${dirname(binary)}-`);
  try {
    await writeFile(join(folder, 'archive'), archive);
    // tar of Windows reads zip as well
    const unpacked = spawnSync('tar', ['-xf', join(folder, 'archive'), '-C', folder], { stdio: 'inherit' });
    if (unpacked.status !== 0) throw new Error('tar could not unpack the archive');
    await rm(join(folder, 'archive'));
    await rename(folder, dirname(binary)).catch((problem) => {
      if (!existsSync(binary)) throw problem; // else another process was first
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let binary = process.env.MOCKSERVER_BINARY;
try {
  if (!binary) {
    binary = join(cacheFolder(), 'mockserver', version, system === 'windows' ? 'mockserver.exe' : 'mockserver');
    if (!existsSync(binary)) await install(binary);
  }
} catch (problem) {
  console.error(`mockserver: ${problem.message}`);
  process.exit(1);
}
const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('error', (problem) => {
  console.error(`mockserver: ${problem.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
