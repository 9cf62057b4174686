import type { Verb } from '../command-tree.ts';
import { printValue } from '../output.ts';
import { sheet } from '../table.ts';

const label = (key: string): string => key.replace(/([A-Z])/g, ' $1').replace(/^./, (letter) => letter.toUpperCase());

/** `reconcile`: the plane compares and repairs its rows now, and tells what it met; it never deletes. */
export const reconcile: Verb = async (session) => {
  const found = await session.client.call('POST /v1/reconcile');
  const page = () =>
    sheet(
      Object.entries(found).map(([key, value]) => [
        label(key),
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
      (text) => session.paint('bold', text),
    );
  await printValue(session, found, page);
  return undefined;
};
