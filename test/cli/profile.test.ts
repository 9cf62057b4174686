import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPlane } from '../../cli/profile.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let home: string;
let env: Record<string, string>;

beforeEach(async () => {
  plane = await startPlane();
  home = mkdtempSync(join(tmpdir(), 'novacron-'));
  env = { HOME: home, NOVACRON_HOME: join(home, 'plane') };
});
afterEach(async () => {
  rmSync(home, { recursive: true });
  await plane.close();
});

const configFile = (name: string) => join(home, '.config/novacron', name);
const startLocal = () => {
  mkdirSync(join(home, 'plane'));
  writeFileSync(join(home, 'plane/local.json'), JSON.stringify({ url: 'http://local', token: 'local-token' }));
};

describe('login', () => {
  it('stores a profile without its token, and the token for the owner alone', async () => {
    const { code, out } = await type(`login --url ${plane.url}/ --token s3cret`, { env });
    expect({ code, out }).toEqual({ code: 0, out: `tester (admin in default) at ${plane.url}\n` });
    expect(readFileSync(configFile('config.json'), 'utf8')).not.toContain('s3cret');
    expect(statSync(configFile('tokens.json')).mode & 0o777).toBe(0o600);
    await type('me', { env });
    expect(plane.seen.at(-1)?.authorization).toBe('Bearer s3cret');
  });

  it('stores nothing where the plane does not know the token', async () => {
    plane.troubles = [{ status: 401 }];
    expect((await type(`login --url ${plane.url} --token wrong`, { env })).code).toBe(4);
    expect(() => readFileSync(configFile('config.json'))).toThrow('ENOENT');
  });

  it('keeps the other profiles', async () => {
    await type(`login --url ${plane.url} --token one --profile one`, { env });
    await type(`login --url ${plane.url} --token two --profile two`, { env });
    await type('me --profile one', { env });
    expect(plane.seen.at(-1)?.authorization).toBe('Bearer one');
  });
});

describe('the plane is found by', () => {
  const url = 'http://by-env';

  it('the local plane, where nothing else is said', () => {
    startLocal();
    expect(findPlane(env, undefined)).toMatchObject({ url: 'http://local', token: 'local-token', local: true });
  });

  it('the current profile before the local plane, and the local plane by its name', async () => {
    startLocal();
    await type(`login --url ${plane.url} --token one --profile one`, { env });
    expect(findPlane(env, undefined)).toMatchObject({ url: plane.url, token: 'one', local: false });
    expect(findPlane(env, 'local')).toMatchObject({ url: 'http://local' });
  });

  it('the environment before both, and --profile before all', async () => {
    startLocal();
    await type(`login --url ${plane.url} --token one --profile one`, { env });
    expect(findPlane({ ...env, NOVACRON_URL: url, NOVACRON_TOKEN: 't' }, undefined)).toMatchObject({ url, token: 't' });
    expect(findPlane({ ...env, NOVACRON_URL: url }, 'one')).toMatchObject({ url: plane.url });
  });

  it('no profile of an unknown name', async () => {
    await type(`login --url ${plane.url} --token one --profile staging`, { env });
    const { code, err } = await type('me --profile stagin', { env });
    expect(code).toBe(2);
    expect(err).toContain('There is no profile stagin. Did you mean staging?');
  });

  it('no file that is broken', async () => {
    mkdirSync(join(home, 'plane'));
    writeFileSync(join(home, 'plane/local.json'), '{');
    const { code, err } = await type('me', { env });
    expect(code).toBe(1);
    expect(err).toContain('local.json cannot be read as JSON.');
  });
});
