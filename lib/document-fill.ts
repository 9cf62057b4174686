import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { ROOT } from './bundles.ts';
import { type Fill, filled } from './constructs/command-document.ts';
import { unitPackage } from './unit-package.ts';

/** What stands in the documents' `${Placeholder}`s: the installation, the host unit, and the parts that verbs share. */
export const documentFill = (installation: string): Fill & { readonly UnitVersion: string } => {
  const { version, base64 } = unitPackage(join(ROOT, 'ssm-documents', 'host-unit'));
  const own = { Installation: installation, UnitVersion: version, UnitPackage: base64 };
  const part = (file: string) => readFileSync(join(ROOT, 'ssm-documents', 'parts', file), 'utf8');
  const parameters = (file: string) => z.record(z.string(), z.unknown()).parse(filled(parse(part(file)), own));
  const command = parameters('command.yaml');
  const script = (...files: string[]) => files.map((file) => filled(part(file).trimEnd(), own)).join('\n');
  return {
    ...own,
    DoVerb: script('find-unit.sh', 'do-verb.sh'),
    AskUnit: script('find-unit.sh', 'ask-unit.sh'),
    InstallUnit: script('install-unit.sh'),
    ProveHost: filled(script('prove-host.sh'), { Program: Buffer.from(part('prove_host.py')).toString('base64') }),
    Command: command,
    VmCommand: { ...command, ...parameters('domain.yaml') },
  };
};
