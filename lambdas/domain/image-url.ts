import { Fault } from './faults.ts';
import { type Mirrors, NO_URL, urlRefusal } from './public-url.ts';

const refuse = (detail: string): never => {
  throw new Fault('ImageUrlRefused', `${detail}.`, { errors: [{ pointer: '/source', detail }] });
};

/** A private address is refused for want of a mirror, which whoever deploys may allow. */
const said = (refusal: string): string => {
  if (refusal === NO_URL) return 'the source is neither an absolute path on the hosts nor a URL';
  return refusal.endsWith('is a private address')
    ? `${refusal}, and not one of the allowed mirrors (context key imageMirrors)`
    : refusal;
};

/**
 * Refuses what no host should fetch for us. Names are resolved, and redirects followed, by the host, which checks each
 * address by the same rules. @throws ImageUrlRefused
 */
export const assertFetchable = (source: string, mirrors: Mirrors): void => {
  if (source.startsWith('/')) {
    if (/^(\/[A-Za-z0-9._@+-]+)+$/.test(source) && !source.split('/').includes('..')) return;
    refuse('a path is absolute, of letters, digits and ._@+-, without ..');
  }
  const refusal = urlRefusal(source, { what: 'images', mirrors });
  if (refusal !== undefined) refuse(said(refusal));
};
