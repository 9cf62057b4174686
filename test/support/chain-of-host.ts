import { createHash } from 'node:crypto';

const LINKS = 1000;

/** A host's chain of hashes over its secret, the last link at its end (novacron_host/identity.py); not the secret itself. */
export const chainOf = (secret: string): string[] => {
  const links: string[] = [];
  for (let link = secret; links.length < LINKS; links.push(link)) {
    link = createHash('sha256').update(link).digest('hex');
  }
  return links;
};
