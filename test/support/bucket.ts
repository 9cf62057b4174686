import { createHash } from 'node:crypto';
import { vi } from 'vitest';

interface Version {
  readonly Key: string;
  readonly VersionId: string;
  readonly text: string;
}

const NAME = 'audit-bucket';

const refused = (status: number, code: string): Response =>
  new Response(`<Error><Code>${code}</Code></Error>`, { status });

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const element = (name: string, value: string | number | boolean): string =>
  `<${name}>${escaped(String(value))}</${name}>`;

const isLocked = (headers: Headers, text: string): boolean =>
  headers.get('x-amz-checksum-sha256') === createHash('sha256').update(text).digest('base64');

/** The bucket of signed heads in memory, as `fetch` meets it: what is put stays, as under Object Lock, and is listed by name. */
export class Bucket {
  readonly versions: Version[] = [];
  /** How many versions one list tells at most. */
  pageSize = 1_000;

  constructor() {
    const others = globalThis.fetch;
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubGlobal('fetch', async (input: URL | string, init: RequestInit = {}) => {
      const url = new URL(input);
      return url.host.startsWith(`${NAME}.s3.`) ? this.answer(url, init) : others(input, init);
    });
  }

  /** What somebody puts there. @returns the version */
  put(Key: string, text: string): string {
    const VersionId = `v${this.versions.length}`;
    this.versions.push({ Key, VersionId, text });
    return VersionId;
  }

  private answer(url: URL, { method, body, ...init }: RequestInit): Response {
    const [headers, query] = [new Headers(init.headers), url.searchParams];
    if (!headers.get('authorization')?.startsWith('AWS4-HMAC-SHA256 ')) return refused(403, 'AccessDenied');
    const key = decodeURIComponent(url.pathname.slice(1));
    if (method === 'PUT') return this.putNew(key, headers, String(body));
    if (query.has('versions')) return new Response(this.list(query));
    const found = this.versions.find((each) => each.Key === key && each.VersionId === query.get('versionId'));
    return found ? new Response(found.text) : refused(404, 'NoSuchVersion');
  }

  private putNew(key: string, headers: Headers, text: string): Response {
    if (!isLocked(headers, text)) return refused(400, 'InvalidRequest');
    const isThere = this.versions.some((each) => each.Key === key);
    if (headers.get('if-none-match') === '*' && isThere) return refused(412, 'PreconditionFailed');
    return new Response('', { headers: { 'x-amz-version-id': this.put(key, text) } });
  }

  private list(query: URLSearchParams): string {
    const all = this.versions
      .filter(({ Key }) => Key.startsWith(query.get('prefix') ?? ''))
      .sort((a, b) => (a.Key < b.Key ? -1 : 1));
    const [key, version] = [query.get('key-marker'), query.get('version-id-marker')];
    const start = all.findIndex((each) => each.Key === key && each.VersionId === version) + 1;
    const size = Math.min(this.pageSize, Number(query.get('max-keys') ?? this.pageSize));
    const page = all.slice(start, start + size);
    const last = page.at(-1);
    const more = start + size < all.length && last !== undefined;
    const listed = page.map(
      ({ Key, VersionId }) => `<Version>${element('Key', Key)}${element('VersionId', VersionId)}</Version>`,
    );
    const next = more ? element('NextKeyMarker', last.Key) + element('NextVersionIdMarker', last.VersionId) : '';
    const told = `${element('Name', NAME)}${element('IsTruncated', more)}${next}${listed.join('')}`;
    return `<?xml version="1.0"?>\n<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${told}</ListVersionsResult>`;
  }
}
