import { type Head, isSigned, signed } from '../domain/chain.ts';
import { checkChain } from '../domain/chain-check.ts';
import { logger, measure } from '../runtime/powertools.ts';
import { type SigningKey, signingKey } from '../runtime/signing-key.ts';
import * as chain from '../store/chain.ts';
import * as heads from '../store/heads.ts';
import * as projects from '../store/projects.ts';

/** More than anybody puts there by accident; the first that is ours counts. */
const HEADS_LOOKED_AT = 20;

/** What a warm function knows already of the bucket, whose objects nobody can change. */
const lastHeads = new Map<string, Head>();
let key: Promise<SigningKey> | undefined;

const ready = (): Promise<SigningKey> => {
  key ??= (async () => {
    const made = await signingKey();
    await heads.putKey(made.shown);
    return made;
  })().catch((error: unknown) => {
    key = undefined;
    throw error;
  });
  return key;
};

/** The newest head that a key of ours has signed. */
const lastHead = async (project: string): Promise<Head | undefined> => {
  const known = lastHeads.get(project);
  if (known) return known;
  const [{ items }, keys] = await Promise.all([heads.page(project, { limit: HEADS_LOOKED_AT }), heads.keys()]);
  return items.find((head) => head.project === project && isSigned(head, keys));
};

type Done = 'signed' | 'unmoved' | 'broken';

/** Checks what came since the last head, that entry among it, and signs how far the chain goes now. */
const sign = async (project: string, at: string): Promise<Done> => {
  const [last, newest] = [await lastHead(project), await chain.newest(project)];
  if (last) lastHeads.set(project, last);
  if (newest?.seq === last?.seq && newest?.hash === last?.hash) return 'unmoved';
  const { privateKey, shown } = await ready();
  const check = {
    project,
    heads: last ? [last] : [],
    keys: await heads.keys(),
    ...(last ? { after: { seq: last.seq - 1 } } : {}),
  };
  const verdict = await checkChain(chain.from(project, last?.seq ?? 1), check);
  if (verdict.faults.length > 0) {
    logger.error('an audit chain is broken, and not signed', { project, faults: verdict.faults.slice(0, 20) });
    return 'broken';
  }
  const { seq, hash } = verdict.last;
  const head = signed({ project, seq, hash, at, keyId: shown.keyId }, privateKey);
  await heads.put(head);
  lastHeads.set(project, head);
  return 'signed';
};

/** Each five minutes: signs the audit chains that have moved, and rings where one is not what it was. */
export const handler = async (): Promise<Record<Done, number>> => {
  const at = new Date().toISOString();
  const done: Record<Done, number> = { signed: 0, unmoved: 0, broken: 0 };
  for await (const project of projects.everyId()) done[await sign(project, at)] += 1;
  if (done.broken > 0) measure({ AuditChainBroken: done.broken });
  return done;
};
